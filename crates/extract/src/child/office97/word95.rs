//! Extracts the text of documents of Word 6 and Word 95. Their text is in the code pages of the fonts.

use super::super::codepage;
use super::super::little_endian::{offset, short};
use super::super::text::RawText;
use crate::protocol::{MAX_TEXT, NoText};

/// Where the header says what, in bytes.
const LANGUAGE: usize = 0x06;
const FLAGS: usize = 0x0a;
const CHARACTER_SET: usize = 0x14;
const TEXT_START: usize = 0x18;
const TEXT_END: usize = 0x1c;
const RUNS: usize = 0xb8;
const FONTS: usize = 0xd0;
const PIECES: usize = 0x160;

/// The flags of a document that was saved by appending changes, and of an encrypted one.
const IS_COMPLEX: u16 = 0x0004;
const IS_ENCRYPTED: u16 = 0x0100;

const PAGE_LENGTH: usize = 512;

/// The property that names the font of a run.
const FONT: u8 = 93;

/// A document, with the code pages of its fonts and the places where the font changes.
struct Document<'a> {
    stream: &'a [u8],
    pages: Vec<u16>,
    changes: Vec<(usize, usize)>,
}

/// Whether the main stream of a document is that of Word 6 or Word 95, also of those for East Asia.
pub fn is_word95(stream: &[u8]) -> bool {
    matches!(short(stream, 0), Some(0xa5dc | 0xa697..=0xa699))
}

/// Extracts the text.
pub fn text(stream: &[u8]) -> Result<RawText, NoText> {
    let flags = short(stream, FLAGS).ok_or(NoText::Damaged)?;
    if flags & IS_ENCRYPTED != 0 {
        return Err(NoText::Encrypted);
    }
    let document = Document { stream, pages: pages_of_fonts(stream), changes: changes_of_font(stream) };
    let whole = offset(stream, TEXT_START).zip(offset(stream, TEXT_END)).ok_or(NoText::Damaged)?;
    let pieces = if flags & IS_COMPLEX == 0 { None } else { pieces(stream) };
    let mut content = String::new();
    let mut incomplete = false;
    for (start, end) in pieces.unwrap_or_else(|| vec![whole]) {
        incomplete |= end > stream.len() || content.len() > MAX_TEXT;
        if content.len() > MAX_TEXT {
            break;
        }
        document.append(start, end.min(stream.len()), &mut content);
    }
    Ok(RawText::new(without_fields(&content), incomplete))
}

impl Document<'_> {
    /// Appends the text between two places, each run in the code page of its font.
    fn append(&self, start: usize, end: usize, content: &mut String) {
        let mut place = start;
        while place < end {
            let next = self.changes.partition_point(|(change, _)| *change <= place);
            let font =
                next.checked_sub(1).and_then(|last| self.changes.get(last)).map_or(0, |(_, font)| *font);
            let stop = self.changes.get(next).map_or(end, |(change, _)| (*change).min(end));
            let page = self.pages.get(font).or(self.pages.first()).copied().unwrap_or(1252);
            content.push_str(&codepage::decode(page, self.stream.get(place..stop).unwrap_or_default()));
            place = stop;
        }
    }
}

/// The code page of each font. A font of the Western set takes that of the document's language, because older
/// fonts of other scripts named none.
fn pages_of_fonts(stream: &[u8]) -> Vec<u16> {
    let is_macintosh = short(stream, CHARACTER_SET) == Some(0x0100);
    let language = codepage::of_language(short(stream, LANGUAGE).unwrap_or(0).into());
    let own = if is_macintosh { 10000 } else { language };
    let mut pages = Vec::new();
    let mut rest = table(stream, FONTS).and_then(|table| table.get(2..)).unwrap_or_default();
    while let Some((length, font)) = rest.split_first() {
        let set = font.get(3).copied().unwrap_or(0);
        pages.push(codepage::of_charset(set.into()).unwrap_or(own));
        rest = font.get(usize::from(*length)..).unwrap_or_default();
    }
    if pages.is_empty() { vec![own] } else { pages }
}

