//! Books (EPUB): a zip archive with pages in XHTML, and a list that gives their order.

use std::collections::HashMap;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::package::Package;
use super::text::RawText;
use super::{MAX_MARKUP_BYTES, eml, html, xml};
use crate::protocol::{MAX_TEXT, NoText};

/// The file that names the list of pages.
const CONTAINER: &str = "META-INF/container.xml";

/// The file by which pages are encrypted, unless it is only about fonts.
const ENCRYPTION: &str = "META-INF/encryption.xml";

/// Whether a zip archive is a book.
pub fn is_book(package: &mut Package<'_>) -> bool {
    let kind = package.read("mimetype").unwrap_or_default();
    kind.trim_ascii() == b"application/epub+zip" || package.has(CONTAINER)
}

/// Extracts the title, the author and the pages of a book, in their order.
pub fn text(package: &mut Package<'_>) -> Result<RawText, NoText> {
    let encrypted = package.read_text(ENCRYPTION).unwrap_or_default();
    let encrypted = String::from_utf8_lossy(&eml::from_percent(encrypted.as_bytes())).into_owned();
    let List { about, mut pages } = read_list(package);
    if pages.iter().any(|page| encrypted.contains(page.as_str())) {
        return Err(NoText::Encrypted);
    }
    if pages.is_empty() {
        pages = package.names(|name| name.ends_with("html") || name.ends_with(".htm"));
    }
    let mut text = RawText::from(about);
    for page in pages {
        if text.content.len() > MAX_TEXT {
            return Ok(RawText { incomplete: true, ..text });
        }
        let read = package.read(&page).map(|mut page| {
            page.truncate(MAX_MARKUP_BYTES);
            html::text(&page, None)
        });
        text.incomplete |= read.as_ref().is_none_or(|page| page.incomplete);
        text.content.extend(read.map(|page| page.content + "\n"));
    }
    package.judge(text)
}

/// Reads the list of pages. Their paths are made absolute.
fn read_list(package: &mut Package<'_>) -> List {
    let named = list_path(package).filter(|path| package.has(path));
    let path = named.or_else(|| package.names(|name| name.ends_with(".opf")).pop()).unwrap_or_default();
    let mut list = List::parse(&package.read_text(&path).unwrap_or_default());
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    list.pages.iter_mut().for_each(|page| *page = resolve(folder, page));
    list
}

/// The path of the list of pages.
fn list_path(package: &mut Package<'_>) -> Option<String> {
    let container = package.read_text(CONTAINER)?;
    let mut reader = Reader::from_str(&container);
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) | Event::Empty(tag) if tag.local_name().as_ref() == "rootfile" => {
                return attribute(&tag, "full-path");
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

/// What the list of pages says.
#[derive(Default)]
struct List {
    /// The title and the authors, each on a line.
    about: String,
    /// The paths of the pages, in their order.
    pages: Vec<String>,
}

impl List {
    /// Reads the list up to its end, or to damage.
    fn parse(xml: &str) -> Self {
        let mut list = Self::default();
        let mut paths = HashMap::new();
        let mut reader = Reader::from_str(xml);
        let mut is_shown = false;
        while let Ok(event) = reader.read_event() {
            match event {
                Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                    "title" | "creator" | "description" => is_shown = true,
                    "item" => paths.extend(attribute(&tag, "id").zip(attribute(&tag, "href"))),
                    "itemref" => {
                        let id = attribute(&tag, "idref").unwrap_or_default();
                        list.pages.extend(paths.get(&id).cloned());
                    }
                    _ => {}
                },
                Event::Text(text) if is_shown => list.about.push_str(&text),
                Event::GeneralRef(reference) if is_shown => {
                    list.about.push_str(&xml::referenced_characters(&reference));
                }
                Event::End(_) if is_shown => {
                    list.about.push('\n');
                    is_shown = false;
                }
                Event::Eof => break,
                _ => {}
            }
        }
        list
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute =
        tag.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
}

/// The path of a page, which the list gives relative to its own folder, and with percent signs.
fn resolve(folder: &str, page: &str) -> String {
    let page = String::from_utf8_lossy(&eml::from_percent(page.as_bytes())).into_owned();
    let mut path: Vec<&str> = folder.split('/').filter(|name| !name.is_empty()).collect();
    for name in page.split('#').next().unwrap_or_default().split('/') {
        match name {
            ".." => drop(path.pop()),
            "." | "" => {}
            _ => path.push(name),
        }
    }
    path.join("/")
}
