//! Guesses the encoding of a text that names none.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{MACINTOSH, WINDOWS_1250, X_MAC_CYRILLIC};

use super::charset::Charset;
use super::{euc_tw, johab, shifted};

/// The bytes by which encodings are compared.
const SAMPLE_BYTES: usize = 256 * 1024;

/// Encodings that `chardetng` does not know, or mistakes for others: those of MS-DOS, of old Macs, and of
/// Windows in Central Europe.
const OTHERS: [Charset; 10] = [
    Charset::Oem(850),
    Charset::Oem(437),
    Charset::Web(MACINTOSH),
    Charset::Web(WINDOWS_1250),
    Charset::Oem(852),
    Charset::Oem(855),
    Charset::Web(X_MAC_CYRILLIC),
    Charset::Oem(737),
    Charset::Oem(857),
    Charset::Oem(775),
];

/// The fewest letters out of place by which a first guess is doubted, and the fewest of so many.
const MIN_MISPLACED: usize = 2;
const ONE_IN: usize = 50;

/// How many times as many letters must be out of place in the first guess as in another encoding.
const CLEARLY: usize = 4;

/// Guesses the encoding of a text that is not Unicode.
pub fn guess(bytes: &[u8]) -> Charset {
    // What precedes the first letter that is not ASCII says nothing, but for the few before it.
    let first = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or_default();
    let from = bytes.get(first.saturating_sub(SAMPLE_BYTES / 4)..).unwrap_or_default();
    let sample = from.get(..SAMPLE_BYTES).map_or(from, without_half_characters);
    match () {
        () if shifted::is_iso_2022_kr(sample) => Charset::Iso2022Kr,
        () if shifted::is_hz(sample) => Charset::Hz,
        () if johab::is_johab(sample) => Charset::Johab,
        () if euc_tw::is_euc_tw(sample) => Charset::EucTw,
        () => guess_by_letters(sample),
    }
}

/// Cuts a sample behind its last byte of ASCII, so that it does not end within a character.
fn without_half_characters(sample: &[u8]) -> &[u8] {
    let last = sample.iter().rposition(u8::is_ascii);
    last.and_then(|last| sample.get(..=last)).unwrap_or(sample)
}

fn guess_by_letters(sample: &[u8]) -> Charset {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(sample, true);
    let first = Charset::Web(detector.guess(None, Utf8Detection::Allow));
    let misplaced = |charset: Charset| count_misplaced(&charset.decode(sample));
    let (found, letters) = (misplaced(first), sample.iter().filter(|byte| !byte.is_ascii()).count());
    if !first.is_single_byte() || found < MIN_MISPLACED || found * ONE_IN < letters {
        return first;
    }
    let counts = OTHERS.map(|charset| (misplaced(charset), charset));
    let best = counts.into_iter().min_by_key(|(count, _)| *count);
    best.filter(|(count, _)| count * CLEARLY <= found).map_or(first, |(_, charset)| charset)
}

/// Counts what shows that a text is read in a wrong encoding: controls, signs within a word, capitals behind
/// small letters, letters of different alphabets side by side, and three letters of Western Europe that are
/// none of English side by side.
pub fn count_misplaced(text: &str) -> usize {
    let mut count = 0;
    let (mut before, mut last) = (' ', ' ');
    for character in text.chars() {
        if !(last.is_ascii() && character.is_ascii()) {
            let sign_within =
                is_letter(before) && is_letter(character) && !last.is_ascii() && !is_letter(last);
            let capital_behind = last.is_lowercase() && character.is_uppercase();
            let three_accents = [before, last, character].iter().all(|letter| matches!(letter, 'À'..='ÿ'));
            let two_alphabets = are_of_two_alphabets(last, character);
            count += usize::from(sign_within || capital_behind || three_accents || two_alphabets);
        }
        count += usize::from(matches!(character, '\u{80}'..='\u{9f}' | char::REPLACEMENT_CHARACTER));
        (before, last) = (last, character);
    }
    count
}

/// Whether a character is a letter or a mark on one, but not a sign that Unicode counts as a letter.
fn is_letter(character: char) -> bool {
    character.is_alphabetic() && !matches!(character, 'ª' | 'º' | 'ˆ' | '˜' | 'ƒ')
}

fn are_of_two_alphabets(left: char, right: char) -> bool {
    let alphabet = |letter: char| match letter {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' => Some('a'),
        '\u{370}'..='\u{3ff}' => Some('α'),
        '\u{400}'..='\u{4ff}' => Some('а'),
        _ => None,
    };
    alphabet(left).zip(alphabet(right)).is_some_and(|(left, right)| left != right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_recognized_wherever_its_sample_ends() {
        let korean = include_bytes!("../../../../../tests/corpus/korean-johab.txt").as_slice();
        let taiwanese = include_bytes!("../../../../../tests/corpus/taiwanese-euc-tw.txt");
        for (text, charset) in [(korean, Charset::Johab), (taiwanese, Charset::EucTw)] {
            for before in 0..4 {
                let long = [&b"    "[..before], &text.repeat(SAMPLE_BYTES / text.len() + 1)].concat();
                assert_eq!(guess(&long), charset, "{before} spaces");
            }
        }
    }
}