/// The places where runs begin, each with the font of its run, in their order.
fn changes_of_font(stream: &[u8]) -> Vec<(usize, usize)> {
    let Some(table) = table(stream, RUNS) else { return Vec::new() };
    // Each entry has a place of four bytes and the number of a page of two. The last place has no page.
    let count = table.len().saturating_sub(4) / 6;
    let mut changes = Vec::new();
    for entry in 0..count {
        let page = short(table, (count + 1) * 4 + entry * 2).map_or(0, usize::from) * PAGE_LENGTH;
        let Some(page) = stream.get(page..page + PAGE_LENGTH) else { continue };
        let runs = usize::from(page.last().copied().unwrap_or(0));
        for run in 0..runs {
            let Some(place) = offset(page, run * 4) else { break };
            let start = page.get((runs + 1) * 4 + run).copied().map_or(0, usize::from) * 2;
            changes.push((place, font_of_run(page.get(start..).filter(|_| start > 0).unwrap_or_default())));
        }
    }
    changes.sort_unstable();
    changes
}

/// The font that the properties of a run name, or the first one. A byte says how long the properties are.
fn font_of_run(properties: &[u8]) -> usize {
    let Some((length, rest)) = properties.split_first() else { return 0 };
    let mut rest = rest.get(..usize::from(*length)).unwrap_or(rest);
    while let Some((property, value)) = rest.split_first() {
        if *property == FONT {
            return short(value, 0).map_or(0, usize::from);
        }
        let length = match property {
            83 => 0,
            70 => 4,
            73 | 95 => 3,
            69 | 72 | 80 | 94..=97 | 99 | 101 | 107 | 109 | 110 => 2,
            68 | 74 | 81 | 82 | 103 | 105 | 106 | 108 => 1 + value.first().copied().map_or(0, usize::from),
            _ => 1,
        };
        rest = value.get(length..).unwrap_or_default();
    }
    0
}

/// The places of the pieces of which the text is made, in the order of the text.
fn pieces(stream: &[u8]) -> Option<Vec<(usize, usize)>> {
    let mut rest = table(stream, PIECES)?;
    while rest.first() == Some(&1) {
        let length = short(rest, 1).map(usize::from)?;
        rest = rest.get(3 + length..)?;
    }
    let table = rest.get(5..).filter(|_| rest.first() == Some(&2))?;
    let table = table.get(..offset(rest, 1)?).unwrap_or(table);
    let count = table.len().saturating_sub(4) / 12;
    let piece = |number: usize| {
        let length = offset(table, (number + 1) * 4)?.checked_sub(offset(table, number * 4)?)?;
        let start = offset(table, (count + 1) * 4 + number * 8 + 2)?;
        Some((start, start.checked_add(length)?))
    };
    (0..count).map(piece).collect()
}

/// A table whose place and length are in the header.
fn table(stream: &[u8], at: usize) -> Option<&[u8]> {
    let (start, length) = (offset(stream, at)?, offset(stream, at + 4)?);
    stream.get(start..start.checked_add(length)?).filter(|table| !table.is_empty())
}

/// Leaves out the instructions of fields, and shows what characters stand for.
fn without_fields(text: &str) -> String {
    // For each open field, whether its instructions are complete; and the number of those that are not.
    let (mut shown, mut fields, mut open) = (String::new(), Vec::new(), 0usize);
    for character in text.chars() {
        match character {
            '\u{13}' => {
                fields.push(false);
                open += 1;
            }
            '\u{14}' => {
                if let Some(complete @ false) = fields.last_mut() {
                    *complete = true;
                    open -= 1;
                }
            }
            '\u{15}' => open -= usize::from(fields.pop() == Some(false)),
            _ if open > 0 => {}
            '\u{1e}' => shown.push('-'),
            '\u{1f}' => {}
            '\r' | '\u{b}' | '\u{c}' | '\u{e}' => shown.push('\n'),
            '\u{7}' => shown.push('\t'),
            '\t' => shown.push('\t'),
            character if character < ' ' => {}
            character => shown.push(character),
        }
    }
    shown
}
