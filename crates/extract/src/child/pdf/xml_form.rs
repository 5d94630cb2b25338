//! Reads the words of a form in XML (XFA), whose pages may say nothing but "Please wait".

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};

/// The elements that hold the words of the form, and the data that is filled in. Others hold scripts and
/// settings.
const WITH_WORDS: [&str; 3] = ["text", "exData", "data"];

/// Elements that are parts of a line.
const WITHIN_LINES: [&str; 5] = ["span", "b", "i", "sub", "sup"];

/// The words of a form, with a line break after each element. Of a form that is not well-formed, the
/// beginning is read.
pub fn text(form: &str) -> String {
    let mut reader = Reader::from_str(form);
    let (mut words, mut depth) = (String::new(), 0_usize);
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(tag) if depth > 0 || WITH_WORDS.contains(&tag.local_name().as_ref()) => depth += 1,
            Event::End(tag) if depth > 0 => {
                depth -= 1;
                if !WITHIN_LINES.contains(&tag.local_name().as_ref()) {
                    words.push('\n');
                }
            }
            Event::Text(text) if depth > 0 => words.push_str(&text),
            Event::CData(text) if depth > 0 => words.push_str(&text),
            Event::GeneralRef(reference) if depth > 0 => words.extend(character(&reference)),
            Event::Eof => break,
            _ => {}
        }
    }
    words
}

fn character(reference: &BytesRef<'_>) -> Option<char> {
    let named = || resolve_predefined_entity(reference)?.chars().next();
    reference.resolve_char_ref().ok().flatten().or_else(named)
}
