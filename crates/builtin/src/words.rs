//! Splits text into words, in any script.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The longest word, in bytes. Anything longer is data, and is dropped.
const MAX_WORD_BYTES: usize = 96;

/// Gives one spelling to texts that look the same (NFKC): letters are composed, ligatures and full-width
/// forms are replaced. A few characters expand to many, so the result is cut: it has at most as many
/// characters as the text has bytes.
pub fn normalize(text: &str) -> String {
    text.nfkc().take(text.len()).collect()
}

/// The words of a text. In a script without spaces, each pair of neighbouring characters is a word, and so is
/// a character that stands alone.
pub fn split_words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !is_word_character(c))
        .filter(|word| !word.is_empty())
        .flat_map(|word| if word.contains(is_unspaced) { split_into_pairs(word) } else { vec![word] })
        .filter(|word| word.len() <= MAX_WORD_BYTES)
}

/// The parts of a text in which words are separated by spaces only.
pub fn split_at_punctuation(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !is_word_character(c) && c != ' ')
}

/// Puts spaces between the words of a filename, where case or kind of character changes: `MyTaxReturn_2025`
/// becomes `My Tax Return_ 2025`.
pub fn split_filename(name: &str) -> String {
    let mut split_filename = String::with_capacity(name.len());
    let mut last = ' ';
    for c in name.chars() {
        if last.is_lowercase() && c.is_uppercase() || last.is_numeric() != c.is_numeric() {
            split_filename.push(' ');
        }
        split_filename.push(c);
        last = c;
    }
    split_filename
}

/// Whether a character is from a script without spaces: Chinese, Japanese, Thai, Lao, Burmese or Khmer.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

fn is_word_character(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

/// Splits the unspaced parts of a word into pairs of neighbouring characters.
fn split_into_pairs(word: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| is_unspaced(c) != is_unspaced(first)).unwrap_or(rest.len());
        let (run, others) = rest.split_at(end);
        rest = others;
        if !is_unspaced(first) || run.len() == first.len_utf8() {
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
    fn words_are_separated_by_punctuation_and_spaces() {
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
            assert_eq!(split_words(text).collect::<Vec<_>>(), words, "{text}");
        }
        assert_eq!(split_words(&"x".repeat(1_000)).count(), 0, "longer than a word");
    }

    #[test]
    fn a_word_of_a_filename_ends_where_case_or_kind_of_character_changes() {
        assert_eq!(split_filename("MyTaxReturn_2025final"), "My Tax Return_ 2025 final");
    }
}
