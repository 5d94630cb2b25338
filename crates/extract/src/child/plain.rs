//! Plain text: decodes it in the encoding in which it is written, and tells text from binary data.

mod alphabets;
mod charset;
mod euc_tw;
mod guess;
mod hungarian;
pub mod iso_2022_jp;
pub mod johab;
mod latin_9;
pub mod misplaced;
mod record;
mod shifted;
mod utf16;
mod utf8;

use encoding_rs::{Encoding, UTF_8};

use self::charset::Charset;
use super::eml::calendar;
use super::text::RawText;

/// One of so many characters may be invalid in the encoding that a document declares, or seems to have.
const INVALID: usize = 50;

/// So many control characters may be in a text of any length.
const MAX_CONTROLS: usize = 2;

/// Extracts a text without what is meant for terminals and printers: a character that is struck over another,
/// and colours. Folded lines of calendars are joined.
pub fn text(bytes: &[u8]) -> RawText {
    let text = decode(record::without_rest(bytes), None);
    match () {
        () if calendar::is_calendar(&text) => calendar::text(bytes, None).into(),
        () if text.contains(['\u{8}', '\u{1b}']) => without_terminal_codes(&text).into(),
        () => text.into(),
    }
}

/// Decodes a text whose document declares an encoding, or none. What the bytes themselves say counts more,
/// because declarations are often untrue. Bytes that cannot be decoded become U+FFFD.
pub fn decode(bytes: &[u8], label: Option<&str>) -> String {
    if let Some(charset) = find_unicode(bytes) {
        return charset.decode(bytes);
    }
    let utf8 = utf8::with_whole_characters(bytes);
    let count = utf8::Count::of(&utf8);
    let declared = label.and_then(Charset::for_label).filter(|charset| !is_rather_utf8(&count, *charset));
    if let Some(charset) = declared {
        let text = charset.decode(bytes);
        if is_plausible(charset, bytes, &text) {
            return text;
        }
    }
    if count.is_utf8() && !(bytes.is_ascii() && shifted::may_be_shifted(bytes)) {
        return String::from_utf8_lossy(&utf8).into_owned();
    }
    guess::guess(bytes, declared).decode(bytes)
}

/// Whether the bytes are not text. A text may have zeros in some places and at its end, and some programs
/// mark its fields or its end by control characters. UTF-16 is always text, although half of it may be zeros.
pub fn is_binary(bytes: &[u8]) -> bool {
    let bytes = record::without_rest(bytes);
    let controls = bytes.iter().filter(|byte| matches!(byte, 1..=6 | 0x10..=0x19)).count();
    let zeros = bytes.windows(2).filter(|two| matches!(two, [0, 1..=255])).count();
    let is_strange = |count: usize, one_in: usize| count > MAX_CONTROLS && count * one_in > bytes.len();
    (is_strange(controls, 200) || is_strange(zeros, 10)) && find_unicode(bytes).is_none()
}

/// UTF-8, UTF-16 or UTF-32, recognized by its byte order mark or by the zeros in its letters.
fn find_unicode(bytes: &[u8]) -> Option<Charset> {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] => Some(Charset::Utf32 { big_endian: false }),
        [0, 0, 0xfe, 0xff, ..] => Some(Charset::Utf32 { big_endian: true }),
        _ => match Encoding::for_bom(bytes) {
            Some((encoding, _)) => Some(Charset::Web(encoding)),
            None => utf16::detect(bytes),
        },
    }
}

/// Whether a text is rather UTF-8 than in its declared encoding. One or two characters of East Asia may be
/// valid in both.
fn is_rather_utf8(count: &utf8::Count, charset: Charset) -> bool {
    charset == Charset::Web(UTF_8)
        || count.is_utf8() && (count.valid > 2 || count.valid > 0 && charset.is_single_byte())
}

/// Whether a text looks as if its declared encoding were its real one.
fn is_plausible(charset: Charset, bytes: &[u8], text: &str) -> bool {
    if !charset.is_single_byte() {
        return is_nearly_valid(text);
    }
    let sample = charset.decode(&guess::sample(bytes));
    let strange = guess::count_strange(&sample);
    strange < guess::MIN_MISPLACED || strange * 5 <= count_letters(&sample)
}

/// Whether so few bytes of a text could not be decoded that the encoding may be right.
fn is_nearly_valid(text: &str) -> bool {
    text.matches(char::REPLACEMENT_CHARACTER).count() * INVALID <= count_letters(text)
}

/// The number of characters that are not ASCII.
fn count_letters(text: &str) -> usize {
    text.chars().filter(|character| !character.is_ascii()).count()
}

/// Removes characters that are struck over, and the codes of terminals. Of those, the ones that begin with
/// `[` end with a letter, and those that begin with `]`, such as titles of windows and addresses of links,
/// with a bell, or with an escape and a backslash.
fn without_terminal_codes(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            '\u{8}' => drop(clean.pop()),
            '\u{1b}' => match rest.clone().next() {
                Some('[') => drop(rest.next().and_then(|_| rest.find(|code| matches!(code, '@'..='~')))),
                Some(']') => drop(rest.find(|code| matches!(code, '\u{7}' | '\\' | '\n'))),
                // A set of characters.
                Some('(' | ')') => drop(rest.nth(1)),
                Some('=' | '>' | '7' | '8') => drop(rest.next()),
                _ => {}
            },
            _ => clean.push(character),
        }
    }
    clean
}
