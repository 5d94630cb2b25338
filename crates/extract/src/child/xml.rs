//! Extracts the text of XML whose kind is not known.

mod elements;
mod entities;

use std::borrow::Cow;

use quick_xml::errors::SyntaxError;
use quick_xml::escape::resolve_html5_entity;
use quick_xml::events::{BytesRef, Event};
use quick_xml::{Error, Reader, XmlVersion};

use self::elements::Elements;
use super::text::RawText;
use super::{html, plain};
use crate::protocol::MAX_TEXT;

/// A document declares its encoding within this many bytes.
const DECLARATION_BYTES: usize = 1024;

/// The text of all elements, or that of their attributes if they have none. A document that is not
/// well-formed is read as HTML, which forgives it.
pub fn text(bytes: &[u8]) -> RawText {
    let text = plain::decode(bytes, declared_encoding(bytes).as_deref());
    match text_of_elements(&text) {
        Ok(found) if found.content.trim().is_empty() => text_of_attributes(&text).into(),
        Ok(found) => found,
        Err(_) => html::text_of_page(&text),
    }
}

/// The encoding that a document declares in its first tag.
pub fn declared_encoding(bytes: &[u8]) -> Option<String> {
    let start = String::from_utf8_lossy(bytes.get(..DECLARATION_BYTES).unwrap_or(bytes)).into_owned();
    let (declaration, _) =
        start.trim_start_matches('\u{feff}').trim_start().strip_prefix("<?xml")?.split_once("?>")?;
    let (_, label) = declaration.split_once("encoding")?;
    let label = label.trim_start().strip_prefix('=')?.trim_start();
    label.split(['"', '\'']).nth(1).map(str::to_owned)
}

/// The values of all attributes, but for names of namespaces.
fn text_of_attributes(text: &str) -> String {
    let mut reader = Reader::from_str(text);
    let mut content = String::new();
    while let Ok(event) = reader.read_event() {
        let (Event::Start(tag) | Event::Empty(tag)) = event else {
            if matches!(event, Event::Eof) || content.len() > MAX_TEXT {
                return content;
            }
            continue;
        };
        let values =
            tag.attributes().flatten().filter(|attribute| !attribute.key.as_ref().starts_with("xml"));
        for attribute in values {
            content.push_str(&attribute.normalized_value(XmlVersion::Implicit1_0).unwrap_or_default());
            content.push('\n');
        }
    }
    content
}

/// The text of all elements, in lines. A document that ends within a tag has been cut off.
fn text_of_elements(text: &str) -> Result<RawText, quick_xml::Error> {
    let mut reader = Reader::from_str(text);
    let mut elements = Elements::default();
    while elements.len() <= MAX_TEXT {
        let event = match reader.read_event() {
            Err(Error::Syntax(error)) if error != SyntaxError::InvalidBangMarkup => break,
            other => other?,
        };
        match event {
            Event::Text(text) => elements.push(&text),
            Event::CData(text) => elements.push(&text),
            Event::GeneralRef(reference) => elements.push_reference(&reference),
            Event::DocType(definition) => elements.define(&definition),
            Event::Start(tag) => elements.open(&tag),
            Event::Empty(tag) => elements.skip(&tag),
            Event::End(tag) => elements.close(tag.local_name().as_ref()),
            Event::Eof => return Ok(RawText::new(elements.finish(), false)),
            _ => {}
        }
    }
    Ok(RawText::new(elements.finish(), true))
}

/// The characters for which a reference such as `&amp;` stands. Names of HTML are common in other documents,
/// too.
pub fn referenced_characters(reference: &BytesRef<'_>) -> Cow<'static, str> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => Cow::Owned(character.into()),
        _ => Cow::Borrowed(resolve_html5_entity(reference).unwrap_or_default()),
    }
}
