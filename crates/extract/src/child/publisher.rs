//! Extracts the text of publications of Publisher. Their stream begins with a table that says where which
//! kind of content is.

use super::codepage;
use super::compound::Streams;
use super::little_endian::offset;
use super::text::RawText;
use crate::protocol::NoText;

/// The table: its place, the number of its entries, and their length.
const TABLE: usize = 0x20;
const MAX_ENTRIES: usize = 20;
const ENTRY_LENGTH: usize = 24;

/// The code page of the text.
const UTF_16: u16 = 1200;

/// Extracts the text of all stories.
pub fn text(file: &mut Streams<'_>) -> Result<RawText, NoText> {
    let stream = file.read("Quill/QuillSub/CONTENTS").ok_or(NoText::Damaged)?;
    let mut content = String::new();
    for entry in 0..MAX_ENTRIES {
        let text = stream.get(TABLE + entry * ENTRY_LENGTH..).and_then(|entry| text_of_entry(&stream, entry));
        content.push_str(&text.unwrap_or_default().replace(['\r', '\u{b}', '\u{c}'], "\n"));
        content.push('\n');
    }
    Ok(content.into())
}

/// The text for which an entry stands, if it is one of text.
fn text_of_entry(stream: &[u8], entry: &[u8]) -> Option<String> {
    if !entry.starts_with(b"\x18\0") || entry.get(12..16)? != b"TEXT" {
        return None;
    }
    let start = offset(entry, 16)?;
    Some(codepage::decode(UTF_16, stream.get(start..start.checked_add(offset(entry, 20)?)?)?))
}
