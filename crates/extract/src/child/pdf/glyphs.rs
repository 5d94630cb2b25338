//! Collects the glyphs of a page, sorted by the direction in which they are read.

use std::cmp::Reverse;

use hayro_interpret::font::{Glyph as FontGlyph, GlyphRun, PositionedGlyph};
use hayro_interpret::hayro_cmap::{BfString, WritingMode};
use hayro_interpret::hayro_syntax::object::{self, Dict};
use hayro_interpret::kurbo::{Affine, BezPath, Vec2};
use hayro_interpret::{BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask};

use super::fields::decode_text;
use super::letters::{self, Letter};
use super::place::{Place, advance, span};

/// The most glyphs that are kept of a page: as many as the longest text has bytes.
const MAX_GLYPHS: usize = crate::protocol::MAX_TEXT;

/// The most directions on a page. Further ones are left out.
const MAX_DIRECTIONS: usize = 64;

/// The angle in radians by which glyphs of one direction may differ: 2 degrees.
const SAME_ANGLE: f64 = 0.035;

/// The glyphs of a page.
#[derive(Default)]
pub struct Glyphs {
    directions: Vec<Direction>,
    count: usize,
    has_unknown: bool,
    /// For each marked content that is open, the text that replaces its glyphs.
    replacements: Vec<Option<String>>,
}

/// Letters that are read in one direction. Their places are measured along and across this direction.
struct Direction {
    along: Vec2,
    across: Vec2,
    letters: Vec<Letter>,
}

impl Glyphs {
    /// Whether glyphs were left out.
    pub fn is_full(&self) -> bool {
        self.count >= MAX_GLYPHS || self.directions.len() >= MAX_DIRECTIONS
    }

    /// Whether there are glyphs whose text is not known.
    pub fn has_unknown(&self) -> bool {
        self.has_unknown
    }

    /// The letters of each direction: first those that stand upright on the page as it is displayed, then
    /// those of the direction with the most.
    pub fn into_directions(mut self) -> impl Iterator<Item = Vec<Letter>> {
        self.directions.sort_by_key(|direction| {
            let is_upright = direction.along.x > 1.0 - SAME_ANGLE && direction.across.y > 0.0;
            (!is_upright, Reverse(direction.letters.len()))
        });
        self.directions.into_iter().map(|direction| direction.letters)
    }

    fn push_glyph(&mut self, glyph: &PositionedGlyph<'_>, page: Affine, is_vertical: bool, least_em: f64) {
        let Some(text) = self.text_of(glyph) else {
            self.has_unknown = true;
            return;
        };
        let place = Place::new(page * glyph.transform(), is_vertical, span(glyph, &text), least_em);
        if self.is_full() || !place.is_finite() {
            return;
        }
        self.count += 1;
        let Some(direction) = self.direction(place.along, place.across) else { return };
        let letter = place.letter(text, direction.along, direction.across);
        letters::push(&mut direction.letters, letter);
    }

    /// The text of a glyph, or what replaces it.
    fn text_of(&mut self, glyph: &FontGlyph<'_>) -> Option<String> {
        if let Some(replacement) = self.replacements.iter_mut().flatten().next() {
            // The first glyph has the whole text.
            return Some(std::mem::take(replacement));
        }
        match glyph.as_unicode()? {
            BfString::Char(char) => Some(char.to_string()),
            BfString::String(text) => Some(text),
        }
    }

    /// The direction of a glyph, which is a new one if no other is near it.
    fn direction(&mut self, along: Vec2, across: Vec2) -> Option<&mut Direction> {
        let is_same = |direction: &Direction| {
            direction.along.cross(along).abs() < SAME_ANGLE
                && direction.along.dot(along) > 0.0
                && direction.across.dot(across) > 0.0
        };
        let known = self.directions.iter().position(is_same);
        let index = known.unwrap_or(self.directions.len());
        if known.is_none() {
            self.directions.push(Direction { along, across, letters: Vec::new() });
        }
        self.directions.get_mut(index)
    }
}

/// The least size of the letters in a run of drawn glyphs, in thousandths of the font size, which says little
/// about them: their font may scale them.
fn least_em_of(run: &GlyphRun<'_, '_>) -> f64 {
    let drawn = run.glyphs().iter().filter(|glyph| matches!(***glyph, FontGlyph::Type3(_)));
    drawn.map(|glyph| advance(glyph) * 1.2).fold(0.0, f64::max)
}

impl<'a> Device<'a> for Glyphs {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        let is_vertical = run.writing_mode() == WritingMode::Vertical;
        let least_em = least_em_of(run);
        for glyph in run.glyphs() {
            self.push_glyph(glyph, props.transform, is_vertical, least_em);
        }
    }

    fn begin_marked_content(&mut self, _: &[u8], properties: Option<&Dict<'_>>) {
        let text = properties.and_then(|properties| properties.get::<object::String<'_>>("ActualText"));
        self.replacements.push(text.map(|text| decode_text(text.as_bytes())));
    }

    fn end_marked_content(&mut self) {
        self.replacements.pop();
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
