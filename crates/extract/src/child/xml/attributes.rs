//! The values of attributes. Outlines, mind maps and copies of messages keep their text there.

use std::borrow::Cow;
use std::collections::HashSet;

use quick_xml::events::Event;
use quick_xml::events::attributes::Attribute;
use quick_xml::{Reader, XmlVersion};

use crate::child::html;
use crate::protocol::MAX_TEXT;

/// The value of an attribute. One that is not well-formed is read as a browser reads it.
pub fn value<'a>(attribute: &Attribute<'a>) -> Cow<'a, str> {
    attribute
        .normalized_value(XmlVersion::Implicit1_0)
        .unwrap_or_else(|_| html::resolve_references(&attribute.value).into())
}

/// The values of all attributes, but for names of namespaces.
pub fn text(xml: &str) -> String {
    join(xml, |name, _| !name.starts_with("xml"))
}

/// The values with words in them, each once. Attributes with a prefix say how a document looks.
pub fn words(xml: &str) -> String {
    let mut seen = HashSet::new();
    join(xml, |name, value| {
        let is_text = !name.contains(':') && name != "xmlns" && value.split_whitespace().any(is_word);
        is_text && seen.insert(value.to_owned())
    })
}

/// Joins the values that are kept, each on a line of its own.
fn join(xml: &str, mut keeps: impl FnMut(&str, &str) -> bool) -> String {
    let mut reader = Reader::from_str(xml);
    let mut content = String::new();
    while content.len() <= MAX_TEXT {
        let tag = match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => tag,
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => continue,
        };
        for attribute in tag.attributes().with_checks(false).flatten() {
            let value = value(&attribute);
            if keeps(attribute.key.into_inner(), &value) {
                content.extend([&*value, "\n"]);
            }
        }
    }
    content
}

/// Whether a value's part consists of letters. Identifiers, addresses and measures have other signs, too.
fn is_word(part: &str) -> bool {
    let word = part.trim_matches(|sign: char| ".,;:!?()\"".contains(sign));
    word.chars().nth(1).is_some() && word.chars().all(char::is_alphabetic)
}
