//! Splits text into words, in any script.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The longest word, in bytes. What is longer is data.
const LONGEST: usize = 96;

/// One spelling for what looks the same (NFKC): letters composed, no ligatures, no full-width forms. The
/// result is cut at as many characters as the text has bytes, since a few characters expand to many.
pub fn composed(text: &str) -> String {
    text.nfkc().take(text.len()).collect()
}

/// The words of a text. In a script without spaces every pair of neighbours is a word, and so is a character
/// that stands alone.
pub fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !of_word(c))
        .filter(|word| !word.is_empty())
        .flat_map(|word| if word.contains(unspaced) { pairs(word) } else { vec![word] })
        .filter(|word| word.len() <= LONGEST)
}

/// The stretches of a text within which only spaces separate words.
pub fn stretches(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !of_word(c) && c != ' ')
}

/// A filename with spaces between its words: `MyTaxReturn_2025` has four.
pub fn spaced(name: &str) -> String {
    let mut spaced = String::with_capacity(name.len());
    let mut last = ' ';
    for c in name.chars() {
        if last.is_lowercase() && c.is_uppercase() || last.is_numeric() != c.is_numeric() {
            spaced.push(' ');
        }
        spaced.push(c);
        last = c;
    }
    spaced
}

/// Chinese, Japanese, Thai, Lao, Burmese and Khmer have no spaces.
fn unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

fn of_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

fn pairs(word: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| unspaced(c) != unspaced(first)).unwrap_or(rest.len());
        let (run, others) = rest.split_at(end);
        rest = others;
        if !unspaced(first) || run.len() == first.len_utf8() {
            found.push(run);
            continue;
        }
        let ends = run.char_indices().map(|(at, c)| at + c.len_utf8()).skip(1);
        found.extend(run.char_indices().zip(ends).filter_map(|((start, _), end)| run.get(start..end)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_what_stands_between_marks_and_spaces() {
        for (text, words) in [
            ("Don't pay 12.50 EUR!", &["Don", "t", "pay", "12", "50", "EUR"][..]),
            ("Gebu\u{308}hr\u{a0}f\u{fc}r", &["Gebu\u{308}hr", "f\u{fc}r"]),
            ("\u{7}\u{0}a_b\tc", &["a", "b", "c"]),
            ("請求書2026年", &["請求", "求書", "2026", "年"]),
            (
                "ใบแจ้งหนี้",
                &["ใบ", "บแ", "แจ", "จ\u{e49}", "\u{e49}ง", "งห", "หน", "น\u{e35}", "\u{e35}\u{e49}"],
            ),
            ("  ...  ", &[]),
            ("", &[]),
        ] {
            assert_eq!(split(text).collect::<Vec<_>>(), words, "{text}");
        }
        assert_eq!(split(&"x".repeat(1_000)).count(), 0, "longer than a word");
    }

    #[test]
    fn a_filename_has_a_new_word_where_case_or_kind_of_character_changes() {
        assert_eq!(spaced("MyTaxReturn_2025final"), "My Tax Return_ 2025 final");
    }
}
