//! Extracts the text of XML whose kind is not known.

mod attributes;
mod elements;
mod entities;

use std::borrow::Cow;

use quick_xml::errors::SyntaxError;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, Event};
use quick_xml::{Error, Reader};

pub use self::attributes::value;

use self::elements::Elements;
use super::text::{RawText, count_words};
use super::{html, plain};
use crate::protocol::MAX_TEXT;

/// A document declares its encoding within this many bytes.
const DECLARATION_BYTES: usize = 1024;

/// The text of all elements, and that of their attributes unless it has less than half as many words. A
/// document that is not well-formed is read as HTML, which forgives it.
pub fn text(bytes: &[u8]) -> RawText {
    let text = plain::decode(bytes, declared_encoding(bytes).as_deref());
    match text_of_elements(&text) {
        Ok(found) if found.content.trim().is_empty() => attributes::text(&text).into(),
        Ok(found) => with_words_of_attributes(found, &text),
        Err(_) => html::text_of_page(&text),
    }
}

/// Adds the words of attributes, unless they are few beside the text of the elements.
fn with_words_of_attributes(mut found: RawText, xml: &str) -> RawText {
    let words = attributes::words(xml);
    if count_words(&words) * 2 >= count_words(&found.content) {
        found.content.extend(["\n", &words]);
    }
    found
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
        _ => resolve_xml_entity(reference)
            .map_or_else(|| html::resolve_references(&format!("&{};", &**reference)).into(), Cow::Borrowed),
    }
}
