//! Extracts the text of documents of Pages, Numbers and Keynote. Since 2013, their parts consist of objects.
//! Apple has not documented them; others have found out where the text is.

mod before_2013;
mod objects;
mod tables;

use std::collections::HashMap;

use self::objects::Object;
use self::tables::Tables;
use super::package::{MAX_PART_BYTES, Package};
use super::pdf;
use super::text::RawText;
use crate::protocol::NoText;

/// The type of an object, and the field of its message that has text.
const TEXTS: [(u64, &[u64]); 3] = [
    (SHEET, &[1]),
    // Paragraphs.
    (2001, &[3]),
    // Comments.
    (3056, &[1]),
];

/// The type of the sheets of Numbers, which have names. Keynote's shows have the same type, and a message in
/// this field.
const SHEET: u64 = 2;

/// The types of the objects that order the slides of Keynote: the show lists nodes, and each names a slide.
const SHOW: u64 = 2;
const NODE: u64 = 4;
const SLIDE: u64 = 5;

/// Parts without text of the document: its layouts, styles and settings.
const ASIDE: [&str; 6] = ["masterslide", "templateslide", "stylesheet", "viewstate", "metadata", "theme"];

/// The main part. If the document was a folder, the archive of the parts, and a part beside it.
const MAIN: &str = "index/document.iwa";
const INNER: &str = "index.zip";
const PROPERTIES: &str = "metadata/properties.plist";

/// The parts that verify a password. The other parts are then encrypted.
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
    find_root(package).is_some()
}

/// The folder that has all parts of a document; empty if the archive itself has them.
fn find_root(package: &Package<'_>) -> Option<String> {
    let is_root = |root: &str| {
        let has = |part: &str| package.has(&format!("{root}{part}"));
        has(MAIN) || (has(INNER) && has(PROPERTIES)) || before_2013::find_main_part(has).is_some()
    };
    if is_root("") {
        return Some(String::new());
    }
    let names = package.names(|_| true);
    let (folder, _) = names.first()?.split_once('/')?;
    let root = format!("{folder}/");
    (names.iter().all(|name| name.starts_with(&root)) && is_root(&root)).then_some(root)
}

/// Extracts the text of a document, or that of its preview if nothing else is found.
pub fn text(package: &mut Package<'_>) -> Result<RawText, NoText> {
    let root = find_root(package).ok_or(NoText::Damaged)?;
    if VERIFIERS.iter().any(|part| package.has(&format!("{root}{part}"))) {
        return Err(NoText::Encrypted);
    }
    if let Some(main) = before_2013::find_main_part(|part| package.has(&format!("{root}{part}"))) {
        return before_2013::text(package, &format!("{root}{main}"));
    }
    let found = match package.read(&format!("{root}{INNER}")) {
        Some(archive) => {
            let mut inner = Package::open(&archive);
            let read = read(&mut inner);
            inner.judge(read)
        }
        None => {
            let read = read(package);
            package.judge(read)
        }
    };
    if found.as_ref().is_ok_and(|found| !found.content.trim().is_empty()) {
        return found;
    }
    let preview =
        package.names(|part| part.ends_with("preview.pdf")).first().and_then(|part| package.read(part));
    preview.map_or(found, |preview| pdf::text(&mut pdf::share(preview)))
}

fn read(package: &mut Package<'_>) -> RawText {
    let (mut parts, mut deck, mut tables) = (Vec::new(), Deck::default(), Tables::default());
    let (mut length, mut complete) = (0, true);
    for name in package.names(is_shown) {
        let (content, whole) = objects::unpack(&package.read(&name).unwrap_or_default());
        parts.push(read_part(&content, &mut deck, &mut tables));
        length += content.len() as u64;
        complete &= whole && length <= MAX_PART_BYTES;
        if length > MAX_PART_BYTES {
            break;
        }
    }
    let places = deck.places();
    parts.sort_by_cached_key(|part| {
        part.slides.iter().map(|slide| places.get(slide).copied().unwrap_or(usize::MAX)).min()
    });
    let (cells, whole) = tables.text();
    let texts = parts.into_iter().map(|part| part.text).chain([cells]);
    RawText::new(texts.collect(), !complete || !whole)
}

fn is_shown(name: &str) -> bool {
    let file = name.rsplit_once('/').map_or(name, |(_, file)| file);
    file.ends_with(".iwa") && !ASIDE.iter().any(|aside| file.contains(aside))
}

impl Deck {
    /// The place of each slide.
    fn places(&self) -> HashMap<u64, usize> {
        let shown = self.nodes.iter().enumerate();
        shown.filter_map(|(place, node)| Some((*self.slides.get(node)?, place))).collect()
    }

    fn add(&mut self, object: &Object<'_>) {
        match object.kind {
            SHOW => {
                let nodes = objects::find(object.message, &[3, 2, 1]);
                self.nodes.extend(nodes.map(|node| node.number()));
            }
            NODE => {
                let slide = objects::first(object.message, &[2, 1]).number();
                self.slides.insert(object.number, slide);
            }
            _ => {}
        }
    }
}

fn read_part(content: &[u8], deck: &mut Deck, tables: &mut Tables) -> Part {
    let mut part = Part::default();
    objects::read(content, |object| {
        deck.add(&object);
        tables.add(&object);
        if object.kind == SLIDE {
            part.slides.push(object.number);
        }
        for (kind, path) in TEXTS.iter().filter(|(kind, _)| *kind == object.kind) {
            for value in objects::find(object.message, path) {
                append(*kind, value.bytes(), &mut part.text);
            }
        }
    });
    part
}

/// Appends a text. An object in it stands for a picture or a table, and its paragraphs end in several ways.
fn append(kind: u64, bytes: &[u8], text: &mut String) {
    let Ok(found) = std::str::from_utf8(bytes) else { return };
    // A message begins with the number of a field, which is a control character.
    let is_message = kind == SHEET && found.starts_with(char::is_control);
    if !is_message {
        text.push_str(&found.replace('\u{fffc}', " ").replace(['\u{2028}', '\u{2029}', '\u{5}'], "\n"));
        text.push('\n');
    }
}
