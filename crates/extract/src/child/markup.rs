//! Walks through the XML of Office documents. Elements are reported as they come, so that a document that is
//! nested deeply or cut off does no harm.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{plain, xml};

/// What a walk comes across. Elements are named without the prefix of their namespace. An empty element is
/// opened and closed.
pub enum Markup<'a> {
    /// The start of an element.
    Open(&'a str, &'a Element<'a>),
    /// The end of an element.
    Close(&'a str),
    /// Text, with its references resolved.
    Text(&'a str),
}

/// How a walk goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// To what comes next.
    Continue,
    /// To what follows the element that has just been opened, without reporting its content and its end.
    Skip,
    /// Not at all.
    Stop,
}

/// The start of an element.
pub struct Element<'a>(BytesStart<'a>);

impl Element<'_> {
    /// The value of an attribute, which is named without the prefix of its namespace.
    pub fn attribute(&self, name: &str) -> Option<String> {
        let mut attributes = self.0.attributes();
        let mut attributes = attributes.with_checks(false).flatten();
        let attribute = attributes.find(|attribute| attribute.key.local_name().into_inner() == name)?;
        Some(xml::value(&attribute).into_owned())
    }

    /// Whether an attribute has this value.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.attribute(name).is_some_and(|found| found == value)
    }

    /// Whether any attribute has this value.
    pub fn has_any(&self, value: &str) -> bool {
        self.0.attributes().with_checks(false).flatten().any(|attribute| attribute.value == value)
    }

    /// The name with the prefix of its namespace.
    pub fn full_name(&self) -> &str {
        self.0.name().into_inner()
    }
}

/// Decodes the bytes of a part.
pub fn decode(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| plain::decode(error.as_bytes(), None))
}

/// Walks through a document until its end, the first place that is not XML, or until `visit` stops the walk.
/// Returns whether it has reached the end.
pub fn walk(xml: &str, mut visit: impl FnMut(Markup<'_>) -> Next) -> bool {
    let mut reader = Reader::from_str(xml.trim_start_matches('\u{feff}'));
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut depth = 0usize;
    loop {
        let Ok(event) = reader.read_event() else { return false };
        let is_start = matches!(event, Event::Start(_));
        match event {
            Event::Eof => return depth == 0,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        match report(event, &mut visit) {
            Next::Continue => depth += usize::from(is_start),
            Next::Skip if is_start && !skip(&mut reader) => return false,
            Next::Skip => {}
            Next::Stop => return false,
        }
    }
}

/// Skips the rest of an element. Returns whether it ends.
fn skip(reader: &mut Reader<&[u8]>) -> bool {
    let mut depth = 1usize;
    while depth > 0 {
        match reader.read_event() {
            Ok(Event::Start(_)) => depth += 1,
            Ok(Event::End(_)) => depth -= 1,
            Ok(Event::Eof) | Err(_) => return false,
            Ok(_) => {}
        }
    }
    true
}

/// Reports an event to `visit`.
fn report(event: Event<'_>, visit: &mut impl FnMut(Markup<'_>) -> Next) -> Next {
    match event {
        Event::Start(start) => open(start, visit),
        Event::Empty(start) => {
            let end = start.to_end().into_owned();
            match open(start, visit) {
                Next::Continue => visit(Markup::Close(end.local_name().into_inner())),
                next => next,
            }
        }
        Event::End(end) => visit(Markup::Close(end.local_name().into_inner())),
        Event::Text(text) => visit(Markup::Text(&text)),
        Event::CData(text) => visit(Markup::Text(&text)),
        Event::GeneralRef(reference) => visit(Markup::Text(&xml::referenced_characters(&reference))),
        _ => Next::Continue,
    }
}

fn open(start: BytesStart<'_>, visit: &mut impl FnMut(Markup<'_>) -> Next) -> Next {
    let element = Element(start);
    visit(Markup::Open(element.0.local_name().into_inner(), &element))
}
