//! The text of the elements of a document whose kind is not known.

use quick_xml::events::{BytesRef, BytesStart};

use super::entities::Entities;
use super::{referenced_characters, value};
use crate::child::eml::is_base64_digit;
use crate::child::html;

/// Elements that stand on lines of their own, even where text precedes or follows them: those of pages and of
/// technical books.
const BLOCKS: [&[u8]; 33] = [
    b"block",
    b"blockquote",
    b"br",
    b"cr",
    b"dd",
    b"div",
    b"dl",
    b"dt",
    b"footnote",
    b"h1",
    b"h2",
    b"h3",
    b"h4",
    b"h5",
    b"h6",
    b"hr",
    b"item",
    b"lb",
    b"li",
    b"line-break",
    b"listitem",
    b"note",
    b"ol",
    b"p",
    b"para",
    b"pre",
    b"row",
    b"table",
    b"td",
    b"th",
    b"title",
    b"tr",
    b"ul",
];

/// Roots of documents whose text may be a page with escaped tags: news feeds.
const FEEDS: [&str; 3] = ["rss", "feed", "RDF"];

/// Text without spaces is a file in base64 if it has so many characters.
const FILE_BYTES: usize = 256;

/// A line of such a file has so many characters, except for the last.
const FILE_LINE_BYTES: usize = 40;

/// The text of the elements so far.
#[derive(Default)]
pub struct Elements {
    text: String,
    /// Whether an element has ended, and nothing has followed.
    has_ended: bool,
    /// Where the text of the element begins that was opened last.
    begin: usize,
    root: String,
    /// The element that is a script or a style, which are not shown.
    code: String,
    entities: Entities,
}

impl Elements {
    /// The length of the text.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Appends text. If it follows an element at once, the element is a part of the same line.
    pub fn push(&mut self, text: &str) {
        if !self.code.is_empty() || is_file(text) {
            return;
        }
        if !text.trim_start().is_empty() {
            self.has_ended = false;
        }
        self.text.push_str(text);
    }

    /// Appends what a reference stands for.
    pub fn push_reference(&mut self, reference: &BytesRef<'_>) {
        let defined = self.entities.get(reference).map(|value| value.to_owned().into());
        let characters = defined.unwrap_or_else(|| referenced_characters(reference));
        self.push(&characters);
    }

    /// Takes the entities that the document defines.
    pub fn define(&mut self, definition: &str) {
        self.entities.define(definition);
    }

    /// Begins an element.
    pub fn open(&mut self, tag: &BytesStart<'_>) {
        let name = tag.local_name();
        let name = name.as_ref();
        if self.root.is_empty() {
            self.root = name.to_owned();
        }
        if matches!(name, "script" | "style") && matches!(self.root.as_str(), "svg" | "html") {
            self.code = name.to_owned();
        }
        self.end_line(is_block(name) || name == "tspan" && has_place(tag));
        if name == "Worksheet"
            && let Some(title) = tag.try_get_attribute("ss:Name").ok().flatten()
        {
            self.text.extend([&*value(&title), "\n"]);
        }
        self.begin = self.text.len();
    }

    /// Takes an element without content.
    pub fn skip(&mut self, tag: &BytesStart<'_>) {
        match tag.local_name().as_ref() {
            "s" | "tab" => self.text.push(' '),
            name => self.end_line(is_block(name)),
        }
    }

    /// Ends an element.
    pub fn close(&mut self, name: &str) {
        if name == self.code {
            self.code.clear();
        }
        if FEEDS.contains(&self.root.as_str())
            && let Some(page) =
                self.text.get(self.begin..).filter(|text| text.contains("</") || text.contains("/>"))
        {
            let page = html::text_of_page(page).content;
            self.text.truncate(self.begin);
            self.text.push_str(&page);
        }
        self.begin = self.text.len();
        if is_block(name) {
            self.end_line(true);
        } else {
            self.has_ended |= name != "span";
        }
    }

    /// The text.
    pub fn finish(self) -> String {
        self.text
    }

    /// Ends a line at a block, or between an element that has ended and the next one.
    fn end_line(&mut self, is_block: bool) {
        if (is_block || self.has_ended) && !self.text.is_empty() {
            self.text.push('\n');
        }
        self.has_ended = false;
    }
}

fn is_block(name: &str) -> bool {
    BLOCKS.contains(&name.as_bytes())
}

/// Whether a part of a text of a drawing has a place of its own.
fn has_place(tag: &BytesStart<'_>) -> bool {
    ["x", "y", "dy"].iter().any(|name| matches!(tag.try_get_attribute(name), Ok(Some(_))))
}

/// Whether a text is a file in base64, or in hexadecimal digits.
fn is_file(text: &str) -> bool {
    let mut lines = text.split_ascii_whitespace().peekable();
    if text.len() < FILE_BYTES {
        return false;
    }
    while let Some(line) = lines.next() {
        if !line.as_bytes().iter().all(is_base64_digit)
            || line.len() < FILE_LINE_BYTES && lines.peek().is_some()
        {
            return false;
        }
    }
    !text.trim().is_empty()
}
