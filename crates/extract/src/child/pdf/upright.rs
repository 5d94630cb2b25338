//! Finds letters that stand upright within a vertical line, as numbers of two figures do.

use super::letters::{self, Letter};
use super::lines::is_unspaced;

/// Adds a letter to a vertical line if it stands upright beside or below the last letter, within the width of
/// the line.
pub fn push(line: &mut Vec<Letter>, upright: Letter) -> bool {
    let Some(last) = line.last_mut().filter(|last| is_within(last, &upright)) else { return false };
    let top = upright.baseline - 0.75 * upright.height;
    let is_near = |place: f32| (top - place).abs() < 0.5 * last.em;
    if is_latin(last) && is_near(last.start) {
        last.text.push_str(&upright.text);
        return true;
    }
    let is_below = is_near(last.end) && (is_unspaced(last) || is_latin(last));
    if is_below {
        let Letter { end: start, baseline, em, height, .. } = *last;
        letters::push(line, Letter { start, end: start + em, baseline, em, height, ..upright });
    }
    is_below
}

fn is_within(last: &Letter, upright: &Letter) -> bool {
    let middle = 0.3 * last.height - last.baseline;
    let width = middle - 0.6 * last.height..middle + 0.6 * last.height;
    is_latin(upright) && width.contains(&upright.start) && width.contains(&upright.end)
}

fn is_latin(letter: &Letter) -> bool {
    letter.text.chars().all(|char| char.is_ascii_alphanumeric())
}
