//! Extracts the text of sections of OneNote: the titles of the pages and what stands on them.

use onenote_parser::Parser;
use onenote_parser::contents::{Content, Image, OutlineElement, OutlineItem, Table};
use onenote_parser::page::{Page, PageContent};
use typed_path::TypedPath;

use super::flow::Flow;
use super::text::RawText;
use crate::protocol::NoText;

/// The type of the files, with which they begin.
const SECTION: &[u8] = b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3";

/// Begins the address of a link, which stands in quotation marks before the text that is shown.
const LINK: &str = "\u{fddf}HYPERLINK \"";

/// Whether the bytes begin like a section.
pub fn is_section(bytes: &[u8]) -> bool {
    bytes.starts_with(SECTION)
}

/// Extracts the text of all pages.
pub fn text(bytes: &[u8]) -> Result<RawText, NoText> {
    // The library wants a name for its messages, which nobody reads.
    let section = Parser::new().parse_section_buffer(bytes, TypedPath::derive("section.one"));
    let section = section.map_err(|_| NoText::Damaged)?;
    let mut flow = Flow::default();
    for page in section.page_series().iter().flat_map(|series| series.pages()) {
        append_page(page, &mut flow);
    }
    Ok(RawText::new(flow.finish(), !section.report().warnings().is_empty()))
}

fn append_page(page: &Page, flow: &mut Flow) {
    match page.title() {
        Some(title) => title.contents().iter().for_each(|outline| append_items(outline.items(), flow)),
        None => append_line(page.title_text().unwrap_or_default(), flow),
    }
    for content in page.contents() {
        match content {
            PageContent::Outline(outline) => append_items(outline.items(), flow),
            PageContent::Image(image) => append_image(image, flow),
            PageContent::EmbeddedFile(file) => append_line(file.filename(), flow),
            PageContent::Ink(_) | PageContent::Unknown => {}
        }
    }
    // Handwriting, as OneNote has read it.
    append_line(&page.ink_recognition().map(|ink| ink.text()).unwrap_or_default(), flow);
}

fn append_items(items: &[OutlineItem], flow: &mut Flow) {
    for item in items {
        match item {
            OutlineItem::Element(element) => append_element(element, flow),
            OutlineItem::Group(group) => append_items(group.outlines(), flow),
        }
    }
}

fn append_element(element: &OutlineElement, flow: &mut Flow) {
    for content in element.contents() {
        match content {
            Content::RichText(text) => append_line(&without_links(text.text()), flow),
            Content::Table(table) => append_table(table, flow),
            Content::Image(image) => append_image(image, flow),
            Content::EmbeddedFile(file) => append_line(file.filename(), flow),
            Content::Ink(_) | Content::Unknown => {}
        }
    }
    append_items(element.children(), flow);
}

fn append_table(table: &Table, flow: &mut Flow) {
    for row in table.contents() {
        for cell in row.contents() {
            cell.contents().iter().for_each(|element| append_element(element, flow));
            flow.close_cell();
        }
        flow.end_line();
    }
}

/// Appends the alternative text of an image, and the text that OneNote has recognized in it.
fn append_image(image: &Image, flow: &mut Flow) {
    append_line(image.alt_text().unwrap_or_default(), flow);
    append_line(image.text().unwrap_or_default(), flow);
}

fn append_line(text: &str, flow: &mut Flow) {
    flow.push(text);
    flow.end_line();
}

/// The text without the addresses of its links.
fn without_links(text: &str) -> String {
    let mut pieces = text.split(LINK);
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |shown, piece| shown + piece.split_once('"').map_or(piece, |(_, behind)| behind))
}
