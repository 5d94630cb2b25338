//! What a document is, by its content alone.

use super::{mail, package, plain};
use crate::protocol::Format;

/// What these bytes are, or begin as.
pub fn of(bytes: &[u8]) -> Format {
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

/// Whether a document that begins so has no text, however it goes on.
pub fn is_of_no_use(start: &[u8]) -> bool {
    let holds_files = package::is_archive(start) || package::is_compound(start);
    !holds_files && matches!(of(start), Format::Image | Format::Unknown)
}

fn binary(bytes: &[u8]) -> Format {
    match infer::get(bytes).map(|kind| kind.matcher_type()) {
        Some(infer::MatcherType::Image) => Format::Image,
        _ => Format::Unknown,
    }
}

/// Markup begins with a tag, and a page says early on that it is one.
fn textual(bytes: &[u8]) -> Format {
    let start = plain::decode(bytes.get(..1024).unwrap_or(bytes)).trim_start().to_ascii_lowercase();
    match start.as_str() {
        text if !text.starts_with('<') => Format::Text,
        text if text.contains("<html") || text.contains("<!doctype html") => Format::Html,
        _ => Format::Xml,
    }
}
