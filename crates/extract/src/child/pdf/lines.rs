//! Puts the letters of a line into words.

use super::bidi;
use super::letters::Letter;

/// The gap between two letters, in parts of the font size, from which they belong to two words.
const WORD_GAP: f32 = 0.15;

/// The same for scripts that have no spaces between words.
const WIDE_GAP: f32 = 0.6;

/// The fewest pairs of letters whose distances say how a line is spaced.
const MIN_PAIRS: usize = 4;

/// The widest gap that is taken for spaced-out letters.
const MAX_LETTER_SPACING: f32 = 0.5;

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
    let spacing = letter_spacing(letters);
    let pitch = fixed_pitch(letters);
    let mut texts = Vec::with_capacity(letters.len() + letters.len() / 4);
    let mut last: Option<&Letter> = None;
    let mut has_space = false;
    for letter in letters {
        if !letter.text.is_empty() && letter.text.trim().is_empty() {
            has_space = true;
            continue;
        }
        if let Some(last) = last
            && (has_space || is_gap(last, letter, spacing, pitch))
        {
            texts.push(" ");
        }
        has_space = false;
        texts.push(letter.text.as_str());
        last = Some(letter);
    }
    texts
}

fn is_gap(last: &Letter, next: &Letter, spacing: f32, pitch: Option<f32>) -> bool {
    if let Some(pitch) = pitch {
        return next.start - last.start > 1.5 * pitch;
    }
    let em = last.em.max(next.em);
    let least = if is_unspaced(last) && is_unspaced(next) { WIDE_GAP } else { WORD_GAP };
    next.start - last.end > (least + spacing) * em
}

/// The usual gap between the letters of a line, in parts of the font size. It is zero, or that of a word
/// whose letters are spaced out.
fn letter_spacing(letters: &[Letter]) -> f32 {
    let gap =
        |last: &Letter, next: &Letter| (next.start - last.end) / last.em.max(next.em).max(f32::MIN_POSITIVE);
    let gaps = measure_pairs(letters, gap);
    let middle = if gaps.len() < MIN_PAIRS { 0.0 } else { median(&gaps) };
    if middle > MAX_LETTER_SPACING { 0.0 } else { middle.max(0.0) }
}

/// The distance from one letter to the next, if nearly all letters have the same, whatever their widths.
fn fixed_pitch(letters: &[Letter]) -> Option<f32> {
    let distances = measure_pairs(letters, |last, next| next.start - last.start);
    let pitch = median(&distances);
    let same = distances.iter().filter(|distance| (**distance - pitch).abs() < 0.03 * pitch).count();
    (distances.len() >= MIN_PAIRS && same * 10 >= distances.len() * 7).then_some(pitch)
}

/// Measures each two neighbours among the letters that are seen. Returns the sorted results.
fn measure_pairs(letters: &[Letter], measure: impl Fn(&Letter, &Letter) -> f32) -> Vec<f32> {
    let mut seen = letters.iter().filter(|letter| !letter.text.trim().is_empty());
    let Some(mut last) = seen.next() else { return Vec::new() };
    let mut results = Vec::new();
    for next in seen {
        results.push(measure(last, next));
        last = next;
    }
    results.sort_by(f32::total_cmp);
    results
}

fn median(sorted: &[f32]) -> f32 {
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
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
}
