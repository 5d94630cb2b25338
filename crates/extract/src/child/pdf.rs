//! Extracts the text of PDF files. The library interprets the pages and says which glyphs they show where.
//! The modules below put these into reading order, and add what a document says outside its pages.

mod bidi;
mod blocks;
mod columns;
mod directions;
mod fields;
mod forms;
mod gaps;
mod glyphs;
mod hidden;
mod layers;
mod letters;
mod lines;
mod maps;
mod margins;
mod pieces;
mod place;
mod sides;
mod stacks;
mod upright;
mod xml_form;

use std::sync::Arc;

use hayro_interpret::font::{FontData, FontQuery};
use hayro_interpret::hayro_syntax::object::Dict;
use hayro_interpret::hayro_syntax::page::Page;
use hayro_interpret::hayro_syntax::{LoadPdfError, Pdf};
use hayro_interpret::kurbo::{Affine, Rect};
use hayro_interpret::{Context, InterpreterCache, InterpreterSettings, interpret_page};

use self::glyphs::Glyphs;
use self::hidden::Hidden;
use self::layers::Layers;
use super::text::RawText;
use crate::protocol::{MAX_TEXT, NoText, Pages};

/// A font without a glyph. It stands for the fonts that a document does not embed, because text is not drawn.
/// Its width of zero keeps the library from stretching glyphs to the widths that the document gives.
const NO_GLYPHS: &[u8] = include_bytes!("pdf/no-glyphs.ttf");

/// The number of bytes before which the header has to begin, as Acrobat reads it.
const MAX_BYTES_BEFORE_HEADER: usize = 1024;

/// Where the header of a PDF file begins. Other bytes may stand before it, such as a mark of UTF-8 or the
/// header of a form's part. The first object has to follow then, because a text may mention the header too.
pub fn find_header(bytes: &[u8]) -> Option<usize> {
    let start = bytes.get(..MAX_BYTES_BEFORE_HEADER).unwrap_or(bytes);
    let header = start.windows(5).position(|window| window == b"%PDF-")?;
    let after = bytes.get(header..)?;
    let after = after.get(..MAX_BYTES_BEFORE_HEADER).unwrap_or(after);
    (header == 0 || after.windows(4).any(|window| window == b" obj")).then_some(header)
}

/// Drops what stands before the header of a file, and shares the rest with the library.
pub fn share(mut bytes: Vec<u8>) -> Arc<Vec<u8>> {
    bytes.drain(..find_header(&bytes).unwrap_or(0));
    Arc::new(bytes)
}

/// Extracts the text page by page, until there is enough. If pages or their contents are not where the file
/// says, the file is changed so that the library searches for them, and read again. So it is if glyphs have
/// no text, and the maps that may give it can be mended.
pub fn text(file: &mut Arc<Vec<u8>>) -> Result<RawText, NoText> {
    let mut found = read(file.clone());
    if found.as_ref().err() == Some(&NoText::Damaged) {
        forget_places(Arc::get_mut(file).ok_or(NoText::Damaged)?);
        found = read(file.clone());
    }
    let found = found?;
    if found.has_unknown_glyphs && maps::mend(file) {
        return read(file.clone()).map(|found| found.text);
    }
    Ok(found.text)
}

/// What was found in a file.
struct Found {
    text: RawText,
    /// Whether glyphs are shown whose text is not known.
    has_unknown_glyphs: bool,
}

/// Removes where the table of objects and the pages are, so that the library searches the file for them.
fn forget_places(bytes: &mut [u8]) {
    for name in [b"startxref".as_slice(), b"/Kids"] {
        let mut rest = &mut *bytes;
        while let Some(place) = rest.windows(name.len()).position(|window| window == name) {
            let (_, from) = rest.split_at_mut(place);
            let (found, after) = from.split_at_mut(name.len());
            found.iter_mut().skip(1).for_each(|byte| *byte = b'X');
            rest = after;
        }
    }
}

fn read(bytes: Arc<Vec<u8>>) -> Result<Found, NoText> {
    let document = Pdf::new(bytes).map_err(|error| match error {
        LoadPdfError::Decryption(_) => NoText::Encrypted,
        LoadPdfError::Invalid => NoText::Damaged,
    })?;
    if document.pages().iter().all(is_lost) {
        return Err(NoText::Damaged);
    }
    let layers = Layers::of(&document);
    let mut found = read_pages(&document, &layers);
    if found.text.content.len() <= MAX_TEXT {
        fields::append(&document, &layers, &mut found.text.content);
    }
    Ok(found)
}

/// Whether a page has contents that are not where the file says.
fn is_lost(page: &Page<'_>) -> bool {
    page.raw().contains_key("Contents") && page.page_stream().is_none()
}

/// Reads page by page, until there is enough text.
fn read_pages(document: &Pdf, layers: &Layers) -> Found {
    let (settings, cache) = (settings(), InterpreterCache::new());
    let mut content = String::new();
    let mut pages = Pages { total: document.pages().len() as u32, without_text: 0 };
    let mut incomplete = has_missing_pages(document);
    let mut has_unknown_glyphs = false;
    for page in document.pages().iter() {
        if content.len() > MAX_TEXT {
            incomplete = true;
            break;
        }
        let before = content.len();
        let glyphs = collect_glyphs(page, layers, &cache, &settings);
        incomplete |= is_lost(page) || glyphs.is_full();
        has_unknown_glyphs |= glyphs.has_unknown();
        append_text(glyphs, &mut content);
        let is_blank = content.get(before..).is_none_or(|text| text.trim().is_empty());
        pages.without_text += u32::from(is_blank);
    }
    Found { text: RawText { content, incomplete, pages: Some(pages) }, has_unknown_glyphs }
}

/// Whether the file says that it has more pages than were found.
fn has_missing_pages(document: &Pdf) -> bool {
    let catalog = document.xref().get::<Dict<'_>>(document.xref().root_id());
    let pages = catalog.and_then(|catalog| catalog.get::<Dict<'_>>("Pages"));
    let count = pages.and_then(|pages| pages.get::<usize>("Count"));
    count.is_some_and(|count| count > document.pages().len())
}

fn collect_glyphs<'a>(
    page: &Page<'a>,
    layers: &Layers,
    cache: &InterpreterCache<'a>,
    settings: &InterpreterSettings,
) -> Glyphs {
    // It turns the page as it is displayed.
    let transform = Affine::new(page.initial_transform(true).as_coeffs());
    let (width, height) = page.render_dimensions();
    let bounds = Rect::new(0.0, 0.0, width.into(), height.into());
    let hidden = layers.hidden_places(page).into_iter().map(|place| transform.transform_rect_bbox(place));
    let mut glyphs = Glyphs::without(Hidden::new(hidden.collect()));
    interpret_page(
        page,
        &mut Context::new(transform, bounds, cache, page.xref(), settings.clone()),
        &mut glyphs,
    );
    glyphs
}

/// Appends the text of the glyphs of a page.
fn append_text(glyphs: Glyphs, content: &mut String) {
    for direction in glyphs.into_directions().flat_map(stacks::part) {
        let page = bidi::Page::of(&direction);
        for line in columns::lines_in_order(direction) {
            lines::append(line, page, content);
        }
        content.push('\n');
    }
}

/// How pages are interpreted: without the fonts that they do not embed.
pub fn settings() -> InterpreterSettings {
    InterpreterSettings { font_resolver: Arc::new(no_glyphs), ..InterpreterSettings::default() }
}

fn no_glyphs(_: &FontQuery) -> Option<(FontData, u32)> {
    Some((Arc::new(NO_GLYPHS), 0))
}
