//! Guesses the encoding of a text that names none.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{IBM866, MACINTOSH, WINDOWS_1250, WINDOWS_1252, X_MAC_CYRILLIC};

use super::charset::Charset;
use super::{euc_tw, hungarian, johab, misplaced, shifted};

/// The bytes by which encodings are compared.
const SAMPLE_BYTES: usize = 256 * 1024;

/// Encodings that `chardetng` does not know, or mistakes for others: those of MS-DOS, of old Macs, and of
/// Windows. Of those in which equally little is out of place, the first one is chosen.
const OTHERS: [Charset; 17] = [
    Charset::Web(WINDOWS_1252),
    Charset::Oem(850),
    Charset::Oem(437),
    Charset::Web(MACINTOSH),
    Charset::Web(WINDOWS_1250),
    Charset::Oem(852),
    Charset::Web(IBM866),
    Charset::Oem(855),
    Charset::Web(X_MAC_CYRILLIC),
    Charset::Oem(737),
    Charset::Oem(857),
    Charset::Oem(775),
    Charset::Oem(862),
    Charset::Oem(869),
    Charset::Oem(10029),
    Charset::Oem(10006),
    Charset::Oem(10081),
];

/// The least that is out of place before an encoding is doubted, which is in two places, and the least of so
/// many letters.
pub const MIN_MISPLACED: usize = 3;
const ONE_IN: usize = 50;

/// How many times as much must be out of place in the first guess as in another encoding.
const CLEARLY: usize = 4;

/// Guesses the encoding of a text that is not Unicode. If one is declared, another must be clearly better.
pub fn guess(bytes: &[u8], declared: Option<Charset>) -> Charset {
    // What precedes the first letter that is not ASCII says nothing, but for the few before it.
    let first = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or_default();
    let from = bytes.get(first.saturating_sub(SAMPLE_BYTES / 4)..).unwrap_or_default();
    let sample = from.get(..SAMPLE_BYTES).map_or(from, without_half_characters);
    match () {
        () if shifted::is_iso_2022_kr(sample) => Charset::Iso2022Kr,
        () if shifted::is_hz(sample) => Charset::Hz,
        () if johab::is_johab(sample) => Charset::Johab,
        () if euc_tw::is_euc_tw(sample) => Charset::EucTw,
        () => guess_by_letters(sample, declared),
    }
}

/// Cuts a sample behind its last byte of ASCII, so that it does not end within a character.
fn without_half_characters(sample: &[u8]) -> &[u8] {
    let last = sample.iter().rposition(u8::is_ascii);
    last.and_then(|last| sample.get(..=last)).unwrap_or(sample)
}

fn guess_by_letters(sample: &[u8], declared: Option<Charset>) -> Charset {
    let first = find_first(sample);
    let charset = doubt(first, sample);
    let charset = hungarian::instead_of(charset, sample).unwrap_or(charset);
    let holds = |declared: &Charset| {
        let found = count_misplaced(*declared, sample);
        declared.is_single_byte()
            && charset.is_single_byte()
            && (found < MIN_MISPLACED || count_misplaced(charset, sample) * CLEARLY > found)
    };
    declared.filter(holds).unwrap_or(charset)
}

fn count_misplaced(charset: Charset, sample: &[u8]) -> usize {
    misplaced::count(&charset.decode(sample))
}

/// The guess of `chardetng`. It may take single letters among ASCII, together with the next one, for
/// characters of East Asia. A letter before a space, which is added then, is valid in none of their
/// encodings.
fn find_first(sample: &[u8]) -> Charset {
    let guess = |end: &[u8]| {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
        detector.feed(sample, false);
        detector.feed(end, true);
        Charset::Web(detector.guess(None, Utf8Detection::Allow))
    };
    let first = guess(b"");
    let is_scattered = || misplaced::is_scattered(&first.decode(sample));
    if first.is_single_byte() || !is_scattered() { first } else { guess(b" \xe9 ") }
}

/// The first guess, or another encoding in which clearly less is out of place.
fn doubt(first: Charset, sample: &[u8]) -> Charset {
    let (found, letters) =
        (count_misplaced(first, sample), sample.iter().filter(|byte| !byte.is_ascii()).count());
    if !first.is_single_byte() || found < MIN_MISPLACED || found * ONE_IN < letters {
        return first;
    }
    let counts = OTHERS.map(|charset| (count_misplaced(charset, sample), charset));
    let best = counts.into_iter().min_by_key(|(count, _)| *count);
    best.filter(|(count, _)| count * CLEARLY <= found).map_or(first, |(_, charset)| charset)
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
                assert_eq!(guess(&long, None), charset, "{before} spaces");
            }
        }
    }
}
