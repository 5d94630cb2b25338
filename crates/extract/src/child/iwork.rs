//! Extracts the text of documents of Pages, Numbers and Keynote. Since 2013, their parts consist of objects.
//! Apple has not documented them; others have found out where the text is.

mod before_2013;
mod objects;

use std::collections::HashMap;

use self::objects::Object;
use super::MAX_MARKUP_BYTES;
use super::package::Package;
use super::text::RawText;
use crate::protocol::NoText;

/// The type of an object, and the field of its message that has text.
const TEXTS: [(u64, &[u64]); 4] = [
    // Sheets of Numbers have names. Other programs have other objects of this type.
    (2, &[1]),
    // Paragraphs.
    (2001, &[3]),
    // Comments.
    (3056, &[1]),
    // Tables have names.
    (6001, &[8]),
];

/// The type of the objects with the texts of a table's cells. Each text has the number of its cell.
const CELLS: u64 = 6005;

/// The types of the objects that order the slides of Keynote: the show lists nodes, and each names a slide.
const SHOW: u64 = 2;
const NODE: u64 = 4;
const SLIDE: u64 = 5;

/// Parts without text of the document: its layouts, styles and settings.
const ASIDE: [&str; 6] = ["masterslide", "templateslide", "stylesheet", "viewstate", "metadata", "theme"];

/// The archive of the parts, if the document was a folder.
const INNER: &str = "index.zip";

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
    before_2013::is_document(package)
        || !package.names(|part| part.ends_with(".iwa") || part.ends_with(INNER)).is_empty()
}

/// Extracts the text of a document.
pub fn text(package: &mut Package<'_>) -> Result<RawText, NoText> {
    if before_2013::is_document(package) {
        let read = before_2013::text(package);
        return package.judge(read);
    }
    let inner = package.names(|part| part.ends_with(INNER)).first().and_then(|part| package.read(part));
    let read = match &inner {
        Some(archive) => read(&mut Package::open(archive)),
        None => read(package),
    };
    package.judge(read)
}

fn read(package: &mut Package<'_>) -> RawText {
    let (mut parts, mut deck) = (Vec::new(), Deck::default());
    let (mut length, mut complete) = (0, true);
    let is_shown = |name: &str| name.ends_with(".iwa") && !ASIDE.iter().any(|aside| name.contains(aside));
    for name in package.names(is_shown) {
        let (content, whole) = objects::unpack(&package.read(&name).unwrap_or_default());
        let part = read_part(&content, &mut deck);
        length += part.text.len();
        complete &= whole;
        parts.push(part);
        if length > MAX_MARKUP_BYTES {
            break;
        }
    }
    parts.sort_by_key(|part| deck.place(part));
    RawText::new(parts.into_iter().map(|part| part.text).collect(), !complete || length > MAX_MARKUP_BYTES)
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

fn read_part(content: &[u8], deck: &mut Deck) -> Part {
    let mut part = Part::default();
    for object in objects::read(content) {
        deck.add(&object);
        if object.kind == SLIDE {
            part.slides.push(object.number);
        }
        for (_, path) in TEXTS.iter().filter(|(kind, _)| *kind == object.kind) {
            for value in objects::find(object.message, path) {
                append(value.bytes(), &mut part.text);
            }
        }
        if object.kind == CELLS {
            append_cells(object.message, &mut part.text);
        }
    }
    part
}

/// Appends the texts of cells, in their order.
fn append_cells(message: &[u8], text: &mut String) {
    let mut cells = objects::find(message, &[3]);
    cells.sort_by_key(|cell| objects::find(cell.bytes(), &[1]).first().map_or(0, |number| number.number()));
    for cell in cells.iter().flat_map(|cell| objects::find(cell.bytes(), &[3])) {
        append(cell.bytes(), text);
    }
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
