//! Extracts the text of Word documents (docx), and of Word's XML before it.

mod chunks;
mod fields;
mod styles;
mod symbols;

use std::collections::HashMap;

use self::fields::Fields;
use super::flow::Flow;
use super::markup::{self, Element, Markup, Next};
use super::package::Package;
use super::text::RawText;
use super::{drawing, ooxml};
use crate::protocol::NoText;

/// Elements whose text is not shown: what was deleted or moved away, readings of characters, settings, and
/// what they were before a change.
const HIDDEN: [&str; 10] =
    ["del", "delText", "moveFrom", "rt", "rPrChange", "tblPr", "trPr", "tcPr", "sectPr", "docPartObj"];

/// Parts that are shown beside the text.
const NOTES: [&str; 4] = ["footnotes", "endnotes", "comments", "footer"];

/// Drawings that are parts of their own. Shapes may be drawn into a chart.
const DRAWINGS: [&str; 4] = ["diagramData", "chart", "chartEx", "chartUserShapes"];

/// What is read of a part.
#[derive(Default)]
struct Reader<'a> {
    /// The styles that say whether their text is hidden, if there are any.
    styles: Option<&'a HashMap<String, bool>>,
    /// The documents that are shown as parts of this one, by their identifiers.
    chunks: &'a mut [(String, RawText)],
    flow: Flow,
    fields: Fields,
    in_text: bool,
    in_run: bool,
    /// Whether the current run is hidden, and whether the style of its paragraph hides it.
    is_hidden: bool,
    hides_paragraph: bool,
    /// The symbol font of the current run.
    symbols: Option<&'static str>,
    /// Whether what is opened are settings of a paragraph.
    in_settings: bool,
    /// Whether the end of the paragraph is deleted, and whether that of the one before was.
    is_end_deleted: bool,
    joins: bool,
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
    let styles = parts("styles").next().and_then(|part| package.read_text(part));
    let styles = styles.map(|xml| styles::hiding(&xml)).filter(|styles| !styles.is_empty());
    let mut chunks = chunks::all(package, &relationships);
    let mut text = RawText::from(String::new());
    for part in parts("header").chain([&main]).chain(NOTES.into_iter().flat_map(parts)) {
        if let Some(xml) = package.read_text(part) {
            let chunks = if *part == main { &mut chunks[..] } else { &mut [] };
            text.append(read(&xml, Reader { styles: styles.as_ref(), chunks, ..Reader::default() }));
        }
    }
    for part in ooxml::reachable(package, &main, &DRAWINGS) {
        if let Some(xml) = package.read_text(&part) {
            text.append(drawing::text(&xml));
        }
    }
    // Those for which no place was found.
    chunks.into_iter().for_each(|(_, chunk)| text.append(chunk));
    package.judge(text)
}

/// The text of a part, or of a document in one file of XML.
pub fn text_of_part(xml: &str) -> RawText {
    read(xml, Reader::default())
}

fn read(xml: &str, mut reader: Reader<'_>) -> RawText {
    let complete = markup::walk(xml, |markup| reader.visit(markup));
    RawText::new(reader.flow.finish(), !complete)
}

