//! Says whether what a page shows belongs to a note or a field that is hidden.

use hayro_interpret::kurbo::{BezPath, Rect, Shape as _};

/// The places of hidden notes and fields on a page. Each note and field is clipped to its place.
#[derive(Default)]
pub struct Hidden {
    places: Vec<Rect>,
    /// For each clip that is open, whether what is within it is hidden.
    clips: Vec<bool>,
}

impl Hidden {
    pub fn new(places: Vec<Rect>) -> Self {
        Self { places, clips: Vec::new() }
    }

    pub fn push_clip(&mut self, path: &BezPath) {
        let is_hidden = !self.places.is_empty() && self.is_place(path.bounding_box());
        self.clips.push(is_hidden || self.hides());
    }

    fn is_place(&self, clip: Rect) -> bool {
        self.places.iter().any(|hidden| is_same(*hidden, clip))
    }

    pub fn pop_clip(&mut self) {
        self.clips.pop();
    }

    /// Whether what is shown now is hidden.
    pub fn hides(&self) -> bool {
        self.clips.last().is_some_and(|is_hidden| *is_hidden)
    }
}

/// Whether two places differ by less than a point.
fn is_same(place: Rect, other: Rect) -> bool {
    let (start, end) = (place.origin() - other.origin(), place.size() - other.size());
    start.hypot() < 1.0 && end.width.abs() + end.height.abs() < 1.0
}
