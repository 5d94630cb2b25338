//! Tells columns from the rows of a table.

use super::lines::is_unspaced;
use super::pieces::Piece;

/// Whether the pieces on both sides of a gutter are columns rather than a table. They are if the page draws
/// one side after the other, or if both sides have the long lines of a text. What stands above or below the
/// other side says little about it. The pieces are sorted by their baselines.
pub fn are_columns(pieces: &[Piece], gutter: f32) -> bool {
    let (mut left, mut right): (Vec<_>, Vec<_>) = pieces.iter().partition(|piece| piece.end <= gutter);
    let Some((top, bottom)) = common_extent(&left, &right) else { return false };
    if count_lines(&left) < 2 || count_lines(&right) < 2 {
        return false;
    }
    if count_changes(&left, &right) == 1 {
        return true;
    }
    for side in [&mut left, &mut right] {
        side.retain(|piece| piece.extent().0 < bottom && piece.extent().1 > top);
    }
    count_changes(&left, &right) * 3 <= count_lines(&left) + count_lines(&right)
        || (has_long_lines(&left) && has_long_lines(&right))
}

/// From where to where both sides stand beside each other, unless one is above the other.
fn common_extent(left: &[&Piece], right: &[&Piece]) -> Option<(f32, f32)> {
    let extent = |side: &[&Piece]| {
        let top = side.iter().map(|piece| piece.extent().0).fold(f32::MAX, f32::min);
        (top, side.iter().map(|piece| piece.extent().1).fold(f32::MIN, f32::max))
    };
    let ((top, bottom), (other_top, other_bottom)) = (extent(left), extent(right));
    let common = (top.max(other_top), bottom.min(other_bottom));
    (common.1 - common.0 > 0.3 * (bottom - top).min(other_bottom - other_top)).then_some(common)
}

/// How often the page goes on with the other side.
fn count_changes(left: &[&Piece], right: &[&Piece]) -> usize {
    let mut drawn: Vec<(u32, bool)> = left.iter().map(|piece| (piece.order, true)).collect();
    drawn.extend(right.iter().map(|piece| (piece.order, false)));
    drawn.sort_unstable();
    drawn.windows(2).filter(|pair| matches!(pair, [(_, last), (_, next)] if last != next)).count()
}

/// The number of lines. The cells of a row are one.
fn count_lines(side: &[&Piece]) -> usize {
    let is_new = |last: &Piece, next: &Piece| next.baseline - last.baseline > 0.25 * next.height;
    1 + side.windows(2).filter(|pair| matches!(pair, [last, next] if is_new(last, next))).count()
}

fn has_long_lines(side: &[&Piece]) -> bool {
    // A letter of Chinese says as much as two others.
    let length = |letter| if is_unspaced(letter) { 2 } else { 1 };
    let letters: usize = side.iter().flat_map(|piece| &piece.letters).map(length).sum();
    side.len() >= 3 && letters >= 20 * side.len()
}
