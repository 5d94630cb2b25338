//! Plain text: detects the encoding, and tells text from binary data.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// The encoding of a document is declared within this many bytes.
const DECLARATION_BYTES: usize = 1024;

/// Decodes a text. Bytes that cannot be decoded become U+FFFD.
pub fn decode(bytes: &[u8]) -> String {
    detect_encoding(bytes).decode(bytes).0.into_owned()
}

/// Whether the bytes are not text: more than one in 200 is a control character that does not occur in text.
/// UTF-16 is always text, although it contains zeros.
pub fn is_binary(bytes: &[u8]) -> bool {
    let foreign = |byte: &&u8| **byte < 0x20 && !b"\t\n\x0b\x0c\r\x1b".contains(*byte);
    detect_utf16(bytes).is_none() && bytes.iter().filter(foreign).count() * 200 > bytes.len()
}

fn detect_encoding(bytes: &[u8]) -> &'static Encoding {
    detect_utf16(bytes)
        .or_else(|| detect_utf8(bytes))
        .or_else(|| find_declaration(bytes))
        .unwrap_or_else(|| guess_encoding(bytes))
}

/// UTF-16, recognized by its byte order mark, or by the zeros in its letters.
fn detect_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    if let Some((marked, _)) = Encoding::for_bom(bytes) {
        return (marked != UTF_8).then_some(marked);
    }
    let zeros = |at: usize| bytes.iter().skip(at).step_by(2).filter(|byte| **byte == 0).count();
    let (high, low) = (zeros(0), zeros(1));
    match bytes.len() / 4 {
        most if low > most && high == 0 => Some(UTF_16LE),
        most if high > most && low == 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// UTF-8, if all bytes are valid. The last character may be cut off. Returns `None` for a text with an escape
/// character, because it may be ISO-2022-JP.
fn detect_utf8(bytes: &[u8]) -> Option<&'static Encoding> {
    let escaped = bytes.contains(&0x1b);
    let valid = std::str::from_utf8(bytes).map_or_else(|error| error.error_len().is_none(), |_| true);
    (valid && !escaped).then_some(UTF_8)
}

/// The encoding that HTML or XML declares.
fn find_declaration(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = String::from_utf8_lossy(bytes.get(..DECLARATION_BYTES).unwrap_or(bytes)).to_ascii_lowercase();
    let (_, rest) = start
        .starts_with('<')
        .then_some(())
        .and_then(|()| start.split_once("charset=").or_else(|| start.split_once("encoding=")))?;
    let label = rest.trim_start_matches(['"', '\'']);
    Encoding::for_label(label.split(['"', '\'', '>', '?', ';', ' ', '/']).next()?.as_bytes())
}

fn guess_encoding(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Allow)
}
