//! Extracts the text of presentations (pptx): the slides in their order, each with its notes, comments,
//! charts and diagrams, and the text that masters add to them.

use super::markup::{self, Markup, Next};
use super::package::Package;
use super::text::RawText;
use super::{drawing, ooxml};
use crate::protocol::{MAX_TEXT, NoText};

/// Parts of a slide that are shown with it.
const PARTS: [&str; 6] = ["chart", "chartEx", "chartUserShapes", "diagramData", "notesSlide", "comments"];

/// Extracts the text of a presentation.
pub fn text(package: &mut Package<'_>) -> Result<RawText, NoText> {
    let main = ooxml::main_part(package).ok_or(NoText::Damaged)?;
    let slides = slides(package, &main);
    let mut text = RawText::from(String::new());
    let mut layouts = Vec::new();
    for slide in slides {
        if text.content.len() > MAX_TEXT {
            text.incomplete = true;
            break;
        }
        append(package, &slide, drawing::text, &mut text);
        for part in ooxml::reachable(package, &slide, &PARTS) {
            append(package, &part, drawing::text, &mut text);
        }
        layouts.extend(ooxml::related(package, &slide, &["slideLayout"]));
    }
    append_masters(package, layouts, &mut text);
    package.judge(text)
}

/// The names of the slides, in their order. Without a list of them, all slides are taken.
fn slides(package: &mut Package<'_>, main: &str) -> Vec<String> {
    let relationships = ooxml::relationships(package, main);
    let mut slides = Vec::new();
    markup::walk(&package.read_text(main).unwrap_or_default(), |markup| {
        if let Markup::Open("sldId", element) = markup {
            // Its own identifier and that of the relationship have the same name in different namespaces.
            let related =
                relationships.iter().find(|other| element.has_any(&other.id) && other.kind == "slide");
            slides.extend(related.map(|other| other.target.clone()));
        }
        Next::Continue
    });
    if slides.is_empty() {
        slides = package.names(|name| name.starts_with("ppt/slides/slide") && name.ends_with(".xml"));
    }
    slides
}

/// Appends the text of the masters of these layouts, each once.
fn append_masters(package: &mut Package<'_>, mut layouts: Vec<String>, text: &mut RawText) {
    layouts.sort_unstable();
    layouts.dedup();
    let mut masters: Vec<String> =
        layouts.iter().flat_map(|layout| ooxml::related(package, layout, &["slideMaster"])).collect();
    masters.sort_unstable();
    masters.dedup();
    for part in layouts.iter().chain(&masters) {
        append(package, part, drawing::text_of_master, text);
    }
}

fn append(package: &mut Package<'_>, part: &str, read: impl Fn(&str) -> RawText, text: &mut RawText) {
    if let Some(xml) = package.read_text(part) {
        text.append(read(&xml));
    } else {
        text.incomplete = true;
    }
}
