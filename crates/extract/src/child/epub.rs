//! Books (EPUB): a zip archive with pages in XHTML, and a list that gives their order.

use std::collections::HashMap;
use std::io::{Cursor, Read as _};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;

use super::html;
use super::text::RawText;
use super::xml;
use crate::protocol::{MAX_TEXT, NoText};

/// The most bytes of a page that are unpacked.
const MAX_PAGE_BYTES: u64 = 8 * 1024 * 1024;

/// The file that names the list of pages.
const CONTAINER: &str = "META-INF/container.xml";

/// The file by which pages are encrypted, unless it is only about fonts.
const ENCRYPTION: &str = "META-INF/encryption.xml";

type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Whether a zip archive is a book.
pub fn is_book(bytes: &[u8]) -> bool {
    ZipArchive::new(Cursor::new(bytes)).is_ok_and(|mut archive| {
        let kind = unpack(&mut archive, "mimetype").unwrap_or_default();
        kind.trim_ascii() == b"application/epub+zip" || archive.index_for_name(CONTAINER).is_some()
    })
}

/// Extracts the title, the author and the pages of a book, in their order.
pub fn text(bytes: &[u8]) -> Result<RawText, NoText> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| NoText::Damaged)?;
    let encrypted = unpack(&mut archive, ENCRYPTION).map(|list| String::from_utf8_lossy(&list).into_owned());
    let path = package_path(&mut archive).ok_or(NoText::Damaged)?;
    let package = unpack(&mut archive, &path).ok_or(NoText::Damaged)?;
    let package = Package::parse(&String::from_utf8_lossy(&package));
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let pages: Vec<String> = package.pages.iter().map(|page| resolve(folder, page)).collect();
    if encrypted.is_some_and(|list| pages.iter().any(|page| list.contains(page.as_str()))) {
        return Err(NoText::Encrypted);
    }
    let mut text = RawText::from(package.about);
    for page in pages {
        if text.content.len() > MAX_TEXT {
            return Ok(RawText { incomplete: true, ..text });
        }
        let read = unpack(&mut archive, &page).map(|page| html::text(&page, None));
        text.incomplete |= read.as_ref().is_none_or(|page| page.incomplete);
        text.content.extend(read.map(|page| page.content + "\n"));
    }
    Ok(text)
}

/// The path of the list of pages.
fn package_path(archive: &mut Archive<'_>) -> Option<String> {
    let container = unpack(archive, CONTAINER)?;
    let container = String::from_utf8_lossy(&container);
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
struct Package {
    /// The title and the authors, each on a line.
    about: String,
    /// The paths of the pages, in their order.
    pages: Vec<String>,
}

impl Package {
    /// Reads the list up to its end, or to damage.
    fn parse(list: &str) -> Self {
        let mut package = Self::default();
        let mut paths = HashMap::new();
        let mut reader = Reader::from_str(list);
        let mut is_shown = false;
        while let Ok(event) = reader.read_event() {
            match event {
                Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                    "title" | "creator" | "description" => is_shown = true,
                    "item" => paths.extend(attribute(&tag, "id").zip(attribute(&tag, "href"))),
                    "itemref" => {
                        let id = attribute(&tag, "idref").unwrap_or_default();
                        package.pages.extend(paths.get(&id).cloned());
                    }
                    _ => {}
                },
                Event::Text(text) if is_shown => package.about.push_str(&text),
                Event::GeneralRef(reference) if is_shown => {
                    package.about.push_str(&xml::referenced_characters(&reference));
                }
                Event::End(_) if is_shown => {
                    package.about.push('\n');
                    is_shown = false;
                }
                Event::Eof => break,
                _ => {}
            }
        }
        package
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute =
        tag.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
}

/// The path of a page, which the list gives relative to its own folder, and with percent signs.
fn resolve(folder: &str, page: &str) -> String {
    let page = String::from_utf8_lossy(&super::eml::from_percent(page.as_bytes())).into_owned();
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

fn unpack(archive: &mut Archive<'_>, path: &str) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    archive.by_name(path).ok()?.take(MAX_PAGE_BYTES).read_to_end(&mut content).ok()?;
    Some(content)
}
