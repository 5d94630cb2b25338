//! XML.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::plain;
use super::text::RawText;
use crate::protocol::MAX_TEXT;

/// The text of all elements. A document that is not well-formed is returned as it stands.
pub fn text(bytes: &[u8]) -> RawText {
    let text = plain::decode(bytes);
    elements(&text).unwrap_or_else(|_| text.into())
}

/// The text of all elements, with a line break after each. Entities that the document defines are left out.
pub fn elements(text: &str) -> Result<RawText, quick_xml::Error> {
    let mut reader = Reader::from_str(text);
    let mut content = String::new();
    let mut more = false;
    loop {
        match reader.read_event()? {
            _ if content.len() > MAX_TEXT => more = true,
            Event::Text(text) => content.push_str(&text),
            Event::CData(text) => content.push_str(&text),
            Event::GeneralRef(reference) => content.extend(character(&reference)),
            Event::Empty(tag) => content.push_str(blank(&tag)),
            Event::End(tag) if tag.local_name().as_ref() != "span" => content.push('\n'),
            Event::Eof => return Ok(RawText { content, more }),
            _ => {}
        }
        if more {
            return Ok(RawText { content, more });
        }
    }
}

/// The character that `&...;` stands for.
fn character(reference: &BytesRef<'_>) -> Option<char> {
    let named = || resolve_predefined_entity(reference)?.chars().next();
    reference.resolve_char_ref().ok().flatten().or_else(named)
}

/// OpenDocument writes spaces and line breaks as elements.
fn blank(tag: &BytesStart<'_>) -> &'static str {
    match tag.local_name().as_ref() {
        "line-break" => "\n",
        "s" | "tab" => " ",
        _ => "",
    }
}
