//! The styles of OpenDocument that hide text, or show it within what is hidden.

use std::collections::HashMap;

use super::super::markup::{self, Element, Markup, Next};
use super::super::styles::{self, Style};

/// The styles that have been read. Each is known by its family and its name.
#[derive(Default)]
pub struct Styles {
    known: HashMap<(String, String), Style>,
    /// The style that is being defined.
    current: Option<(String, String)>,
    hide_any: bool,
}

impl Styles {
    /// The styles that a document has for all its parts.
    pub fn common(xml: &str) -> Self {
        let mut styles = Self::default();
        markup::walk(xml, |markup| {
            styles.read(&markup);
            if matches!(markup, Markup::Close("styles")) { Next::Stop } else { Next::Continue }
        });
        styles
    }

    /// Reads a part of a definition.
    pub fn read(&mut self, markup: &Markup<'_>) {
        match *markup {
            Markup::Open("style", element) => self.open(element),
            Markup::Close("style") => self.current = None,
            Markup::Open("text-properties", element) => {
                let Some(style) = self.current.as_ref().and_then(|name| self.known.get_mut(name)) else {
                    return;
                };
                style.hides = element.attribute("display").map(|display| display == "none");
                self.hide_any |= style.hides == Some(true);
            }
            _ => {}
        }
    }

    fn open(&mut self, element: &Element<'_>) {
        let attribute = |name| element.attribute(name).unwrap_or_default();
        let name = (attribute("family"), attribute("name"));
        let base = element.attribute("parent-style-name");
        self.known.insert(name.clone(), Style { hides: None, base });
        self.current = Some(name);
    }

    /// Whether the text of an element is hidden by its style, which must be defined before.
    pub fn hide(&self, name: &str, element: &Element<'_>) -> bool {
        let family = match name {
            "span" => "text",
            "p" | "h" => "paragraph",
            _ => return false,
        };
        // Some programs write no family.
        let hides = |style: &str| ["", family].into_iter().find_map(|family| self.hides(family, style));
        self.hide_any && element.attribute("style-name").is_some_and(|style| hides(&style) == Some(true))
    }

    fn hides(&self, family: &str, name: &str) -> Option<bool> {
        styles::hides(name, |name| self.known.get(&(family.to_owned(), name.to_owned())))
    }
}
