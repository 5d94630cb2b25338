//! Extracts the text of printed pages (XPS and OpenXPS): the glyphs of each page, in the order in which it
//! draws them.

use super::flow::Flow;
use super::markup::{self, Markup, Next};
use super::ooxml;
use super::package::Package;
use super::text::RawText;
use crate::protocol::NoText;

/// Whether a package contains printed pages.
pub fn is_print(package: &Package<'_>) -> bool {
    !package.names(|part| part.ends_with(".fdseq")).is_empty()
}

/// Extracts the text. Glyphs at one height stand on one line.
pub fn text(package: &mut Package<'_>) -> Result<RawText, NoText> {
    let mut flow = Flow::default();
    let mut complete = true;
    for part in pages(package) {
        let xml = package.read_text(&part).unwrap_or_default();
        let mut height = None;
        complete &= markup::walk(&xml, |markup| {
            if let Markup::Open("Glyphs", element) = markup {
                let text = element.attribute("UnicodeString").unwrap_or_default();
                let line = element.attribute("OriginY");
                if line == height {
                    flow.push(" ");
                } else {
                    flow.end_line();
                }
                // Braces mark a text that begins with a brace.
                flow.push(text.strip_prefix("{}").unwrap_or(&text));
                height = line;
            }
            if flow.is_full() { Next::Stop } else { Next::Continue }
        });
        flow.end_line();
    }
    package.judge(RawText::new(flow.finish(), !complete))
}

/// The pages in the order that the documents give, and behind them those that no document names.
fn pages(package: &mut Package<'_>) -> Vec<String> {
    let mut pages = Vec::new();
    for document in package.names(|part| part.ends_with(".fdoc")) {
        let (folder, _) = document.rsplit_once('/').unwrap_or_default();
        markup::walk(&package.read_text(&document).unwrap_or_default(), |markup| {
            if let Markup::Open("PageContent", element) = markup {
                let source = element.attribute("Source").unwrap_or_default();
                pages.push(ooxml::resolve(folder, &source).to_ascii_lowercase());
            }
            Next::Continue
        });
    }
    pages.retain(|page| package.has(page));
    let others = package.names(|part| part.ends_with(".fpage") && !pages.iter().any(|page| page == part));
    pages.extend(others);
    pages
}
