//! Extracts the text of documents of Pages, Numbers and Keynote. Since 2013, their parts consist of objects.
//! Apple has not documented them; others have found out where the text is.

mod before_2013;
mod objects;
mod tables;

use std::collections::HashMap;

use self::objects::Object;
use self::tables::Tables;
use super::MAX_MARKUP_BYTES;
use super::package::Package;
use super::text::RawText;
use crate::protocol::NoText;

/// The type of an object, and the field of its message that has text.
const TEXTS: [(u64, &[u64]); 3] = [
    // Sheets of Numbers have names. Other programs have other objects of this type.
    (2, &[1]),
    // Paragraphs.
    (2001, &[3]),
    // Comments.
    (3056, &[1]),
];

/// The types of the objects that order the slides of Keynote: the show lists nodes, and each names a slide.
const SHOW: u64 = 2;
const NODE: u64 = 4;
const SLIDE: u64 = 5;

/// Parts without text of the document: its layouts, styles and settings.
const ASIDE: [&str; 6] = ["masterslide", "templateslide", "stylesheet", "viewstate", "metadata", "theme"];

/// The archive of the parts, if the document was a folder, and a part that stands beside it.
const INNER: &str = "index.zip";
const PROPERTIES: &str = "metadata/properties.plist";

/// The ends of the names of parts that verify a password. The other parts are then encrypted.
const VERIFIERS: [&str; 2] = [".iwpv2", ".iwph"];

/// The text of a part, and the slides in it.
#[derive(Default)]
struct Part {
    text: String,
    slides: Vec<u64>,
}

/// What the parts say about the order of slides.
#[derive(Default)]
struct Deck {
    nodes: Vec<u64>,
    slides: HashMap<u64, u64>,
}

/// Whether a package is a document of iWork.
pub fn is_document(package: &Package<'_>) -> bool {
    let has = |end: &str| !package.names(|part| part.ends_with(end)).is_empty();
    before_2013::is_document(package) || has(".iwa") || (has(INNER) && has(PROPERTIES))
}

/// Extracts the text of a document.
pub fn text(package: &mut Package<'_>) -> Result<RawText, NoText> {
    if !package.names(|part| VERIFIERS.iter().any(|end| part.ends_with(end))).is_empty() {
        return Err(NoText::Encrypted);
    }
    if before_2013::is_document(package) {
        return before_2013::text(package);
    }
    let inner = package.names(|part| part.ends_with(INNER)).first().and_then(|part| package.read(part));
    let read = match &inner {
        Some(archive) => read(&mut Package::open(archive)),
        None => read(package),
    };
    package.judge(read)
}

fn read(package: &mut Package<'_>) -> RawText {
    let (mut parts, mut deck, mut tables) = (Vec::new(), Deck::default(), Tables::default());
    let (mut length, mut complete) = (0, true);
    let is_shown = |name: &str| name.ends_with(".iwa") && !ASIDE.iter().any(|aside| name.contains(aside));
    for name in package.names(is_shown) {
        let (content, whole) = objects::unpack(&package.read(&name).unwrap_or_default());
        let part = read_part(&content, &mut deck, &mut tables);
        length += part.text.len();
        complete &= whole;
        parts.push(part);
        if length > MAX_MARKUP_BYTES {
            break;
        }
    }
    parts.sort_by_key(|part| deck.place(part));
    let texts = parts.into_iter().map(|part| part.text).chain([tables.text()]);
    RawText::new(texts.collect(), !complete || length > MAX_MARKUP_BYTES)
}

impl Deck {
    /// Where a part stands: those without a slide come first.
    fn place(&self, part: &Part) -> usize {
        let shown = |node: &u64| self.slides.get(node).is_some_and(|slide| part.slides.contains(slide));
        let place = self.nodes.iter().position(shown).map_or(self.nodes.len() + 1, |place| place + 1);
        if part.slides.is_empty() { 0 } else { place }
    }

    fn add(&mut self, object: &Object<'_>) {
        let numbers =
            |path: &[u64]| objects::find(object.message, path).into_iter().map(|value| value.number());
        match object.kind {
            SHOW => self.nodes.extend(numbers(&[3, 2, 1])),
            NODE => self.slides.extend(numbers(&[2, 1]).map(|slide| (object.number, slide))),
            _ => {}
        }
    }
}

fn read_part(content: &[u8], deck: &mut Deck, tables: &mut Tables) -> Part {
    let mut part = Part::default();
    for object in objects::read(content) {
        deck.add(&object);
        tables.add(&object);
        if object.kind == SLIDE {
            part.slides.push(object.number);
        }
        for (_, path) in TEXTS.iter().filter(|(kind, _)| *kind == object.kind) {
            for value in objects::find(object.message, path) {
                append(value.bytes(), &mut part.text);
            }
        }
    }
    part
}

/// Appends a text. A message in its place is not text, and begins with a control character.
fn append(bytes: &[u8], text: &mut String) {
    if let Ok(found) = std::str::from_utf8(bytes).map(|found| found.trim_start_matches('\u{4}'))
        && !found.starts_with(|first: char| first.is_control() && !first.is_whitespace())
    {
        // An object stands for a picture or a table, and paragraphs end in several ways.
        text.push_str(&found.replace('\u{fffc}', " ").replace(['\u{2028}', '\u{2029}', '\u{5}'], "\n"));
        text.push('\n');
    }
}
