//! UTF-8, also with a few bytes that are none.

use std::borrow::Cow;

/// How many characters of two and more bytes must be valid for each place that is not. In other encodings at
/// most half as many are valid as are not, and in Thai as many.
const VALID_PER_INVALID: usize = 2;

/// How many characters a text has in UTF-8, apart from ASCII.
pub struct Count {
    /// Characters of two and more bytes.
    pub valid: usize,
    /// Places that are not UTF-8. A last character that is cut off is none.
    pub invalid: usize,
}

/// A text in which characters have four bytes that some programs write as two surrogates of three bytes each.
pub fn with_whole_characters(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.windows(6).any(|six| surrogates(six).is_some()) {
        return bytes.into();
    }
    let mut whole = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((byte, next)) = rest.split_first() {
        let character = surrogates(rest);
        rest = if let Some(character) = character {
            whole.extend(character.to_string().bytes());
            rest.get(6..).unwrap_or_default()
        } else {
            whole.push(*byte);
            next
        };
    }
    whole.into()
}

/// The character of the two surrogates with which a text begins.
fn surrogates(bytes: &[u8]) -> Option<char> {
    let [0xed, high @ 0xa0..=0xaf, middle @ 0x80..=0xbf, 0xed, low @ 0xb0..=0xbf, last @ 0x80..=0xbf, ..] =
        bytes
    else {
        return None;
    };
    let unit = |first: &u8, second: &u8| 0xd000 | u16::from(first & 0x3f) << 6 | u16::from(second & 0x3f);
    char::decode_utf16([unit(high, middle), unit(low, last)]).next()?.ok()
}

impl Count {
    /// Counts the characters of a text.
    pub fn of(bytes: &[u8]) -> Self {
        let mut count = Self { valid: 0, invalid: 0 };
        let mut chunks = bytes.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            let continuing = |byte: &u8| byte & 0xc0 == 0xc0;
            count.valid += chunk.valid().bytes().filter(continuing).count();
            let is_cut = chunks.peek().is_none()
                && std::str::from_utf8(chunk.invalid()).is_err_and(|error| error.error_len().is_none());
            count.invalid += usize::from(!chunk.invalid().is_empty() && !is_cut);
        }
        count
    }

    /// Whether the text is ASCII, or UTF-8 but for a few bytes.
    pub const fn is_utf8(&self) -> bool {
        self.invalid == 0 || self.valid >= self.invalid * VALID_PER_INVALID
    }
}
