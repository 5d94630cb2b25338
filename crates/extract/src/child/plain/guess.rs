//! Guesses the encoding of a text that names none.

use std::cmp::Ordering;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    IBM866, ISO_8859_2, MACINTOSH, WINDOWS_1250, WINDOWS_1252, WINDOWS_1254, WINDOWS_1257, X_MAC_CYRILLIC,
};

use super::charset::Charset;
use super::{alphabets, euc_tw, hungarian, iso_2022_jp, johab, latin_9, misplaced, shifted};

/// The bytes by which encodings are compared.
const SAMPLE_BYTES: usize = 32 * 1024;

/// So many bytes of ASCII before and behind other letters count for the encoding.
const NEAR_BYTES: usize = 64;

/// Encodings that `chardetng` does not know, or mistakes for others: those of MS-DOS, of old Macs, and of
/// Windows. Of those in which equally little is out of place, the first one is chosen.
const OTHERS: [Charset; 20] = [
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
    Charset::Web(ISO_8859_2),
    Charset::Web(WINDOWS_1257),
    Charset::Web(WINDOWS_1254),
];

/// The least that is out of place before an encoding is doubted, which is in two places, and the least of so
/// many letters.
pub const MIN_MISPLACED: usize = 3;
const ONE_IN: usize = 50;

/// The fewest letters by which alphabets are compared, if as much is out of place.
const MIN_LETTERS: usize = 4;

/// How many times as much must be out of place in the first guess as in another encoding.
const CLEARLY: usize = 4;

/// Guesses the encoding of a text that is not Unicode. If one is declared, another must be clearly better.
pub fn guess(bytes: &[u8], declared: Option<Charset>) -> Charset {
    let sample = &sample(bytes);
    match () {
        () if iso_2022_jp::is_iso_2022_jp(sample) => Charset::Iso2022Jp,
        () if shifted::is_iso_2022_kr(sample) => Charset::Iso2022Kr,
        () if shifted::is_hz(sample) => Charset::Hz,
        () if johab::is_johab(sample) => Charset::Johab,
        () if euc_tw::is_euc_tw(sample) => Charset::EucTw,
        () => guess_by_letters(sample, declared),
    }
}

/// The beginning of a text. ASCII that is far from all other characters says nothing about the encoding, and
/// is left out.
pub fn sample(bytes: &[u8]) -> Vec<u8> {
    let mut sample = Vec::with_capacity(SAMPLE_BYTES);
    let is_ascii = bytes.is_ascii();
    for run in bytes.chunk_by(|byte, next| byte.is_ascii() == next.is_ascii()) {
        match (run.first_chunk::<NEAR_BYTES>(), run.last_chunk::<NEAR_BYTES>()) {
            (Some(first), Some(last)) if run.len() > 2 * NEAR_BYTES && !is_ascii && run.is_ascii() => {
                sample.extend([first, b"\n".as_slice(), last].concat());
            }
            _ => sample.extend(run.get(..SAMPLE_BYTES).unwrap_or(run)),
        }
        if sample.len() >= SAMPLE_BYTES {
            sample.truncate(SAMPLE_BYTES);
            sample.truncate(without_half_characters(&sample).len());
            break;
        }
    }
    sample
}

/// Cuts a sample behind its last white space, or if that is far from the end, behind its last byte of ASCII.
/// So it ends within no character, nor among those of two bytes that a text of seven bits shifts to.
fn without_half_characters(sample: &[u8]) -> &[u8] {
    let near_end = |ends: fn(&u8) -> bool| sample.iter().rposition(ends).filter(|at| at * 2 > sample.len());
    let last = near_end(u8::is_ascii_whitespace).or_else(|| near_end(u8::is_ascii));
    last.and_then(|last| sample.get(..=last)).unwrap_or(sample)
}

fn guess_by_letters(sample: &[u8], declared: Option<Charset>) -> Charset {
    let first = find_first(sample);
    let charset = doubt(first, sample);
    let charset = doubt_letters(charset, sample);
    let charset = latin_9::instead_of(charset, sample).unwrap_or(charset);
    let charset = hungarian::instead_of(charset, sample).unwrap_or(charset);
    let holds = |declared: &Charset| {
        let count = |charset: Charset| count_strange(&charset.decode(sample));
        let found = count(*declared);
        declared.is_single_byte()
            && charset.is_single_byte()
            && (found < MIN_MISPLACED || count(charset) * CLEARLY > found)
    };
    declared.filter(holds).unwrap_or(charset)
}

/// Counts what is out of place, and letters that are foreign to the language of the text.
pub fn count_strange(text: &str) -> usize {
    misplaced::count(text) + alphabets::Count::of(text).foreign
}

fn count_misplaced(charset: Charset, sample: &[u8]) -> usize {
    misplaced::count(&charset.decode(sample))
}

/// The guess of `chardetng`. It may take single letters among ASCII, together with the next one, for
/// characters of East Asia. A letter before a space, which is added then, is valid in none of their
/// encodings.
fn find_first(sample: &[u8]) -> Charset {
    let guess = |end: &[u8]| {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
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

/// The encoding of a text in Latin script, or another one in which clearly fewer letters are foreign to its
/// language, and no more is out of place.
fn doubt_letters(charset: Charset, sample: &[u8]) -> Charset {
    let count_letters = |charset: Charset| alphabets::Count::of(&charset.decode(sample));
    let found = count_letters(charset);
    if found.foreign == 0 || !OTHERS.contains(&charset) {
        return charset;
    }
    let misplaced = count_misplaced(charset, sample);
    let others = OTHERS.iter().filter_map(|other| {
        let letters = count_letters(*other);
        let fits = letters.foreign * CLEARLY <= found.foreign && letters.all * 2 >= found.all;
        // Most others do not fit, so that this is seldom counted.
        let is_sure = || match count_misplaced(*other, sample).cmp(&misplaced) {
            Ordering::Less => true,
            Ordering::Equal => letters.all >= MIN_LETTERS,
            Ordering::Greater => false,
        };
        (fits && is_sure()).then_some((letters.foreign, *other))
    });
    others.min_by_key(|(foreign, _)| *foreign).map_or(charset, |(_, other)| other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_recognized_wherever_its_sample_ends() {
        let korean = include_bytes!("../../../../../tests/corpus/korean-johab.txt").as_slice();
        let taiwanese = include_bytes!("../../../../../tests/corpus/taiwanese-euc-tw.txt");
        let chinese = b"Dear ~{MuOHJ2~}, hello ~{;a9w~} again.\n";
        let japanese = b"\x1b$B<hDyLr2q\x1b(B\n";
        let texts = [
            (korean, Charset::Johab),
            (taiwanese, Charset::EucTw),
            (chinese, Charset::Hz),
            (japanese, Charset::Iso2022Jp),
        ];
        for (text, charset) in texts {
            for before in 0..8 {
                let long = [&b"        "[..before], &text.repeat(SAMPLE_BYTES / text.len() + 1)].concat();
                assert_eq!(guess(&long, None), charset, "{before} spaces");
            }
        }
    }

    #[test]
    fn a_sample_has_the_letters_that_are_far_apart() {
        let (english, polish) = ("the report of the year ".repeat(100), b"ksi\xeagi\n");
        let text = [english.as_bytes(), polish].concat().repeat(100);
        assert!(text.len() > 4 * SAMPLE_BYTES);
        let sample = sample(&text);
        assert_eq!(sample.windows(polish.len()).filter(|window| window == polish).count(), 100);
        assert!(sample.len() < SAMPLE_BYTES / 2, "{}", sample.len());
    }
}
