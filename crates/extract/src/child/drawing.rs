//! Extracts the text of drawings in Office Open XML: slides, text boxes, charts and diagrams.

use super::flow::Flow;
use super::markup::{self, Element, Markup, Next};
use super::text::RawText;
use super::workbook::unescape;

/// What is read of a drawing.
#[derive(Default)]
struct Reader {
    flow: Flow,
    in_text: bool,
    /// Whether the text is that of a chart's labels, which is stored beside the numbers.
    in_labels: bool,
    /// Whether only shapes are read that do not stand for a slide's own.
    is_master: bool,
    in_placeholder: bool,
    chosen: Vec<bool>,
}

/// The text of a slide, of a drawing, a chart or a diagram.
pub fn text(xml: &str) -> RawText {
    read(xml, Reader::default())
}

/// The text that a slide takes over from its master: that of shapes which are no placeholders.
pub fn text_of_master(xml: &str) -> RawText {
    read(xml, Reader { is_master: true, ..Reader::default() })
}

fn read(xml: &str, mut reader: Reader) -> RawText {
    let complete = markup::walk(xml, |markup| reader.visit(markup));
    RawText::new(reader.flow.finish(), !complete)
}

impl Reader {
    fn visit(&mut self, markup: Markup<'_>) -> Next {
        match markup {
            Markup::Open(name, element) => return self.open(name, element),
            Markup::Close(name) => self.close(name),
            Markup::Text(text) if self.in_text && !(self.is_master && self.in_placeholder) => {
                self.flow.push(&unescape(text))
            }
            Markup::Text(_) => {}
        }
        if self.flow.is_full() { Next::Stop } else { Next::Continue }
    }

    fn open(&mut self, name: &str, element: &Element<'_>) -> Next {
        match name {
            "Choice" | "Fallback" if self.chosen.last() == Some(&true) => return Next::Skip,
            "fld" if element.has("type", "slidenum") => return Next::Skip,
            "AlternateContent" => self.chosen.push(false),
            "Choice" => self.chosen.iter_mut().rev().take(1).for_each(|chosen| *chosen = true),
            "sp" => self.in_placeholder = false,
            "ph" => self.in_placeholder = true,
            "p" => self.flow.open_paragraph(),
            "br" => self.flow.push("\n"),
            // The numbers of a chart of the kinds that Office has had since 2016.
            "numDim" => return Next::Skip,
            "tx" | "strCache" | "strLit" | "lvl" => self.in_labels = true,
            // The text of a comment is in an element of its own.
            "t" | "text" => self.in_text = true,
            "v" | "pt" => self.in_text = self.in_labels,
            _ => {}
        }
        Next::Continue
    }

    fn close(&mut self, name: &str) {
        match name {
            "p" => self.flow.close_paragraph(),
            "tc" => self.flow.close_cell(),
            "tr" => self.flow.end_line(),
            "t" => self.in_text = false,
            "v" | "text" | "pt" => {
                self.in_text = false;
                self.flow.end_line();
            }
            "tx" | "strCache" | "strLit" | "lvl" => self.in_labels = false,
            "AlternateContent" => {
                self.chosen.pop();
            }
            _ => {}
        }
    }
}
