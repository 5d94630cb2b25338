//! Puts the letters of a line into words.

use super::bidi;
use super::gaps::Spacing;
use super::letters::Letter;

/// Words before which a hyphen stands for the end of a word, as in "im- and exports".
const CONJUNCTIONS: [&str; 10] = ["and", "or", "und", "oder", "bzw.", "sowie", "of", "og", "och", "eller"];

/// Appends a line to a text. A word that is broken at the end of the text's last line is joined.
/// `page` says how the page writes from right to left.
pub fn append(mut letters: Vec<Letter>, page: bidi::Page, content: &mut String) {
    letters.sort_by(|a, b| a.start.total_cmp(&b.start));
    drop_doubles(&mut letters);
    let words = with_spaces(&letters);
    let line = bidi::logical(&words, page);
    let line = line.trim();
    if is_word_broken(content, line) {
        content.truncate(content.trim_end().len());
        content.pop();
    }
    content.push_str(line);
    content.push('\n');
}

/// Drops letters that stand upon themselves: so are bold letters imitated.
fn drop_doubles(letters: &mut Vec<Letter>) {
    letters.dedup_by(|next, last| {
        next.text == last.text
            && next.start - last.start < 0.12 * last.em
            && !next.text.is_empty()
            && (next.baseline - last.baseline).abs() < 0.12 * last.em
    });
}

/// The texts of the letters, with spaces between words.
fn with_spaces(letters: &[Letter]) -> Vec<&str> {
    let spacing = Spacing::of(letters);
    let mut texts = Vec::with_capacity(letters.len() + letters.len() / 4);
    let mut last: Option<&Letter> = None;
    let mut has_space = false;
    for (index, letter) in letters.iter().enumerate() {
        if is_blank(letter) {
            has_space = true;
            continue;
        }
        if let Some(last) = last
            && (has_space || spacing.parts(last, letters, index))
        {
            texts.push(" ");
        }
        has_space = false;
        texts.push(letter.text.as_str());
        last = Some(letter);
    }
    texts
}

fn is_blank(letter: &Letter) -> bool {
    !letter.text.is_empty() && letter.text.trim().is_empty()
}

/// Whether a letter is of Chinese or Japanese, which are written without spaces.
pub fn is_unspaced(letter: &Letter) -> bool {
    let is_unspaced = |char| {
        matches!(char, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}')
            || matches!(char, '\u{20000}'..='\u{3ffff}')
    };
    letter.text.chars().all(is_unspaced)
}

/// Whether the text ends with a hyphen at which the first word of a line goes on.
fn is_word_broken(content: &str, line: &str) -> bool {
    let mut before = content.trim_end_matches('\n').chars().rev();
    let is_hyphen = matches!(before.next(), Some('-' | '\u{2010}' | '\u{ad}'));
    is_hyphen
        && before.next().is_some_and(char::is_alphabetic)
        && line.chars().next().is_some_and(char::is_lowercase)
        && !line.split_whitespace().next().is_some_and(|word| CONJUNCTIONS.contains(&word))
}