impl Reader<'_> {
    fn visit(&mut self, markup: Markup<'_>) -> Next {
        match markup {
            Markup::Open(name, element) => return self.open(name, element),
            Markup::Close(name) => self.close(name),
            Markup::Text(text) if self.in_text && !self.is_hidden => self.push_text(text),
            Markup::Text(_) => {}
        }
        if self.flow.is_full() { Next::Stop } else { Next::Continue }
    }

    fn open(&mut self, name: &str, element: &Element<'_>) -> Next {
        match name {
            _ if self.in_settings => return self.read_setting(name, element),
            _ if HIDDEN.contains(&name) => return Next::Skip,
            // Word before 2007 marks a deletion so.
            "annotation" if element.has("type", "Word.Deletion") => return Next::Skip,
            "Choice" | "Fallback" if self.chosen.last() == Some(&true) => return Next::Skip,
            "AlternateContent" => self.chosen.push(false),
            "Choice" => self.chosen.iter_mut().rev().take(1).for_each(|chosen| *chosen = true),
            "p" => self.open_paragraph(),
            "tbl" => self.end_line(),
            "altChunk" => self.push_chunk(element),
            "r" => (self.in_run, self.is_hidden, self.symbols) = (true, self.hides_paragraph, None),
            "pPr" => self.in_settings = true,
            "rStyle" if self.in_run => self.is_hidden = self.hides(element).unwrap_or(self.is_hidden),
            "vanish" if self.in_run => self.is_hidden = !is_off(element),
            "rFonts" => self.symbols = symbols::FONTS.into_iter().find(|font| element.has_any(font)),
            "t" => self.in_text = true,
            "fldChar" => self.fields.read_mark(element, &mut self.flow),
            "result" | "default" | "listEntry" => self.fields.read_list(name, element),
            _ if !self.is_hidden => self.push_sign(name, element),
            _ => {}
        }
        Next::Continue
    }

    /// Reads a setting of a paragraph, or of the sign at its end.
    fn read_setting(&mut self, name: &str, element: &Element<'_>) -> Next {
        match name {
            "pStyle" => self.hides_paragraph = self.hides(element).unwrap_or(false),
            "del" | "moveFrom" => self.is_end_deleted = true,
            "rPr" => {}
            _ => return Next::Skip,
        }
        Next::Continue
    }

    fn open_paragraph(&mut self) {
        // A text box within a paragraph is shown where it stands.
        if !self.joins {
            self.flow.end_line();
        }
        (self.is_end_deleted, self.joins) = (false, false);
        (self.in_run, self.is_hidden, self.hides_paragraph) = (false, false, false);
    }

    fn close_paragraph(&mut self) {
        self.joins = std::mem::take(&mut self.is_end_deleted);
        if !self.joins {
            self.flow.push("\n");
        }
    }

    /// Ends a line where no paragraph is joined with the one before.
    fn end_line(&mut self) {
        self.joins = false;
        self.flow.end_line();
    }

    /// Appends the text of a document that is shown here.
    fn push_chunk(&mut self, element: &Element<'_>) {
        self.end_line();
        let id = element.attribute("id").unwrap_or_default();
        if let Some((_, chunk)) = self.chunks.iter_mut().find(|(known, _)| *known == id) {
            self.flow.push(&std::mem::take(&mut chunk.content));
            self.flow.end_line();
        }
    }

    /// Whether text of the style that an element names is hidden, if the style says that.
    fn hides(&self, element: &Element<'_>) -> Option<bool> {
        self.styles?.get(&element.attribute("val")?).copied()
    }

    fn close(&mut self, name: &str) {
        match name {
            "p" => self.close_paragraph(),
            "txbxContent" | "footnote" | "endnote" | "comment" => self.end_line(),
            "pPr" => self.in_settings = false,
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

    /// Appends text. In symbol fonts, the characters for private use stand for others.
    fn push_text(&mut self, text: &str) {
        let Some(font) = self.symbols else { return self.flow.push(text) };
        let resolve = |character| symbols::character(font, character).filter(|_| character > '\u{ff}');
        let resolved: String =
            text.chars().map(|character| resolve(character).unwrap_or(character)).collect();
        self.flow.push(&resolved);
    }

    /// Appends the character for which an element stands.
    fn push_sign(&mut self, name: &str, element: &Element<'_>) {
        match name {
            "tab" | "ptab" => self.flow.push("\t"),
            "br" | "cr" => self.flow.push("\n"),
            "noBreakHyphen" => self.flow.push("-"),
            // Signs of Hangul.
            "lineBreak" => self.flow.push("\n"),
            "nbSpace" | "fwSpace" => self.flow.push(" "),
            "hyphen" => self.flow.push("-"),
            "sym" => self.push_symbol(element),
            // Artistic letters, such as those of a watermark.
            "textpath" => self.flow.push(&element.attribute("string").unwrap_or_default()),
            // The line of a fraction.
            "den" => self.flow.push("/"),
            _ => {}
        }
    }

    /// Appends a symbol.
    fn push_symbol(&mut self, element: &Element<'_>) {
        let font = element.attribute("font").unwrap_or_default();
        let number = element.attribute("char").and_then(|digits| u32::from_str_radix(&digits, 16).ok());
        let character = number.and_then(char::from_u32);
        if let Some(character) = character.and_then(|character| symbols::character(&font, character)) {
            self.flow.push(character.encode_utf8(&mut [0; 4]));
        }
    }
}

/// Whether an element turns off what it names.
pub fn is_off(element: &Element<'_>) -> bool {
    element.attribute("val").is_some_and(|value| matches!(value.as_str(), "0" | "false" | "off"))
}
