//! The codes of WordPerfect 5.

use super::{characters, split};

/// The lengths of the functions of fixed length, which begin at 0xc0. They include the code at both ends.
const LENGTHS: [usize; 16] = [4, 9, 11, 3, 3, 5, 6, 7, 4, 5, 6, 6, 8, 10, 10, 12];

/// The text of a document, and after it that of its headers, footers and notes.
pub fn text(codes: &[u8]) -> String {
    let mut asides = String::new();
    let body = read(codes, |function, content| {
        if let Some(aside) = aside(function, content) {
            asides.push_str(&read(aside, |_, _| {}));
            asides.push('\n');
        }
    });
    format!("{body}\n{asides}")
}

/// Reads codes. `handle` is given the code, the kind and the content of each function of variable length.
fn read(codes: &[u8], mut handle: impl FnMut([u8; 2], &[u8])) -> String {
    let mut text = String::new();
    for (code, arguments) in split(codes, length) {
        match (code, arguments) {
            (0x20..=0x7e, _) => text.push(char::from(code)),
            (0xdc, [0, ..]) => text.push('\t'),
            (0x0a | 0x0c | 0x8c | 0x99 | 0xdc | 0xdd, _) => text.push('\n'),
            (0x0b | 0x0d | 0xa0 | 0xc1 | 0xc2, _) => text.push(' '),
            (0xa9..=0xab, _) => text.push('-'),
            (0xc0, [number, set, _]) => text.extend(characters::get_5(*set, *number)),
            (0xd0..=0xff, [kind, _, _, content @ .., _, _, _, _]) => handle([code, *kind], content),
            _ => {}
        }
    }
    text
}

/// The length of what follows a code and belongs to it.
fn length(code: u8, behind: &[u8]) -> usize {
    match (code, behind) {
        (0xc0..=0xcf, _) => LENGTHS.get(usize::from(code & 0x0f)).map_or(0, |length| length - 1),
        (0xd0..=0xff, [_, low, high, ..]) => 3 + usize::from(u16::from_le_bytes([*low, *high])),
        _ => 0,
    }
}

/// The codes of the header, footer or note that a function contains.
fn aside([code, kind]: [u8; 2], content: &[u8]) -> Option<&[u8]> {
    match (code, kind) {
        (0xd5, _) => content.get(18..),
        (0xd6, 0) => content.get(15 + 2 * usize::from(*content.get(3)?)..),
        (0xd6, _) => content.get(7..),
        _ => None,
    }
}
