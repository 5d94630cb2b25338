//! UTF-16 and UTF-32 without a byte order mark.

use encoding_rs::{UTF_16BE, UTF_16LE};

use super::charset::Charset;

/// The bytes by which a text is recognized.
const SAMPLE_BYTES: usize = 64 * 1024;

/// A text in units of one byte has fewer signs than one in so many bytes, and at least one space in so many.
/// Chinese and Japanese in UTF-16 has more signs, or no spaces.
const ONE_BYTE: usize = 8;
const SPACED: usize = 16;

/// The most that one of 32 units may be strange.
const STRANGE: usize = 32;

/// UTF-16 or UTF-32, recognized by characters that all belong to scripts in use. Text in units of one byte
/// hardly has control characters, so it is never tried.
pub fn detect(bytes: &[u8]) -> Option<Charset> {
    let sample = bytes.get(..SAMPLE_BYTES).unwrap_or(bytes);
    let has_signs = || sample.iter().any(|byte| is_control(*byte));
    if sample.len() < 4 || !has_signs() || is_ascii_with_signs(sample) {
        return None;
    }
    detect_utf32(sample).or_else(|| detect_utf16(sample))
}

fn is_control(byte: u8) -> bool {
    matches!(byte, 0..=8 | 0x0e..=0x1a)
}

/// Whether a text consists of ASCII and a few other bytes. Pairs of small letters would be Chinese.
fn is_ascii_with_signs(sample: &[u8]) -> bool {
    let count = |is: fn(u8) -> bool| sample.iter().filter(|byte| is(**byte)).count();
    let spaces = count(|byte| byte.is_ascii_whitespace());
    count(|byte| is_control(byte) || byte >= 0x80) * ONE_BYTE < sample.len()
        && spaces * SPACED >= sample.len()
}

/// UTF-32: of each four bytes, the highest is zero, and the next is nearly always. The last may be cut off.
fn detect_utf32(sample: &[u8]) -> Option<Charset> {
    let units = sample.as_chunks::<4>().0;
    let fits = |code: u32| code != 0 && char::from_u32(code).is_some_and(is_common);
    let all_fit = |code: fn([u8; 4]) -> u32| units.iter().all(|unit| fits(code(*unit)));
    match () {
        () if all_fit(u32::from_le_bytes) => Some(Charset::Utf32 { big_endian: false }),
        () if all_fit(u32::from_be_bytes) => Some(Charset::Utf32 { big_endian: true }),
        () => None,
    }
}

/// UTF-16 in the byte order in which fewer units are strange.
fn detect_utf16(sample: &[u8]) -> Option<Charset> {
    let units = sample.as_chunks::<2>().0;
    let strange = |code: fn([u8; 2]) -> u16| {
        let codes = units.iter().map(|unit| code(*unit));
        char::decode_utf16(codes).filter(|found| !found.as_ref().is_ok_and(|known| is_common(*known))).count()
    };
    let (little, big) = (strange(u16::from_le_bytes), strange(u16::from_be_bytes));
    let (fewest, encoding) = if little <= big { (little, UTF_16LE) } else { (big, UTF_16BE) };
    (little != big && fewest * STRANGE <= units.len()).then_some(Charset::Web(encoding))
}

/// Whether a character belongs to a script in use.
fn is_common(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='~' | '\u{a0}'..='\u{5ff}' | '\u{600}'..='\u{77f}')
        || matches!(character, '\u{900}'..='\u{109f}' | '\u{10a0}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}')
        || matches!(character, '\u{1e00}'..='\u{206f}' | '\u{20a0}'..='\u{22ff}' | '\u{2500}'..='\u{25ff}')
        || matches!(character, '\u{3000}'..='\u{33ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
        || matches!(character, '\u{feff}' | '\u{ff01}'..='\u{ffef}' | '\u{1f300}'..='\u{1faff}')
}
