//! Cuts a page into blocks: parts that stand one above the other.

use super::pieces::Piece;

/// How many pieces are compared with one to find out whether they are beside it.
const MAX_NEAR: usize = 50;

/// Cuts where a whole line is empty, and where lines begin or end to have others beside them. The pieces are
/// sorted by their baselines.
pub fn cut(pieces: Vec<Piece>) -> Vec<Vec<Piece>> {
    let mut blocks: Vec<Vec<Piece>> = Vec::new();
    let (mut bottom, mut was_beside) = (f32::MIN, false);
    let are_beside = are_beside_others(&pieces);
    for (piece, is_beside) in pieces.into_iter().zip(are_beside) {
        let (top, own_bottom) = piece.extent();
        if top - bottom > 0.6 * piece.height || is_beside != was_beside {
            blocks.push(Vec::new());
        }
        bottom = bottom.max(own_bottom);
        was_beside = is_beside;
        match blocks.last_mut() {
            Some(block) => block.push(piece),
            None => blocks.push(vec![piece]),
        }
    }
    blocks
}

/// For each piece, whether another one is beside it.
fn are_beside_others(pieces: &[Piece]) -> Vec<bool> {
    let mut results = vec![false; pieces.len()];
    for (index, piece) in pieces.iter().enumerate() {
        let (_, bottom) = piece.extent();
        let below = pieces.iter().enumerate().skip(index + 1);
        let near = below.take_while(|(_, other)| other.baseline - 0.5 * other.height < bottom);
        if let Some((other, _)) = near.take(MAX_NEAR).find(|(_, other)| is_beside(piece, other)) {
            for index in [index, other] {
                results.get_mut(index).into_iter().for_each(|result| *result = true);
            }
        }
    }
    results
}

fn is_beside(piece: &Piece, other: &Piece) -> bool {
    let gap = (piece.start - other.end).max(other.start - piece.end);
    gap > 0.0 && piece.share_beside(other) > 0.3
}
