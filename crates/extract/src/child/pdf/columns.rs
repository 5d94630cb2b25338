//! Puts the letters of a page into lines, and the lines into reading order: column by column, where a page
//! has columns.

use super::blocks;
use super::letters::Letter;
use super::margins;
use super::pieces::{self, Piece};
use super::sides::are_columns;

/// How often columns are looked for within columns.
const MAX_DEPTH: usize = 6;

/// The most pieces of a line with which the next one is compared.
const MAX_NEAR: usize = 50;

/// The letters of each line, in reading order of the lines. The letters of a line are not sorted.
pub fn lines_in_order(letters: Vec<Letter>) -> Vec<Vec<Letter>> {
    let mut lines = Vec::new();
    order(pieces::from_letters(letters), MAX_DEPTH, &mut lines);
    lines
}

/// Appends the lines of these pieces in reading order.
fn order(mut pieces: Vec<Piece>, depth: usize, lines: &mut Vec<Vec<Letter>>) {
    pieces.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let Some(gutter) = find_gutter(&pieces).filter(|_| depth > 0) else {
        return order_blocks(pieces, depth, lines);
    };
    let mut beside = Vec::new();
    for piece in pieces {
        if piece.start < gutter && piece.end > gutter {
            order_sides(std::mem::take(&mut beside), gutter, depth, lines);
            // What stands in the line of a piece that spans the gutter is found below.
            lines.push(piece.letters);
        } else {
            beside.push(piece);
        }
    }
    order_sides(beside, gutter, depth, lines);
}

/// Looks for columns in each block, where a page as a whole has none.
fn order_blocks(pieces: Vec<Piece>, depth: usize, lines: &mut Vec<Vec<Letter>>) {
    let blocks = blocks::cut(pieces);
    let is_one = blocks.len() == 1;
    for block in blocks {
        if is_one || depth == 0 || find_gutter(&block).is_none() {
            append_lines(block, lines);
        } else {
            order(block, depth - 1, lines);
        }
    }
}

/// Appends what is left and right of a gutter: one side after the other if these are columns, else line by
/// line.
fn order_sides(pieces: Vec<Piece>, gutter: f32, depth: usize, lines: &mut Vec<Vec<Letter>>) {
    let is_rtl =
        pieces.iter().filter(|piece| super::bidi::is_mostly_rtl(&piece.letters)).count() * 2 > pieces.len();
    let [head, beside, foot] = margins::part(pieces, is_rtl);
    append_lines(head, lines);
    if are_columns(&beside, gutter) {
        let (left, right) = beside.into_iter().partition(|piece| piece.end <= gutter);
        let (first, second) = if is_rtl { (right, left) } else { (left, right) };
        order(first, depth - 1, lines);
        order(second, depth - 1, lines);
    } else {
        append_lines(beside, lines);
    }
    append_lines(foot, lines);
}

/// Where a page may be parted into columns: the place with pieces on both sides that the fewest pieces span.
fn find_gutter(pieces: &[Piece]) -> Option<f32> {
    let mut starts: Vec<f32> = pieces.iter().map(|piece| piece.start).collect();
    let mut ends: Vec<f32> = pieces.iter().map(|piece| piece.end).collect();
    starts.sort_by(f32::total_cmp);
    ends.sort_by(f32::total_cmp);
    let em = pieces.iter().map(|piece| piece.em).sum::<f32>() / pieces.len().max(1) as f32;
    let mut best = None;
    let mut begun = 0;
    for (ended, end) in ends.iter().enumerate().map(|(index, end)| (index + 1, *end)) {
        while starts.get(begun).is_some_and(|start| *start < end) {
            begun += 1;
        }
        let next = starts.get(begun).copied().unwrap_or(end);
        let is_last_end = ends.get(ended).is_none_or(|next_end| *next_end > end);
        let (left, right, spanning) = (ended, pieces.len() - begun, begun - ended.min(begun));
        if !is_last_end || left < 2 || right < 2 || spanning * 3 > left.min(right) || next - end < 0.5 * em {
            continue;
        }
        let score = left.min(right) - spanning * 3;
        if best.is_none_or(|(best_score, width, _)| (score, next - end) > (best_score, width)) {
            best = Some((score, next - end, (end + next) / 2.0));
        }
    }
    best.map(|(.., gutter)| gutter)
}

/// Appends the lines from top to bottom. The pieces are sorted by their baselines.
fn append_lines(mut pieces: Vec<Piece>, lines: &mut Vec<Vec<Letter>>) {
    pieces.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let mut line: Option<Piece> = None;
    let mut spans = Vec::new();
    for piece in pieces {
        let span = (piece.start, piece.end);
        match &mut line {
            Some(line) if is_same_line(line, &piece) && !stands_on_any(&piece, &spans) => line.append(piece),
            _ => {
                lines.extend(line.replace(piece).map(|line| line.letters));
                spans.clear();
            }
        }
        spans.push(span);
    }
    lines.extend(line.map(|line| line.letters));
}

/// Whether much of the smaller piece is beside the larger one, as with a raised digit. Of two lines beside a
/// letter of their height, none is in its line.
fn is_same_line(line: &Piece, piece: &Piece) -> bool {
    let (small, large) = (line.height.min(piece.height), line.height.max(piece.height));
    line.share_beside(piece) > 0.4
        && (large < 2.2 * small || (line.baseline - piece.baseline).abs() < 0.25 * small)
}

/// Whether a piece takes the place of words that are in its line already, so that it is another line.
fn stands_on_any(piece: &Piece, spans: &[(f32, f32)]) -> bool {
    let mut near = spans.iter().rev().take(MAX_NEAR);
    near.any(|(start, end)| piece.end.min(*end) - piece.start.max(*start) > piece.em)
}
