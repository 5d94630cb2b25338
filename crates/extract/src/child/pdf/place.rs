//! Says where a glyph stands on its page.

use hayro_interpret::font::Glyph;
use hayro_interpret::kurbo::{Affine, Shape as _, Vec2};

use super::letters::{self, Letter};

/// Where a glyph stands on the page, whose vertical axis points down.
pub struct Place {
    origin: Vec2,
    pub along: Vec2,
    pub across: Vec2,
    advance: f64,
    em: f64,
    height: f64,
}

impl Place {
    /// `glyph` maps thousandths of an em to the page, `span` is in the same unit.
    pub fn new(glyph: Affine, is_vertical: bool, (left, advance): (f64, f64), least_em: f64) -> Self {
        let [a, b, c, d, e, f] = glyph.as_coeffs();
        let (right, up) = (Vec2::new(a, b), Vec2::new(c, d));
        let at = |x: f64, y: f64| Vec2::new(e, f) + right * x + up * y;
        let (origin, along, across, advance) = if is_vertical {
            // The library moves a vertical glyph by half its width and 0.88 em. The baseline is laid so that
            // the glyph reaches as far above and below it as a horizontal one.
            (at(200.0, 880.0), -up, -right, 1000.0)
        } else {
            (at(left, 0.0), right, -up, advance)
        };
        let em = along.hypot() * 1000.0;
        Self {
            origin,
            along: along.normalize(),
            across: perpendicular(along.normalize(), across),
            advance: advance * along.hypot(),
            em: em.max(least_em * along.hypot()),
            height: across.hypot() * 1000.0,
        }
    }

    pub fn is_finite(&self) -> bool {
        self.origin.is_finite() && self.along.is_finite() && self.across.is_finite() && self.em.is_finite()
    }

    /// The letter, whose place is measured along and across this direction.
    pub fn letter(&self, text: String, along: Vec2, across: Vec2) -> Letter {
        let start = self.origin.dot(along);
        Letter {
            text,
            start: start as f32,
            end: (start + self.advance) as f32,
            baseline: self.origin.dot(across) as f32,
            em: self.em as f32,
            height: self.height.max(self.em / 2.0) as f32,
            order: 0,
        }
    }
}

/// The unit vector at a right angle to `along` that points to the same side as `side`.
fn perpendicular(along: Vec2, side: Vec2) -> Vec2 {
    let turned = Vec2::new(-along.y, along.x);
    if turned.dot(side) < 0.0 { -turned } else { turned }
}

/// Where a glyph begins, and how wide it is, in thousandths of an em. An accent may stand anywhere, so what
/// it draws counts.
pub fn span(glyph: &Glyph<'_>, text: &str) -> (f64, f64) {
    if let Glyph::Outline(outline) = glyph
        && letters::accents(text).is_some()
        && let drawn = outline.outline().bounding_box()
        && drawn.width() > 0.0
    {
        return (drawn.x0, drawn.width());
    }
    (0.0, advance(glyph))
}

/// The advance of a glyph in thousandths of an em. Some fonts give none.
pub fn advance(glyph: &Glyph<'_>) -> f64 {
    let advance = match glyph {
        Glyph::Outline(outline) => outline.advance_width(),
        Glyph::Type3(drawing) => drawing.advance_width(),
    };
    advance.unwrap_or(500.0).into()
}
