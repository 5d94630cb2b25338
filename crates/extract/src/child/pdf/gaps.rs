//! Says where the gaps of a line part words.

use super::letters::Letter;
use super::lines::is_unspaced;

/// The gap between two letters, in parts of the font size, from which they belong to two words.
const WORD_GAP: f32 = 0.15;

/// The same for scripts that have no spaces between words.
const WIDE_GAP: f32 = 0.6;

/// The fewest pairs of letters whose distances say how a line is spaced.
const MIN_PAIRS: usize = 4;

/// The widest gap that is taken for spaced-out letters.
const MAX_LETTER_SPACING: f32 = 0.5;

/// The fewest letters of the same gap that are a spaced-out word.
const SPACED_OUT: usize = 4;

/// The same for capitals. Fewer may be words by themselves, such as the sizes of a shirt.
const SPACED_OUT_CAPITALS: usize = 5;

/// By how much gaps of the same width may differ, in parts of the font size.
const SAME_GAP: f32 = 0.05;

/// How a line is spaced.
pub struct Spacing {
    /// The usual gap between letters.
    gap: f32,
    pitch: Option<f32>,
}

impl Spacing {
    pub fn of(letters: &[Letter]) -> Self {
        Self { gap: letter_spacing(letters), pitch: fixed_pitch(letters) }
    }

    /// Whether a word begins with the letter of this index, which follows `last`.
    pub fn parts(&self, last: &Letter, letters: &[Letter], index: usize) -> bool {
        letters.get(index).is_some_and(|next| self.is_gap(last, next)) && !is_spaced_out(letters, index)
    }

    fn is_gap(&self, last: &Letter, next: &Letter) -> bool {
        if let Some(pitch) = self.pitch {
            return next.start - last.start > 1.5 * pitch;
        }
        let least = if is_unspaced(last) && is_unspaced(next) { WIDE_GAP } else { WORD_GAP };
        gap(last, next) > least + self.gap
    }
}

/// The gap between two letters, in parts of the font size.
fn gap(last: &Letter, next: &Letter) -> f32 {
    (next.start - last.end) / last.em.max(next.em).max(f32::MIN_POSITIVE)
}

/// Whether the gap before a letter belongs to a word that is spaced out among others that are not: letters
/// on both sides have the same gap.
fn is_spaced_out(letters: &[Letter], index: usize) -> bool {
    let (before, after) = letters.split_at(index);
    let (Some(last), Some(next)) = (before.last(), after.first()) else { return false };
    let width = gap(last, next);
    if width >= MAX_LETTER_SPACING || !is_alphabetic(last) || !is_alphabetic(next) {
        return false;
    }
    let is_same = |pair: &&[Letter]| {
        matches!(pair, [last, next]
            if is_alphabetic(last) && is_alphabetic(next) && (gap(last, next) - width).abs() < SAME_GAP)
    };
    let near = SPACED_OUT_CAPITALS - 2;
    let same_before = before.windows(2).rev().take(near).take_while(is_same).count();
    let same_after = after.windows(2).take(near).take_while(is_same).count();
    let word = letters.get(index - 1 - same_before..=index + same_after).unwrap_or_default();
    let are_capitals = word.iter().all(is_capital);
    word.len() >= if are_capitals { SPACED_OUT_CAPITALS } else { SPACED_OUT }
}

fn is_alphabetic(letter: &Letter) -> bool {
    letter.text.chars().all(char::is_alphabetic)
}

fn is_capital(letter: &Letter) -> bool {
    letter.text.chars().all(char::is_uppercase)
}

/// The usual gap between the letters of a line, in parts of the font size. It is zero, or that of a word
/// whose letters are spaced out. Capitals beside small letters do not count: they may be words by themselves.
fn letter_spacing(letters: &[Letter]) -> f32 {
    let has_small = letters.iter().any(|letter| letter.text.chars().any(char::is_lowercase));
    let gaps = measure_pairs(letters, |last, next| {
        (!has_small || !is_capital(last) || !is_capital(next)).then(|| gap(last, next))
    });
    let middle = if gaps.len() < MIN_PAIRS { 0.0 } else { median(&gaps) };
    if middle > MAX_LETTER_SPACING { 0.0 } else { middle.max(0.0) }
}

/// The distance from one letter to the next, if nearly all letters have the same, whatever their widths.
/// Letters that touch each other need none.
fn fixed_pitch(letters: &[Letter]) -> Option<f32> {
    let distances = measure_pairs(letters, |last, next| Some(next.start - last.start));
    let pitch = median(&distances);
    let same = distances.iter().filter(|distance| (**distance - pitch).abs() < 0.03 * pitch).count();
    let is_fixed = distances.len() >= MIN_PAIRS && same * 10 >= distances.len() * 7;
    let gaps = || measure_pairs(letters, |last, next| Some(gap(last, next).abs()));
    (is_fixed && median(&gaps()) > 0.02).then_some(pitch)
}

/// Measures each two neighbours among the letters that are seen. Returns the sorted results. Equal neighbours
/// are left out: dots that lead to the number of a page say nothing about words.
fn measure_pairs(letters: &[Letter], measure: impl Fn(&Letter, &Letter) -> Option<f32>) -> Vec<f32> {
    let mut seen = letters.iter().filter(|letter| !letter.text.trim().is_empty());
    let Some(mut last) = seen.next() else { return Vec::new() };
    let mut results = Vec::new();
    for next in seen {
        if next.text != last.text {
            results.extend(measure(last, next));
        }
        last = next;
    }
    results.sort_by(f32::total_cmp);
    results
}

fn median(sorted: &[f32]) -> f32 {
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
