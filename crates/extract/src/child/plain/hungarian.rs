//! Hungarian. Its letters ő and ű are the only ones in which the encodings of Central and Western Europe
//! differ, and `chardetng` often takes it for a language of the West.

use encoding_rs::{WINDOWS_1250, WINDOWS_1252};

use super::charset::Charset;

const VOWELS: &str = "aeiouáéíóöőúüű";

/// The encoding of Central Europe that a text is in, if it is Hungarian and was taken for Western.
pub fn instead_of(charset: Charset, sample: &[u8]) -> Option<Charset> {
    let central = match charset {
        Charset::Web(encoding) if encoding == WINDOWS_1252 => Charset::Web(WINDOWS_1250),
        Charset::Oem(850 | 437) => Charset::Oem(852),
        _ => return None,
    };
    is_hungarian(&central.decode(sample).to_lowercase()).then_some(central)
}

/// Whether a text in small letters has only the letters of Hungarian. In other languages, what seems to be ő
/// is õ before e, or ï behind a vowel; and what seems to be ű is û beside é alone.
fn is_hungarian(text: &str) -> bool {
    let accented = || text.chars().filter(|letter| letter.is_alphabetic() && !letter.is_ascii());
    let (mut fitting, mut last) = (0_isize, ' ');
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if matches!(letter, 'ő' | 'ű') {
            let fits = !VOWELS.contains(last) && letters.peek() != Some(&'e');
            fitting += if fits { 1 } else { -4 };
        }
        last = letter;
    }
    fitting > 0
        && accented().all(|letter| VOWELS.contains(letter))
        && accented().any(|letter| matches!(letter, 'á' | 'é' | 'í' | 'ó' | 'ú'))
        && (text.contains('ő') || accented().any(|letter| !matches!(letter, 'é' | 'ű')))
}
