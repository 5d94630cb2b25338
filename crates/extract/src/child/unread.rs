//! Names formats that are known but not read, so that the owner of a document learns why it has no text.

use infer::MatcherType;

use super::compound::{self, Streams};
use super::package;

/// Formats, by the bytes at a place of their files.
const SIGNS: [(usize, &[u8], &str); 22] = [
    (0, b"\xffWPC", "WordPerfect"),
    (0, b"\xa1\x2f\xff\x43\xd9\xef\x76\x4c\x9e\xe2\x10\xea\x57\x22\x76\x5f", "OneNote table of contents"),
    (0, b"!BDN", "Outlook data file"),
    (0, b"\x78\x9f\x3e\x22", "Outlook attachment (winmail.dat)"),
    (4, b"Standard Jet DB", "Access"),
    (4, b"Standard ACE DB", "Access"),
    (0, b"\x31\xbe\0\0", "Word for DOS or Write"),
    (0, b"\xdb\xa5\x2d\0", "Word 2"),
    (0, b"\x09\0\x04\0", "Excel before 5"),
    (0, b"\x09\x02\x06\0", "Excel before 5"),
    (0, b"\x09\x04\x06\0", "Excel before 5"),
    (0, b"\x01\xfe", "Works"),
    (0, b"\xff\0\x02\0\x04\x04", "Works"),
    (0, b"\0\0\x02\0\x04\x04", "Lotus 1-2-3"),
    (0, b"\0\0\x02\0\x06\x04", "Lotus 1-2-3"),
    (0, b"\0\0\x1a\0", "Lotus 1-2-3"),
    (0, b"\0\0\x02\0\x20\x51", "Quattro Pro"),
    (0, b"\0\0\x02\0\x01\x10", "Quattro Pro"),
    (0, b"\0\0\x02\0\x02\x10", "Quattro Pro"),
    (4, b"BOBO", "AppleWorks"),
    (0, b"\x06\x06\xed\xf5\xd8\x1d\x46\xe5\xbd\x31\xef\xe7\xfe\x74\xb7\x1d", "InDesign"),
    (0, b"ITSF", "HTML Help"),
];

/// Formats, by a stream of their compound files.
const STREAMS: [(&str, &str); 11] = [
    ("VisioDocument", "Visio before 2013"),
    ("MatOST", "Works"),
    ("StarWriterDocument", "StarOffice"),
    ("StarCalcDocument", "StarOffice"),
    ("StarDrawDocument", "StarOffice"),
    ("StarDrawDocument3", "StarOffice"),
    ("NativeContent_MAIN", "Quattro Pro"),
    ("Props9", "Project"),
    ("Props12", "Project"),
    ("Props14", "Project"),
    ("PerfectOffice_MAIN", "Quattro Pro or Presentations"),
];

/// The name of the format of a document that is not read, if it is known. `bytes` may be only the beginning.
pub fn name(bytes: &[u8]) -> Option<String> {
    match bytes {
        _ if compound::is_compound(bytes) => name_of_compound(bytes).map(str::to_owned),
        // A zip archive that is not a known document has no name.
        _ if package::is_archive(bytes) => None,
        _ => name_by_signs(bytes),
    }
}

fn name_of_compound(bytes: &[u8]) -> Option<&'static str> {
    let file = Streams::open(bytes)?;
    STREAMS.iter().find(|(stream, _)| file.has(stream)).map(|(_, name)| *name)
}

/// Whether these are the first bytes of a format that is not read. A text may begin with the same letters.
pub fn is_known(bytes: &[u8]) -> bool {
    find_sign(bytes).is_some()
}

fn find_sign(bytes: &[u8]) -> Option<&'static str> {
    let begins = |at: usize, sign: &[u8]| bytes.get(at..).is_some_and(|rest| rest.starts_with(sign));
    SIGNS.iter().find(|(at, sign, _)| begins(*at, sign)).map(|(_, _, name)| *name)
}

/// The name of a document's format, or the usual ending of files that contain no document, such as `MP3`.
fn name_by_signs(bytes: &[u8]) -> Option<String> {
    find_sign(bytes).map(str::to_owned).or_else(|| {
        infer::get(bytes)
            .filter(|kind| !matches!(kind.matcher_type(), MatcherType::Doc | MatcherType::Text))
            .map(|kind| kind.extension().to_ascii_uppercase())
    })
}
