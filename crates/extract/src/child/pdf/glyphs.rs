//! Collects the glyphs of a page.

use hayro_interpret::font::{Glyph as FontGlyph, GlyphRun, PositionedGlyph};
use hayro_interpret::hayro_cmap::{BfString, WritingMode};
use hayro_interpret::hayro_syntax::object::{self, Dict};
use hayro_interpret::kurbo::{Affine, BezPath};
use hayro_interpret::{BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask};

use super::directions::Directions;
use super::fields::decode_text;
use super::hidden::Hidden;
use super::letters::Letter;
use super::place::{Place, advance, span};

/// The most glyphs that are kept of a page: as many as the longest text has bytes.
const MAX_GLYPHS: usize = crate::protocol::MAX_TEXT;

/// The glyphs of a page.
#[derive(Default)]
pub struct Glyphs {
    directions: Directions,
    count: usize,
    has_unknown: bool,
    /// For each marked content that is open, the text that replaces its glyphs.
    replacements: Vec<Option<String>>,
    hidden: Hidden,
}

impl Glyphs {
    /// Leaves out the glyphs of hidden notes and fields.
    pub fn without(hidden: Hidden) -> Self {
        Self { hidden, ..Self::default() }
    }

    /// Whether glyphs were left out.
    pub fn is_full(&self) -> bool {
        self.count >= MAX_GLYPHS || self.directions.is_full()
    }

    /// Whether there are glyphs whose text is not known.
    pub fn has_unknown(&self) -> bool {
        self.has_unknown
    }

    /// The letters of each direction, in reading order of the directions.
    pub fn into_directions(self) -> impl Iterator<Item = Vec<Letter>> {
        self.directions.into_letters()
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
        self.directions.push(&place, text);
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
}

/// The least size of the letters in a run of drawn glyphs, in thousandths of the font size, which says little
/// about them: their font may scale them.
fn least_em_of(run: &GlyphRun<'_, '_>) -> f64 {
    let drawn = run.glyphs().iter().filter(|glyph| matches!(***glyph, FontGlyph::Type3(_)));
    drawn.map(|glyph| advance(glyph) * 1.2).fold(0.0, f64::max)
}

impl<'a> Device<'a> for Glyphs {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        if self.hidden.hides() {
            return;
        }
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

    fn push_clip_path(&mut self, clip: &ClipPath) {
        self.hidden.push_clip(&clip.path);
    }

    fn pop_clip(&mut self) {
        self.hidden.pop_clip();
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {}
    fn pop_transparency_group(&mut self) {}
}
