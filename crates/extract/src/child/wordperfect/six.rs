//! The codes of WordPerfect 6 and later.

use super::{characters, split};

/// The characters of the codes up to 0x20.
const LETTERS: &str = "\u{fffd}åÅæÆäÄáàâãÃçÇëéÉèêíñÑøØõÕöÖüÜúùß";

/// The lengths of the functions of fixed length, which begin at 0xf0. They include the code at both ends.
const LENGTHS: [usize; 15] = [4, 5, 3, 3, 3, 3, 4, 4, 4, 5, 5, 6, 6, 8, 8];

/// Reads codes.
pub fn read(codes: &[u8]) -> String {
    let mut text = String::new();
    let mut is_deleted = false;
    for (code, arguments) in split(codes, length) {
        match (code, arguments) {
            // What was deleted is kept between two functions, so that it can be restored.
            (0xf1, [kind @ (0 | 1), ..]) => is_deleted = *kind == 0,
            _ if is_deleted => {}
            (0x01..=0x20, _) => text.extend(LETTERS.chars().nth(usize::from(code))),
            (0x21..=0x7e, _) => text.push(char::from(code)),
            (0x80 | 0x81 | 0xcd..=0xcf, _) | (0xd0, [0x01..=0x03, ..]) => text.push(' '),
            (0x84, _) => text.push('-'),
            (0xc6 | 0xe0, _) | (0xd0, [0x0a, ..]) => text.push('\t'),
            (0x87 | 0xb4..=0xcc | 0xd0, _) => text.push('\n'),
            (0xf0, [number, set, _]) => text.extend(characters::get(*set, *number)),
            _ => {}
        }
    }
    text
}

/// The length of what follows a code and belongs to it.
fn length(code: u8, behind: &[u8]) -> usize {
    match (code, behind) {
        (0xf0..=0xfe, _) => LENGTHS.get(usize::from(code & 0x0f)).map_or(0, |length| length - 1),
        // The length of the whole function.
        (0xd0..=0xef, [_, low, high, ..]) => usize::from(u16::from_le_bytes([*low, *high])).max(4) - 1,
        _ => 0,
    }
}
