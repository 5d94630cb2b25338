//! Detects the format of a document by its content alone.

mod fragment;
mod tags;

use infer::MatcherType;

use super::package::Package;
use super::{
    archive, compound, dbf, eml, epub, iwork, onenote, package, pdf, plain, rtf, signed, unread, wordperfect,
};
use crate::protocol::Format;

/// The signs of a binary format are among so many first bytes.
const SIGN_BYTES: usize = 32;

/// Detects the format of a document. `bytes` may be only its beginning.
pub fn detect(bytes: &[u8]) -> Format {
    match bytes {
        _ if package::is_archive(bytes) => format_of_zip(bytes),
        _ if compound::is_compound(bytes) => compound::format_of_compound(bytes),
        // The first file of an archive may be a PDF, whose header is then near the beginning, too.
        _ if archive::is_archive(bytes) => Format::Archive,
        _ if pdf::find_header(bytes).is_some() => Format::Pdf,
        _ if rtf::is_rich_text(bytes) => Format::Rtf,
        _ if dbf::is_table(bytes) => Format::Dbf,
        _ if onenote::is_section(bytes) => Format::OneNote,
        _ if wordperfect::is_document(bytes) => Format::WordPerfect,
        _ if signed::is_envelope(bytes) => Format::Signed,
        _ => format_of_binary(bytes).unwrap_or_else(|| format_of_text(bytes)),
    }
}

/// Whether a document that begins with these bytes has no text that can be read, whatever follows.
pub fn is_without_text(start: &[u8]) -> bool {
    let is_archive = package::is_archive(start) || package::is_behind_head(start);
    let is_container = is_archive || compound::is_compound(start);
    !is_container && matches!(detect(start), Format::Image | Format::Unknown)
}

/// The format of a zip archive: a document that consists of several files, or an archive of any files.
fn format_of_zip(bytes: &[u8]) -> Format {
    let mut package = Package::open(bytes);
    match package::format_of_archive(&mut package) {
        Format::Unknown if epub::is_book(&mut package) => Format::Epub,
        Format::Unknown if iwork::is_document(&package) => Format::Iwork,
        Format::Unknown if archive::is_zip(&package) => Format::Archive,
        known => known,
    }
}

/// The format of a document that is not text. A picture, a program or a letter of an old word processor is
/// none even if most of its bytes look like text.
fn format_of_binary(bytes: &[u8]) -> Option<Format> {
    let start = bytes.get(..SIGN_BYTES).unwrap_or(bytes);
    let has_signs = start.iter().any(|byte| matches!(byte, 0..=8 | 0x0e..=0x1a));
    if (has_signs || !start.is_ascii()) && unread::is_known(bytes) {
        return Some(Format::Unknown);
    }
    match infer::get(bytes).map(|kind| kind.matcher_type()).filter(|_| has_signs) {
        Some(MatcherType::Image) => Some(Format::Image),
        // An attachment of a message may be kept as it is, although most are encoded as text.
        Some(MatcherType::Text) | None => {
            (plain::is_binary(bytes) && !eml::is_message(bytes)).then(|| format_behind_head(bytes))
        }
        Some(_) => Some(Format::Unknown),
    }
}

fn format_behind_head(bytes: &[u8]) -> Format {
    if package::is_behind_head(bytes) { format_of_zip(bytes) } else { Format::Unknown }
}

fn format_of_text(bytes: &[u8]) -> Format {
    if eml::is_message(bytes) { Format::Email } else { tags::format(bytes) }
}
