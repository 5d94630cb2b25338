//! Detects the format of a document by its content alone.

use super::{mail, package, plain};
use crate::protocol::Format;

/// The format of these bytes, which may be the beginning of a document.
pub fn detect(bytes: &[u8]) -> Format {
    match bytes {
        _ if bytes.starts_with(b"%PDF-") => Format::Pdf,
        _ if bytes.starts_with(b"{\\rtf") => Format::Rtf,
        _ if package::is_archive(bytes) => package::format_of_archive(bytes),
        _ if package::is_compound(bytes) => package::format_of_compound(bytes),
        _ if plain::is_binary(bytes) => binary(bytes),
        _ if mail::is_message(bytes) => Format::Email,
        _ => textual(bytes),
    }
}

/// Whether a document that begins like this has no text that can be read, however it goes on.
pub fn is_without_text(start: &[u8]) -> bool {
    let holds_files = package::is_archive(start) || package::is_compound(start);
    !holds_files && matches!(detect(start), Format::Image | Format::Unknown)
}

fn binary(bytes: &[u8]) -> Format {
    match infer::get(bytes).map(|kind| kind.matcher_type()) {
        Some(infer::MatcherType::Image) => Format::Image,
        _ => Format::Unknown,
    }
}

/// Markup begins with a tag, and HTML names itself in its first kilobyte.
fn textual(bytes: &[u8]) -> Format {
    let start = plain::decode(bytes.get(..1024).unwrap_or(bytes)).trim_start().to_ascii_lowercase();
    match start.as_str() {
        text if !text.starts_with('<') => Format::Text,
        text if text.contains("<html") || text.contains("<!doctype html") => Format::Html,
        _ => Format::Xml,
    }
}
