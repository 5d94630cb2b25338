//! Pieces of lines: letters that stand side by side.

use super::letters::Letter;

/// The gap from which letters on one baseline may belong to two columns, in parts of the font size. Columns
/// are one em apart or more, and only words of justified text are as far from each other.
const MAX_GAP: f32 = 0.8;

/// Letters that stand side by side on one baseline.
pub struct Piece {
    pub letters: Vec<Letter>,
    pub start: f32,
    pub end: f32,
    pub baseline: f32,
    pub em: f32,
    pub height: f32,
    pub order: u32,
}

/// Cuts letters, in the order in which they are drawn, into pieces.
pub fn from_letters(letters: Vec<Letter>) -> Vec<Piece> {
    join(with_initials(cut(letters)))
}

impl Piece {
    fn new(letter: Letter) -> Self {
        let Letter { start, end, baseline, em, height, order, .. } = letter;
        Self { letters: vec![letter], start, end: end.max(start), baseline, em, height, order }
    }

    /// Whether something on this place is on the same baseline, and nearer than a word of the next column.
    fn is_beside(&self, start: f32, end: f32, baseline: f32, em: f32, height: f32) -> bool {
        let distance = (start - self.end).max(self.start - end);
        (baseline - self.baseline).abs() < 0.25 * height.min(self.height)
            && distance < MAX_GAP * em.max(self.em)
    }

    fn push(&mut self, letter: Letter) {
        self.start = self.start.min(letter.start);
        self.end = self.end.max(letter.end);
        // A line that is not quite straight goes on where its last letter stands.
        self.baseline = letter.baseline;
        self.letters.push(letter);
    }

    /// Adds the letters of another piece.
    pub fn append(&mut self, mut other: Self) {
        self.start = self.start.min(other.start);
        self.end = self.end.max(other.end);
        if other.height > self.height {
            // A raised or lowered letter does not say where the line stands.
            self.baseline = other.baseline;
        }
        self.em = self.em.max(other.em);
        self.height = self.height.max(other.height);
        self.order = self.order.min(other.order);
        self.letters.append(&mut other.letters);
    }

    /// Where the piece begins and ends across the direction of reading.
    pub fn extent(&self) -> (f32, f32) {
        (self.baseline - 0.75 * self.height, self.baseline + 0.2 * self.height)
    }

    /// How much of the lower one of two pieces is beside the other one.
    pub fn share_beside(&self, other: &Self) -> f32 {
        let ((top, bottom), (other_top, other_bottom)) = (self.extent(), other.extent());
        (bottom.min(other_bottom) - top.max(other_top)) / (bottom - top).min(other_bottom - other_top)
    }
}

/// Cuts the letters, in the order in which they are drawn, where the next one does not stand beside the last.
fn cut(letters: Vec<Letter>) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for letter in letters {
        match pieces.last_mut() {
            Some(piece)
                if piece.is_beside(letter.start, letter.end, letter.baseline, letter.em, letter.height) =>
            {
                piece.push(letter);
            }
            _ => pieces.push(Piece::new(letter)),
        }
    }
    pieces
}

/// Puts an initial that is as high as several lines into the first of these, which is drawn next.
fn with_initials(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut joined: Vec<Piece> = Vec::with_capacity(pieces.len());
    for mut piece in pieces {
        if let Some(initial) = joined.pop_if(|last| is_initial(last, &piece)) {
            piece.start = initial.start;
            piece.order = initial.order;
            piece.letters.splice(0..0, initial.letters);
        }
        joined.push(piece);
    }
    joined
}

fn is_initial(piece: &Piece, next: &Piece) -> bool {
    let top = |piece: &Piece| piece.baseline - 0.7 * piece.height;
    let is_letter = |letter: &Letter| letter.text.chars().all(char::is_alphabetic);
    matches!(piece.letters.as_slice(), [letter] if is_letter(letter))
        && piece.height > 2.0 * next.height
        && (next.start - piece.end).abs() < next.em
        && (top(piece) - top(next)).abs() < 0.5 * next.height
}

/// Joins pieces that stand beside each other, though others were drawn between them.
fn join(mut pieces: Vec<Piece>) -> Vec<Piece> {
    pieces.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let mut rows: Vec<Vec<Piece>> = Vec::new();
    for piece in pieces {
        match rows.last_mut() {
            Some(row)
                if row.first().is_some_and(|first| {
                    (piece.baseline - first.baseline).abs() < 0.25 * piece.height.min(first.height)
                }) =>
            {
                row.push(piece);
            }
            _ => rows.push(vec![piece]),
        }
    }
    rows.into_iter().flat_map(join_row).collect()
}

fn join_row(mut row: Vec<Piece>) -> Vec<Piece> {
    row.sort_by(|a, b| a.start.total_cmp(&b.start));
    let mut joined: Vec<Piece> = Vec::new();
    for piece in row {
        match joined.last_mut() {
            Some(last) if last.is_beside(piece.start, piece.end, piece.baseline, piece.em, piece.height) => {
                last.append(piece);
            }
            _ => joined.push(piece),
        }
    }
    joined
}
