//! Extracts the text of OpenDocument and of its predecessor, in an archive or in one file of XML.

mod hidden;
mod kind;

use std::collections::HashSet;

pub use self::kind::format;
use super::flow::Flow;
use super::markup::{self, Element, Markup, Next};
use super::package::Package;
use super::text::RawText;
use crate::protocol::{Format, NoText};

/// The most objects in a document that are read, such as charts and formulas.
const MAX_OBJECTS: usize = 50;

/// What is read of a document.
#[derive(Default)]
struct Reader {
    flow: Flow,
    /// Whether tables are sheets, whose names are shown.
    is_book: bool,
    /// Whether only master pages are read, which have headers and footers, and whether one is open.
    only_masters: bool,
    in_master: bool,
    /// Whether a place for the footer of slides is open, or for their header or their date.
    in_footer: bool,
    in_alternative: bool,
    /// The styles whose text is hidden.
    hiding: HashSet<String>,
    /// The style that is being defined, and whether any is. Formats of numbers have text.
    style: String,
    in_styles: bool,
    /// The value of a cell, if it has no text until it ends at this length.
    value: Option<(usize, String)>,
}

/// Extracts the text of a document in an archive: its content, the objects in it, its headers and footers.
pub fn text(format: Format, package: &mut Package<'_>) -> Result<RawText, NoText> {
    let manifest = package.read("META-INF/manifest.xml").unwrap_or_default();
    if manifest.windows(15).any(|bytes| bytes == b"encryption-data") {
        return Err(NoText::Encrypted);
    }
    let content = package.read_text("content.xml").ok_or(NoText::Damaged)?;
    let RawText { mut content, mut incomplete, .. } = read(format == Format::Ods, &content, false);
    let mut parts = package.names(|name| name.ends_with("/content.xml"));
    parts.truncate(MAX_OBJECTS);
    parts.push("styles.xml".to_owned());
    for part in parts {
        if let Some(xml) = package.read_text(&part) {
            let text = read(false, &xml, part == "styles.xml");
            content.push_str(&text.content);
            incomplete |= text.incomplete;
        }
    }
    package.judge(RawText::new(content, incomplete))
}

/// Extracts the text of a document in one file of XML.
pub fn text_of_flat(xml: &str) -> RawText {
    read(xml.contains("opendocument.spreadsheet"), xml, false)
}

fn read(is_book: bool, xml: &str, only_masters: bool) -> RawText {
    let mut reader = Reader { is_book, only_masters, ..Reader::default() };
    let complete = markup::walk(xml, |markup| reader.visit(markup));
    RawText::new(reader.flow.finish(), !complete)
}

impl Reader {
    fn visit(&mut self, markup: Markup<'_>) -> Next {
        match markup {
            Markup::Open(name, element) => return self.open(name, element),
            Markup::Close(name) => self.close(name),
            Markup::Text(_) if self.in_styles || (self.only_masters && !self.in_master) => {}
            Markup::Text(text) => self.flow.push(text),
        }
        if self.flow.is_full() { Next::Stop } else { Next::Continue }
    }

    fn open(&mut self, name: &str, element: &Element<'_>) -> Next {
        match name {
            _ if self.is_hidden(name, element) => return Next::Skip,
            "automatic-styles" => self.in_styles = true,
            "style" => self.style = element.attribute("name").unwrap_or_default(),
            "text-properties" if element.has("display", "none") => {
                self.hiding.insert(self.style.clone());
            }
            "p" | "h" => self.flow.open_paragraph(),
            "title" | "desc" if hidden::is_alternative(element) => {
                self.in_alternative = true;
                self.flow.open_paragraph();
            }
            "s" => self.flow.push(" "),
            "tab" | "tab-stop" => self.flow.push("\t"),
            "line-break" => self.flow.push("\n"),
            "table-cell" => self.value = value(element).map(|value| (self.flow.len(), value)),
            "table" if self.is_book => {
                self.flow.push(&element.attribute("name").unwrap_or_default());
                self.flow.end_line();
            }
            "frame" => self.in_footer = hidden::is_footer(element),
            "master-page" => self.in_master = true,
            _ => {}
        }
        Next::Continue
    }

    fn close(&mut self, name: &str) {
        match name {
            "p" | "h" => self.flow.close_paragraph(),
            "title" | "desc" if self.in_alternative => {
                self.in_alternative = false;
                self.flow.close_paragraph();
            }
            "number" => self.flow.push(" "),
            "table-cell" | "covered-table-cell" => self.close_cell(),
            "table-row" | "header-decl" | "footer-decl" | "date-time-decl" | "math" => self.flow.end_line(),
            "automatic-styles" => self.in_styles = false,
            "frame" => self.in_footer = false,
            "master-page" => self.in_master = false,
            _ => {}
        }
    }

    /// Ends a cell. Some programs write its value alone.
    fn close_cell(&mut self) {
        if let Some((length, value)) = self.value.take()
            && length == self.flow.len()
        {
            self.flow.push(&value);
        }
        self.flow.close_cell();
    }

    /// Whether an element is not shown. A style must be defined before the text that has it.
    fn is_hidden(&self, name: &str, element: &Element<'_>) -> bool {
        let has_style = !self.hiding.is_empty() && matches!(name, "span" | "p" | "h");
        let is_styled =
            has_style && element.attribute("style-name").is_some_and(|it| self.hiding.contains(&it));
        let is_place = hidden::is_place(element, self.in_master);
        let is_replaced = self.in_master && self.in_footer && hidden::is_replaced(element);
        let is_notes = self.in_master && name == "notes";
        is_styled || is_place || is_replaced || is_notes || hidden::is_hidden(name, element)
    }
}

/// The value of a cell, as it is stored.
fn value(element: &Element<'_>) -> Option<String> {
    element.attribute(match element.attribute("value-type")?.as_str() {
        "string" => "string-value",
        "date" => "date-value",
        "time" => "time-value",
        "boolean" => "boolean-value",
        _ => "value",
    })
}
