//! Extracts the text of workbooks (xlsx): for each sheet its name, its cells row by row, its headers and
//! footers, comments, and drawings.

mod numbers;
mod strings;

pub use self::numbers::date_of;
use self::numbers::{Epoch, Formats};
use self::strings::SharedStrings;
pub use self::strings::{unescape, without_codes};
use super::flow::Flow;
use super::markup::{self, Element, Markup, Next};
use super::package::Package;
use super::text::RawText;
use super::{drawing, ooxml};
use crate::protocol::{MAX_TEXT, NoText};

/// Parts of a sheet that are shown with it, and parts of those.
const PARTS: [&str; 7] =
    ["comments", "threadedComment", "drawing", "chart", "chartEx", "chartUserShapes", "diagramData"];

/// What all sheets share.
struct Book {
    strings: SharedStrings,
    formats: Formats,
    epoch: Epoch,
}

/// What is read of a sheet.
struct Sheet<'a> {
    book: &'a Book,
    flow: Flow,
    /// The type of the current cell, its format, and its value so far.
    kind: String,
    format: usize,
    value: String,
    /// Whether the text belongs to the cell, and whether it is that of a header or footer.
    in_value: bool,
    in_margin: bool,
}

/// Extracts the text of a workbook.
pub fn text(package: &mut Package<'_>) -> Result<RawText, NoText> {
    let main = ooxml::main_part(package).ok_or(NoText::Damaged)?;
    let (sheets, epoch) = sheets(package, &main);
    let part = |package: &mut Package<'_>, kind| {
        let name = ooxml::related(package, &main, &[kind]).into_iter().next();
        // Of a workbook that is cut off, the relationships may be lost.
        package.read_text(&name.unwrap_or_else(|| format!("xl/{kind}.xml")))
    };
    let strings = part(package, "sharedStrings").unwrap_or_default();
    let (strings, complete) = SharedStrings::parse(&strings);
    let formats = Formats::parse(&part(package, "styles").unwrap_or_default());
    let book = Book { strings, formats, epoch };
    let mut text = RawText::new(String::new(), !complete);
    for (name, part) in sheets {
        if text.content.len() > MAX_TEXT {
            text.incomplete = true;
            break;
        }
        text.content.push_str(&name);
        text.content.push('\n');
        book.append_sheet(package, &part, &mut text);
    }
    package.judge(text)
}

/// The sheets, each with its name and its part, and the epoch of their dates.
fn sheets(package: &mut Package<'_>, main: &str) -> (Vec<(String, String)>, Epoch) {
    let relationships = ooxml::relationships(package, main);
    let (mut sheets, mut epoch) = (Vec::new(), Epoch::Year1900);
    let xml = package.read_text(main).unwrap_or_default();
    markup::walk(&xml, |markup| {
        match markup {
            Markup::Open("sheet", element) => {
                let name = element.attribute("name").unwrap_or_default();
                let id = element.attribute("id").unwrap_or_default();
                let related = relationships.iter().find(|other| other.id == id);
                sheets.extend(related.map(|other| (strings::unescape(&name), other.target.clone())));
            }
            Markup::Open("workbookPr", element)
                if element.has("date1904", "1") || element.has("date1904", "true") =>
            {
                epoch = Epoch::Year1904;
            }
            _ => {}
        }
        Next::Continue
    });
    if sheets.is_empty() {
        let parts = package.names(|name| name.starts_with("xl/worksheets/") && name.ends_with(".xml"));
        sheets = parts.into_iter().map(|part| (String::new(), part)).collect();
    }
    (sheets, epoch)
}

impl Book {
    /// Appends the text of a sheet and of the parts that belong to it.
    fn append_sheet(&self, package: &mut Package<'_>, part: &str, text: &mut RawText) {
        let Some(xml) = package.read_text(part) else {
            text.incomplete = true;
            return;
        };
        let mut sheet = Sheet {
            book: self,
            flow: Flow::default(),
            kind: String::new(),
            format: 0,
            value: String::new(),
            in_value: false,
            in_margin: false,
        };
        let complete = markup::walk(&xml, |markup| sheet.visit(markup));
        text.append(RawText::new(sheet.flow.finish(), !complete));
        for part in ooxml::reachable(package, part, &PARTS) {
            if let Some(xml) = package.read_text(&part) {
                let is_comments = xml.contains("<comments");
                text.append(if is_comments { strings::comments(&xml) } else { drawing::text(&xml) });
            }
        }
    }
}

impl Sheet<'_> {
    fn visit(&mut self, markup: Markup<'_>) -> Next {
        match markup {
            Markup::Open(name, element) => return self.open(name, element),
            Markup::Close(name) => self.close(name),
            Markup::Text(text) if self.in_value || self.in_margin => self.value.push_str(text),
            Markup::Text(_) => {}
        }
        if self.flow.is_full() { Next::Stop } else { Next::Continue }
    }

    fn open(&mut self, name: &str, element: &Element<'_>) -> Next {
        match name {
            "f" | "rPh" | "extLst" | "conditionalFormatting" | "dataValidations" => return Next::Skip,
            "c" => {
                self.kind = element.attribute("t").unwrap_or_default();
                self.format = element.attribute("s").and_then(|style| style.parse().ok()).unwrap_or(0);
                self.value.clear();
            }
            "v" | "t" => self.in_value = true,
            name if is_margin(name) => {
                self.in_margin = true;
                self.value.clear();
            }
            _ => {}
        }
        Next::Continue
    }

    fn close(&mut self, name: &str) {
        match name {
            "v" | "t" => self.in_value = false,
            "c" => self.close_cell(),
            "row" => self.flow.end_line(),
            name if is_margin(name) => {
                self.in_margin = false;
                self.flow.push(&strings::without_codes(&std::mem::take(&mut self.value)));
                self.flow.end_line();
            }
            _ => {}
        }
    }

    fn close_cell(&mut self) {
        let value = std::mem::take(&mut self.value);
        match self.kind.as_str() {
            "s" => self
                .flow
                .push(value.trim().parse().ok().and_then(|at| self.book.strings.get(at)).unwrap_or_default()),
            "b" => self.flow.push(if value.trim() == "1" { "TRUE" } else { "FALSE" }),
            "str" | "inlineStr" | "e" | "d" => self.flow.push(&strings::unescape(&value)),
            _ => self.flow.push(&self.book.formats.show(self.format, &value, self.book.epoch)),
        }
        self.flow.push("\t");
    }
}

fn is_margin(name: &str) -> bool {
    matches!(name, "oddHeader" | "oddFooter" | "evenHeader" | "evenFooter" | "firstHeader" | "firstFooter")
}
