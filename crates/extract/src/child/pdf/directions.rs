//! Sorts the letters of a page by the direction in which they are read.

use std::cmp::Reverse;

use hayro_interpret::kurbo::Vec2;

use super::letters::{self, Letter};
use super::place::Place;
use super::upright;

/// The most directions on a page. Further ones are left out.
const MAX_DIRECTIONS: usize = 64;

/// The angle in radians by which glyphs of one direction may differ: 2 degrees.
const SAME_ANGLE: f64 = 0.035;

/// The directions of a page.
#[derive(Default)]
pub struct Directions(Vec<Direction>);

/// Letters that are read in one direction. Their places are measured along and across this direction.
struct Direction {
    along: Vec2,
    across: Vec2,
    letters: Vec<Letter>,
}

impl Directions {
    pub fn is_full(&self) -> bool {
        self.0.len() >= MAX_DIRECTIONS
    }

    /// Adds a letter to its direction, or to the vertical line in which it stands upright.
    pub fn push(&mut self, place: &Place, text: String) {
        if is_upright(place.along, place.across)
            && let Some(vertical) = self.0.iter_mut().find(|direction| direction.is_vertical())
            && let letter = place.letter(text.clone(), place.along, place.across)
            && upright::push(&mut vertical.letters, letter)
        {
            return;
        }
        let Some(direction) = self.find(place.along, place.across) else { return };
        let letter = place.letter(text, direction.along, direction.across);
        letters::push(&mut direction.letters, letter);
    }

    /// The direction of a glyph, which is a new one if no other is near it.
    fn find(&mut self, along: Vec2, across: Vec2) -> Option<&mut Direction> {
        let is_same = |direction: &Direction| {
            direction.along.cross(along).abs() < SAME_ANGLE
                && direction.along.dot(along) > 0.0
                && direction.across.dot(across) > 0.0
        };
        let known = self.0.iter().position(is_same);
        let index = known.unwrap_or(self.0.len());
        if known.is_none() {
            self.0.push(Direction { along, across, letters: Vec::new() });
        }
        self.0.get_mut(index)
    }

    /// The letters of each direction: first those that stand upright on the page as it is displayed, then
    /// those of the direction with the most, and last the upright ones that stand below these.
    pub fn into_letters(mut self) -> impl Iterator<Item = Vec<Letter>> {
        self.0.sort_by_key(|direction| {
            (!is_upright(direction.along, direction.across), Reverse(direction.letters.len()))
        });
        let foot = self.take_foot();
        self.0.into_iter().map(|direction| direction.letters).chain([foot])
    }

    /// Takes the upright letters below vertical lines that have more letters.
    fn take_foot(&mut self) -> Vec<Letter> {
        let Some((upright, others)) = self.0.split_first_mut() else { return Vec::new() };
        let vertical = others.iter().find(|direction| direction.is_vertical());
        let Some(vertical) = vertical.filter(|vertical| vertical.letters.len() > upright.letters.len())
        else {
            return Vec::new();
        };
        let bottom = vertical.letters.iter().map(|letter| letter.end).fold(f32::MIN, f32::max);
        upright.letters.extract_if(.., |letter| letter.baseline - 0.75 * letter.height > bottom).collect()
    }
}

impl Direction {
    /// Whether the letters are read downwards, and their lines from the right.
    fn is_vertical(&self) -> bool {
        self.along.y > 1.0 - SAME_ANGLE && self.across.x < 0.0
    }
}

/// Whether letters of this direction stand upright on the page as it is displayed.
fn is_upright(along: Vec2, across: Vec2) -> bool {
    along.x > 1.0 - SAME_ANGLE && across.y > 0.0
}
