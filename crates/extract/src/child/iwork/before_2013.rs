//! Extracts the text of documents of Pages, Numbers and Keynote before 2013, which are XML.

use std::io::Read as _;

use flate2::read::GzDecoder;

use super::super::flow::Flow;
use super::super::markup::{self, Element, Markup, Next};
use super::super::package::{MAX_PART_BYTES, Package};
use super::super::text::RawText;
use crate::protocol::NoText;

/// The main part: of Keynote, and of Pages and Numbers.
const MAIN: [&str; 4] = ["index.apxl", "index.apxl.gz", "index.xml", "index.xml.gz"];

/// The parts of which a document has one besides the main part, whose name others have, too.
const BESIDE: [&str; 2] = ["buildversionhistory.plist", "contents/pkginfo"];

/// The method by which iWork packs parts that it encrypts.
const ENCRYPTION: u16 = 25_452;

/// What is not shown: styles, layouts, and the samples from which sections and tables are made.
const HIDDEN: [&str; 5] = ["stylesheet", "theme-list", "master-slide", "section-prototypes", "prototype"];

/// The main part of such a document. `has` tells whether there is a part.
pub fn find_main_part(has: impl Fn(&str) -> bool) -> Option<&'static str> {
    MAIN.into_iter().find(|part| has(part)).filter(|_| BESIDE.iter().any(|part| has(part)))
}

/// Extracts the text of a document, whose main part is at `main`.
pub fn text(package: &mut Package<'_>, main: &str) -> Result<RawText, NoText> {
    if package.is_packed_by(main, ENCRYPTION) {
        return Err(NoText::Encrypted);
    }
    let read = read(&unpack(package, main));
    package.judge(read)
}

fn read(xml: &str) -> RawText {
    let mut flow = Flow::default();
    let mut in_paragraph = false;
    let complete = markup::walk(xml, |markup| {
        match markup {
            Markup::Open(name, _) if HIDDEN.contains(&name) => return Next::Skip,
            Markup::Open("p", _) => {
                in_paragraph = true;
                flow.open_paragraph();
            }
            Markup::Close("p") => {
                in_paragraph = false;
                flow.close_paragraph();
            }
            Markup::Text(text) if in_paragraph => flow.push(text),
            Markup::Open(name, element) => open(name, element, &mut flow),
            _ => {}
        }
        if flow.is_full() { Next::Stop } else { Next::Continue }
    });
    RawText::new(flow.finish(), !complete)
}

fn unpack(package: &mut Package<'_>, part: &str) -> String {
    if !part.ends_with(".gz") {
        return package.read_text(part).unwrap_or_default();
    }
    let (packed, mut xml) = (package.read(part).unwrap_or_default(), Vec::new());
    // Of a damaged part, what precedes the damage is read.
    let _damage = GzDecoder::new(packed.as_slice()).take(MAX_PART_BYTES).read_to_end(&mut xml);
    markup::decode(xml)
}

/// Shows an element that has its text in an attribute: a cell, or the name of a sheet or a table.
fn open(name: &str, element: &Element<'_>, flow: &mut Flow) {
    let (attribute, end) = match name {
        "ct" => ("s", "\t"),
        "n" => ("v", "\t"),
        "workspace" => ("workspace-name", "\n"),
        "tabular-model" => ("name", "\n"),
        "br" | "lnbr" | "crbr" | "pgbr" => return flow.push("\n"),
        "tab" => return flow.push("\t"),
        _ => return,
    };
    if let Some(text) = element.attribute(attribute) {
        flow.push(&text);
        flow.push(end);
    }
}
