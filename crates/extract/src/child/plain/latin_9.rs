//! ISO-8859-15, which has the euro and the letters œ, š and ž in the places of signs of windows-1252.

use encoding_rs::{ISO_8859_15, WINDOWS_1252};

use super::charset::Charset;
use super::misplaced::is_letter;

/// The spaces between a number and its currency.
const SPACES: [char; 2] = [' ', '\u{a0}'];

/// ISO-8859-15, if a text was taken for windows-1252, and some of its signs stand in the places of letters,
/// or of a currency.
pub fn instead_of(charset: Charset, sample: &[u8]) -> Option<Charset> {
    let has_quotes = || sample.iter().any(|byte| matches!(byte, 0x80..=0x9f));
    if charset != Charset::Web(WINDOWS_1252) || has_quotes() {
        return None;
    }
    let text = charset.decode(sample);
    (has_sign_within_word(&text) || has_amount(&text)).then_some(Charset::Web(ISO_8859_15))
}

fn has_sign_within_word(text: &str) -> bool {
    let mut characters = text.chars().zip(text.chars().skip(1)).zip(text.chars().skip(2));
    characters.any(|((before, character), behind)| {
        matches!(character, '½' | '¨' | '¸') && (is_letter(before) || before == '\'') && is_letter(behind)
    })
}

/// Whether a text has the sign of any currency, which hardly anyone writes, beside a number alone.
fn has_amount(text: &str) -> bool {
    let parts: Vec<&str> = text.split('¤').collect();
    parts.array_windows().any(|[before, behind]| {
        let (last, next) = (before.chars().next_back(), behind.chars().next());
        let is_word = |character: Option<char>| character.is_some_and(char::is_alphanumeric);
        let ends = before.trim_end_matches(SPACES).ends_with(|last: char| last.is_ascii_digit());
        let begins = behind.trim_start_matches(SPACES).starts_with(|next: char| next.is_ascii_digit());
        ends && !is_word(next) || begins && !is_word(last)
    })
}
