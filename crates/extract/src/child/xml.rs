//! Extracts the text of XML, also for OpenDocument.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::plain;
use super::text::RawText;
use crate::protocol::MAX_TEXT;

/// The text of all elements. If a document is not well-formed, all of it is returned, with its tags.
pub fn text(bytes: &[u8]) -> RawText {
    let text = plain::decode(bytes);
    text_of_elements(&text).unwrap_or_else(|_| text.into())
}

/// The text of all elements, with a line break after each, except after `span`. Entities that the document
/// defines are left out.
pub fn text_of_elements(text: &str) -> Result<RawText, quick_xml::Error> {
    let mut reader = Reader::from_str(text);
    let mut content = String::new();
    let mut incomplete = false;
    loop {
        match reader.read_event()? {
            _ if content.len() > MAX_TEXT => incomplete = true,
            Event::Text(text) => content.push_str(&text),
            Event::CData(text) => content.push_str(&text),
            Event::GeneralRef(reference) => content.extend(referenced_character(&reference)),
            Event::Empty(tag) => content.push_str(white_space(&tag)),
            Event::End(tag) if tag.local_name().as_ref() != "span" => content.push('\n'),
            Event::Eof => return Ok(RawText { content, incomplete }),
            _ => {}
        }
        if incomplete {
            return Ok(RawText { content, incomplete });
        }
    }
}

/// The character for which a reference such as `&amp;` stands.
fn referenced_character(reference: &BytesRef<'_>) -> Option<char> {
    let named = || resolve_predefined_entity(reference)?.chars().next();
    reference.resolve_char_ref().ok().flatten().or_else(named)
}

/// The white space for which an empty element of OpenDocument stands.
fn white_space(tag: &BytesStart<'_>) -> &'static str {
    match tag.local_name().as_ref() {
        "line-break" => "\n",
        "s" | "tab" => " ",
        _ => "",
    }
}
