//! Books (EPUB): a zip archive with pages in XHTML, and a list that gives their order.

use std::collections::HashMap;

use super::markup::{self, Markup, Next};
use super::package::Package;
use super::text::RawText;
use super::{MAX_MARKUP_BYTES, html, ooxml, percent};
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

/// Extracts the title, the authors, the description and the pages of a book, in their order.
pub fn text(package: &mut Package<'_>) -> Result<RawText, NoText> {
    let encrypted = package.read_text(ENCRYPTION).unwrap_or_default();
    let encrypted = percent::decode_text(&encrypted);
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
    let mut path = None;
    markup::walk(&container, |markup| match markup {
        Markup::Open("rootfile", element) => {
            path = element.attribute("full-path");
            Next::Stop
        }
        _ => Next::Continue,
    });
    path
}

/// What the list of pages says.
#[derive(Default)]
struct List {
    /// The title, the authors and the description, each on a line.
    about: String,
    /// The paths of the pages, in their order.
    pages: Vec<String>,
}

impl List {
    /// Reads the list up to its end, or to damage.
    fn parse(xml: &str) -> Self {
        let mut list = Self::default();
        let mut paths = HashMap::new();
        let mut is_shown = false;
        markup::walk(xml, |markup| {
            match markup {
                Markup::Open("title" | "creator" | "description", _) => is_shown = true,
                Markup::Open("item", item) => paths.extend(item.attribute("id").zip(item.attribute("href"))),
                Markup::Open("itemref", item) => {
                    list.pages.extend(item.attribute("idref").and_then(|id| paths.get(&id).cloned()));
                }
                Markup::Text(text) if is_shown => list.about.push_str(text),
                Markup::Close(_) if is_shown => {
                    list.about.push('\n');
                    is_shown = false;
                }
                _ => {}
            }
            Next::Continue
        });
        list
    }
}

/// The path of a page, which the list gives relative to its own folder, and with percent signs.
fn resolve(folder: &str, page: &str) -> String {
    let (page, _) = page.split_once('#').unwrap_or((page, ""));
    ooxml::resolve(folder, &percent::decode_text(page))
}
