//! The text boxes, headers and footers of a workbook of Excel 97 to 2003. Its stream is a sequence of
//! records.

use super::super::little_endian::short;
use super::super::workbook;

/// Kinds of records.
const START: u16 = 0x0809;
const ENCRYPTION: u16 = 0x002f;
pub(super) const HEADER: u16 = 0x0014;
pub(super) const FOOTER: u16 = 0x0015;
const CONTINUATION: u16 = 0x003c;
const OBJECT: u16 = 0x005d;
const TEXT: u16 = 0x01b6;

/// The type of an object that is a comment on a cell.
const COMMENT: u16 = 0x19;

/// The version of the records' form that is read.
const VERSION: u16 = 0x0600;

/// The text of all boxes, headers and footers. Comments are left out.
pub fn text(stream: &[u8]) -> String {
    let mut content = String::new();
    let mut is_comment = false;
    // The number of characters of a text that the next records continue with.
    let mut expected = 0;
    for (kind, data) in records(stream) {
        match kind {
            ENCRYPTION => break,
            START if short(data, 0) != Some(VERSION) => break,
            HEADER | FOOTER => {
                let count = short(data, 0).unwrap_or(0).into();
                let (margin, _) = characters(data.get(2..).unwrap_or_default(), count);
                content.push_str(&workbook::without_codes(&margin));
                content.push('\n');
            }
            OBJECT => is_comment = short(data, 4) == Some(COMMENT),
            TEXT => expected = usize::from(short(data, 10).filter(|_| !is_comment).unwrap_or(0)),
            CONTINUATION if expected > 0 => {
                let (text, count) = characters(data, expected);
                content.push_str(&text);
                expected -= count;
                if expected == 0 {
                    content.push('\n');
                }
            }
            _ => {}
        }
    }
    content
}

/// The records of a stream: the kind and the data of each.
pub(super) fn records(stream: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = stream;
    std::iter::from_fn(move || {
        let (kind, data, after) = split(rest)?;
        rest = after;
        Some((kind, data))
    })
}

/// Splits the first record off: its kind, its data, and what follows it.
fn split(stream: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (kind, length) = (short(stream, 0)?, usize::from(short(stream, 2)?));
    let (data, after) = stream.get(4..)?.split_at_checked(length)?;
    Some((kind, data, after))
}

/// Decodes at most `most` characters, before which a byte says whether each has one byte or two. Returns how
/// many there are, too.
fn characters(data: &[u8], most: usize) -> (String, usize) {
    let Some((flags, data)) = data.split_first() else { return (String::new(), 0) };
    let units: Vec<u16> = if flags & 1 == 0 {
        data.iter().take(most).map(|byte| u16::from(*byte)).collect()
    } else {
        data.chunks_exact(2).take(most).filter_map(|pair| short(pair, 0)).collect()
    };
    (String::from_utf16_lossy(&units).replace('\r', "\n"), units.len())
}
