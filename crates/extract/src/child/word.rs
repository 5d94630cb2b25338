//! Extracts the text of Word documents (docx), and of Word's XML before it.

use super::flow::Flow;
use super::markup::{self, Element, Markup, Next};
use super::package::Package;
use super::text::RawText;
use super::{drawing, eml, html, ooxml, plain, rtf};
use crate::protocol::NoText;

/// Elements whose text is not shown: what was deleted or moved away, readings of characters, and settings.
const HIDDEN: [&str; 10] =
    ["del", "delText", "moveFrom", "rt", "pPr", "tblPr", "trPr", "tcPr", "sectPr", "docPartObj"];

/// Parts that are shown beside the text.
const NOTES: [&str; 4] = ["footnotes", "endnotes", "comments", "footer"];

/// What is read of a part.
#[derive(Default)]
struct Reader {
    flow: Flow,
    in_text: bool,
    in_run: bool,
    /// Whether the current run is hidden.
    is_hidden: bool,
    /// For each open choice between two forms of a drawing, whether the first has been read.
    chosen: Vec<bool>,
}

/// Extracts the text of a document: its headers, its text, and what else is shown.
pub fn text(package: &mut Package<'_>) -> Result<RawText, NoText> {
    let main = ooxml::main_part(package).ok_or(NoText::Damaged)?;
    let relationships = ooxml::relationships(package, &main);
    let parts = |kind: &'static str| {
        relationships.iter().filter(move |other| other.kind == kind).map(|other| &other.target)
    };
    let mut text = RawText::from(String::new());
    let append = |text: &mut RawText, more: RawText| {
        text.content.push_str(&more.content);
        text.content.push('\n');
        text.incomplete |= more.incomplete;
    };
    for part in parts("header").chain([&main]).chain(NOTES.into_iter().flat_map(parts)) {
        if let Some(xml) = package.read_text(part) {
            append(&mut text, text_of_part(&xml));
        }
    }
    for part in parts("diagramData").chain(parts("chart")) {
        if let Some(xml) = package.read_text(part) {
            append(&mut text, drawing::text(&xml));
        }
    }
    for part in parts("aFChunk") {
        if let Some(bytes) = package.read(part) {
            append(&mut text, text_of_chunk(&bytes));
        }
    }
    package.judge(text)
}

/// The text of a part, or of a document in one file of XML.
pub fn text_of_part(xml: &str) -> RawText {
    let mut reader = Reader::default();
    let complete = markup::walk(xml, |markup| reader.visit(markup));
    RawText::new(reader.flow.finish(), !complete)
}

/// The text of a document of another format that Word shows as a part of its own.
fn text_of_chunk(bytes: &[u8]) -> RawText {
    match bytes {
        _ if rtf::is_rich_text(bytes) => rtf::text(bytes),
        _ if eml::is_message(bytes) => eml::text(bytes),
        _ if bytes.starts_with(b"PK") => RawText::new(String::new(), true),
        _ if bytes.trim_ascii_start().starts_with(b"<") => html::text(bytes, None),
        _ => plain::decode(bytes, None).into(),
    }
}

impl Reader {
    fn visit(&mut self, markup: Markup<'_>) -> Next {
        match markup {
            Markup::Open(name, element) => return self.open(name, element),
            Markup::Close(name) => self.close(name),
            Markup::Text(text) if self.in_text && !self.is_hidden => self.flow.push(text),
            Markup::Text(_) => {}
        }
        if self.flow.is_full() { Next::Stop } else { Next::Continue }
    }

    fn open(&mut self, name: &str, element: &Element<'_>) -> Next {
        match name {
            _ if HIDDEN.contains(&name) => return Next::Skip,
            // Word before 2007 marks a deletion so.
            "annotation" if element.has("type", "Word.Deletion") => return Next::Skip,
            "Fallback" if self.chosen.last() == Some(&true) => return Next::Skip,
            "AlternateContent" => self.chosen.push(false),
            "Choice" => self.chosen.iter_mut().rev().take(1).for_each(|chosen| *chosen = true),
            "p" => self.open_paragraph(),
            "r" => (self.in_run, self.is_hidden) = (true, false),
            "vanish" if self.in_run => self.is_hidden = !is_off(element),
            "t" => self.in_text = true,
            _ if !self.is_hidden => self.push_sign(name, element),
            _ => {}
        }
        Next::Continue
    }

    fn open_paragraph(&mut self) {
        // A text box within a paragraph is shown where it stands.
        self.flow.end_line();
        (self.in_run, self.is_hidden) = (false, false);
    }

    fn close(&mut self, name: &str) {
        match name {
            "p" => self.flow.push("\n"),
            "r" => (self.in_run, self.is_hidden) = (false, false),
            "t" => self.in_text = false,
            "tc" => self.flow.close_cell(),
            "tr" => self.flow.end_line(),
            "AlternateContent" => {
                self.chosen.pop();
            }
            _ => {}
        }
    }

    /// Appends the character for which an element stands.
    fn push_sign(&mut self, name: &str, element: &Element<'_>) {
        match name {
            "tab" | "ptab" => self.flow.push("\t"),
            "br" | "cr" => self.flow.push("\n"),
            "noBreakHyphen" => self.flow.push("-"),
            "sym" => self.push_symbol(element),
            _ => {}
        }
    }

    /// Appends a symbol. Those of symbol fonts have numbers that stand for no character.
    fn push_symbol(&mut self, element: &Element<'_>) {
        let number = element.attribute("char").and_then(|digits| u32::from_str_radix(&digits, 16).ok());
        let character = number.filter(|number| !(0xe000..0xf900).contains(number)).and_then(char::from_u32);
        if let Some(character) = character {
            self.flow.push(character.encode_utf8(&mut [0; 4]));
        }
    }
}

fn is_off(element: &Element<'_>) -> bool {
    element.attribute("val").is_some_and(|value| matches!(value.as_str(), "0" | "false" | "off"))
}
