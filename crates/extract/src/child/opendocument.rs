//! Extracts the text of OpenDocument and of its predecessor, in an archive or in one file of XML.

mod hidden;
mod kind;
mod styles;

pub use self::kind::format;
use self::styles::Styles;
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
    styles: Styles,
    /// Whether styles are being defined. Formats of numbers have text.
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
    let styles = package.read_text("styles.xml").map(|xml| Styles::common(&xml)).unwrap_or_default();
    let reader = Reader { is_book: format == Format::Ods, styles, ..Reader::default() };
    let RawText { mut content, mut incomplete, .. } = reader.read(&content);
    let mut parts = package.names(|name| name.ends_with("/content.xml"));
    parts.truncate(MAX_OBJECTS);
    parts.push("styles.xml".to_owned());
    for part in parts {
        if let Some(xml) = package.read_text(&part) {
            let reader = Reader { only_masters: part == "styles.xml", ..Reader::default() };
            let text = reader.read(&xml);
            content.push_str(&text.content);
            incomplete |= text.incomplete;
        }
    }
    package.judge(RawText::new(content, incomplete))
}

/// Extracts the text of a document in one file of XML.
pub fn text_of_flat(xml: &str) -> RawText {
    let is_book = xml.contains("opendocument.spreadsheet");
    Reader { is_book, ..Reader::default() }.read(xml)
}

impl Reader {
    fn read(mut self, xml: &str) -> RawText {
        let complete = markup::walk(xml, |markup| self.visit(markup));
        RawText::new(self.flow.finish(), !complete)
    }

    fn visit(&mut self, markup: Markup<'_>) -> Next {
        if self.in_styles {
            self.styles.read(&markup);
        }
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
            "hidden-paragraph" if element.has("is-hidden", "true") => self.flow.hide_paragraph(),
            _ if self.is_hidden(name, element) => return Next::Skip,
            "styles" | "automatic-styles" => self.in_styles = true,
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
            "number" if !self.in_styles => self.flow.push(" "),
            "table-cell" | "covered-table-cell" => self.close_cell(),
            "table-row" | "header-decl" | "footer-decl" | "date-time-decl" | "math" => self.flow.end_line(),
            "styles" | "automatic-styles" => self.in_styles = false,
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

    /// Whether an element is not shown.
    fn is_hidden(&self, name: &str, element: &Element<'_>) -> bool {
        let is_place = hidden::is_place(element, self.in_master);
        let is_replaced = self.in_master && self.in_footer && hidden::is_replaced(element);
        let is_notes = self.in_master && name == "notes";
        self.styles.hide(name, element)
            || is_place
            || is_replaced
            || is_notes
            || hidden::is_hidden(name, element)
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
