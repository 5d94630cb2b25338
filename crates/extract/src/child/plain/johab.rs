//! Johab (code page 1361), an encoding of Korean. Five bits stand for each of the three letters of a
//! syllable. Other characters are those of EUC-KR at other places.

use encoding_rs::EUC_KR;

use super::misplaced;

/// The fewest syllables by which a text is recognized. About a third of all pairs of bytes is a syllable.
const MIN_SYLLABLES: usize = 8;

/// Decodes a text. Bytes that cannot be decoded become U+FFFD.
pub fn decode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((lead, next)) = rest.split_first() {
        rest = next;
        if lead.is_ascii() {
            text.push(char::from(*lead));
            continue;
        }
        let character = next.split_first().and_then(|(trail, behind)| {
            rest = behind;
            syllable(*lead, *trail).or_else(|| symbol(*lead, *trail))
        });
        text.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    text
}

/// Whether a text is Johab: all of it can be decoded, and it has syllables enough, most of them beside
/// others.
pub fn is_johab(bytes: &[u8]) -> bool {
    let text = decode(bytes);
    let syllables = text.chars().filter(|character| ('가'..='힣').contains(character)).count();
    syllables >= MIN_SYLLABLES
        && !text.contains(char::REPLACEMENT_CHARACTER)
        && !misplaced::is_scattered(&text)
}

/// The syllable that two bytes stand for. Each letter has gaps among its numbers.
fn syllable(lead: u8, trail: u8) -> Option<char> {
    let pair = u16::from_be_bytes([lead, trail]);
    let initial = (pair >> 10 & 31).checked_sub(2).filter(|number| *number < 19)?;
    let medial = match pair >> 5 & 31 {
        number @ 3..=7 => number - 3,
        number @ 10..=15 => number - 5,
        number @ 18..=23 => number - 7,
        number @ 26..=29 => number - 9,
        _ => return None,
    };
    let last = match pair & 31 {
        number @ 1..=17 => number - 1,
        number @ 19..=29 => number - 2,
        _ => return None,
    };
    char::from_u32(0xac00 + (u32::from(initial) * 21 + u32::from(medial)) * 28 + u32::from(last))
}

/// The sign or Chinese character that two bytes stand for. A lead byte has two rows of EUC-KR.
fn symbol(lead: u8, trail: u8) -> Option<char> {
    let first_row = match lead {
        0xd9..=0xde => 0xa1 + (lead - 0xd9) * 2,
        0xe0..=0xf9 => 0xca + (lead - 0xe0) * 2,
        _ => return None,
    };
    let [row, cell] = match trail {
        0x31..=0x7e => [first_row, trail + 0x70],
        0x91..=0xa0 => [first_row, trail + 0x5e],
        0xa1..=0xfe => [first_row + 1, trail],
        _ => return None,
    };
    EUC_KR.decode_without_bom_handling(&[row, cell]).0.chars().next()
}
