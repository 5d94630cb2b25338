//! Extracts the text of drawings of Visio (vsdx): the names of the pages, and the text of their shapes.

use super::flow::Flow;
use super::markup::{self, Markup, Next};
use super::package::Package;
use super::text::RawText;
use crate::protocol::NoText;

/// Whether a package is a drawing of Visio.
pub fn is_drawing(package: &Package<'_>) -> bool {
    package.has("visio/document.xml")
}

/// Extracts the text of a drawing.
pub fn text(package: &mut Package<'_>) -> Result<RawText, NoText> {
    let mut flow = Flow::default();
    let mut complete = true;
    for part in package.names(|name| name.starts_with("visio/pages/page") && name.ends_with(".xml")) {
        let mut in_text = false;
        let xml = package.read_text(&part).unwrap_or_default();
        complete &= markup::walk(&xml, |markup| {
            match markup {
                Markup::Open("Page", element) => {
                    flow.push(&element.attribute("Name").unwrap_or_default());
                    flow.end_line();
                }
                Markup::Open("Text", _) => in_text = true,
                Markup::Close("Text") => {
                    in_text = false;
                    flow.end_line();
                }
                Markup::Text(text) if in_text => flow.push(text),
                _ => {}
            }
            if flow.is_full() { Next::Stop } else { Next::Continue }
        });
    }
    package.judge(RawText::new(flow.finish(), !complete))
}
