//! Detects the format of a document by its content alone.

use super::{mail, package, pdf, plain};
use crate::protocol::Format;

/// Detects the format of a document. `bytes` may be only its beginning.
pub fn detect(bytes: &[u8]) -> Format {
    match bytes {
        _ if pdf::find_header(bytes).is_some() => Format::Pdf,
        _ if bytes.starts_with(b"{\\rtf") => Format::Rtf,
        _ if package::is_archive(bytes) => package::format_of_archive(bytes),
        _ if package::is_compound(bytes) => package::format_of_compound(bytes),
        _ if plain::is_binary(bytes) => format_of_binary(bytes),
        _ if mail::is_message(bytes) => Format::Email,
        _ => format_of_text(bytes),
    }
}

/// Whether a document that begins with these bytes has no text that can be read, whatever follows.
pub fn is_without_text(start: &[u8]) -> bool {
    let is_container = package::is_archive(start) || package::is_compound(start);
    !is_container && matches!(detect(start), Format::Image | Format::Unknown)
}

fn format_of_binary(bytes: &[u8]) -> Format {
    match infer::get(bytes).map(|kind| kind.matcher_type()) {
        Some(infer::MatcherType::Image) => Format::Image,
        _ => Format::Unknown,
    }
}

/// Distinguishes HTML, XML and plain text. HTML and XML begin with a tag, and HTML has the tag `html` or its
/// doctype in the first kilobyte.
fn format_of_text(bytes: &[u8]) -> Format {
    let start = plain::decode(bytes.get(..1024).unwrap_or(bytes)).trim_start().to_ascii_lowercase();
    match start.as_str() {
        text if !text.starts_with('<') => Format::Text,
        text if text.contains("<html") || text.contains("<!doctype html") => Format::Html,
        _ => Format::Xml,
    }
}
