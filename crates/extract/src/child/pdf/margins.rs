//! Finds lines above and below columns that belong to none of them, such as a title, or the number of a page.

use super::pieces::Piece;

/// The most lines that are found above columns, and below them.
const MAX_LINES: usize = 4;

/// The least gap to the columns, in parts of the height of a line.
const LEAST_GAP: f32 = 0.4;

/// Parts the lines above all others, and those below them, from the rest. The pieces are sorted by their
/// baselines.
pub fn part(mut pieces: Vec<Piece>, is_rtl: bool) -> [Vec<Piece>; 3] {
    let (mut head, mut foot) = (Vec::new(), Vec::new());
    while head.len() < MAX_LINES && is_apart(&pieces, 0, is_rtl) {
        head.push(pieces.remove(0));
    }
    while foot.len() < MAX_LINES && is_apart(&pieces, pieces.len().saturating_sub(1), is_rtl) {
        foot.extend(pieces.pop());
    }
    [head, pieces, foot]
}

/// Whether a piece stands clear of all others, begins where none of them does, and is drawn before or after
/// them.
fn is_apart(pieces: &[Piece], index: usize, is_rtl: bool) -> bool {
    let begin = |piece: &Piece| if is_rtl { piece.end } else { piece.start };
    let (before, after) = pieces.split_at(index);
    let Some((piece, after)) = after.split_first() else { return false };
    let others = || before.iter().chain(after);
    let is_clear = |other: &Piece| {
        piece.share_beside(other) < -LEAST_GAP && (begin(piece) - begin(other)).abs() > 0.5 * piece.em
    };
    others().all(is_clear)
        && (others().all(|other| piece.order < other.order)
            || others().all(|other| piece.order > other.order))
}
