//! Says which notes and fields belong to hidden layers. The library does so for the contents of pages.

use std::collections::HashSet;

use hayro_interpret::RectExt as _;
use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::hayro_syntax::object::{Array, Dict, Name, ObjectIdentifier, Rect as PdfRect};
use hayro_interpret::hayro_syntax::page::Page;
use hayro_interpret::kurbo::Rect;

/// The most notes and fields of a page that are looked at.
const MAX_NOTES: usize = 1000;

/// The layers that are hidden when the document is opened.
#[derive(Default)]
pub struct Layers {
    hidden: HashSet<ObjectIdentifier>,
}

impl Layers {
    pub fn of(document: &Pdf) -> Self {
        let catalog = document.xref().get::<Dict<'_>>(document.xref().root_id());
        let Some(layers) = catalog.and_then(|catalog| catalog.get::<Dict<'_>>("OCProperties")) else {
            return Self::default();
        };
        let Some(config) = layers.get::<Dict<'_>>("D") else { return Self::default() };
        let mut hidden = HashSet::new();
        if config.get::<Name<'_>>("BaseState").as_deref() == Some(b"OFF") {
            hidden.extend(references(&layers, "OCGs"));
        }
        for shown in references(&config, "ON") {
            hidden.remove(&shown);
        }
        hidden.extend(references(&config, "OFF"));
        Self { hidden }
    }

    /// Whether a note or a field belongs to a hidden layer, or to several as its policy says.
    pub fn hide(&self, item: &Dict<'_>) -> bool {
        let Some(group) = item.get::<Dict<'_>>("OC") else { return false };
        if group.get::<Name<'_>>("Type").as_deref() != Some(b"OCMD") {
            return item.get_ref("OC").is_some_and(|layer| self.hidden.contains(&layer.into()));
        }
        let layers = references(&group, "OCGs");
        let is_hidden = |layer: &ObjectIdentifier| self.hidden.contains(layer);
        let is_shown = match group.get::<Name<'_>>("P").as_deref() {
            Some(b"AllOn") => !layers.iter().any(is_hidden),
            Some(b"AnyOff") => layers.iter().any(is_hidden),
            Some(b"AllOff") => layers.iter().all(is_hidden),
            _ => !layers.iter().all(is_hidden),
        };
        !layers.is_empty() && !is_shown
    }

    /// Where the hidden notes and fields of a page stand, unless others stand in the same place.
    pub fn hidden_places(&self, page: &Page<'_>) -> Vec<Rect> {
        let notes = page.raw().get::<Array<'_>>("Annots");
        let notes = notes.iter().flat_map(|notes| notes.iter::<Dict<'_>>()).take(MAX_NOTES);
        let (hidden, shown): (Vec<_>, Vec<_>) = notes.partition(|note| self.hide(note));
        let places = |notes: Vec<Dict<'_>>| -> Vec<Rect> {
            notes.iter().filter_map(|note| Some(note.get::<PdfRect>("Rect")?.to_kurbo())).collect()
        };
        let (mut hidden, shown) = (places(hidden), places(shown));
        hidden.retain(|place| !shown.contains(place));
        hidden
    }
}

/// The references of an entry, which is an array, or one of them.
fn references(dict: &Dict<'_>, key: &str) -> Vec<ObjectIdentifier> {
    match dict.get::<Array<'_>>(key) {
        Some(array) => {
            array.raw_iter().filter_map(|item| item.as_obj_ref()).map(ObjectIdentifier::from).collect()
        }
        None => dict.get_ref(key).map(ObjectIdentifier::from).into_iter().collect(),
    }
}
