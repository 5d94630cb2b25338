//! The styles of a Word document that hide text, or show it in a paragraph that is hidden.

use std::collections::HashMap;

use super::super::markup::{self, Markup, Next};
use super::super::styles::{Style, hides};
use super::is_off;

/// The names of the styles that say whether their text is hidden, by themselves or by the styles on which
/// they are based, and what they say.
pub fn hiding(xml: &str) -> HashMap<String, bool> {
    if !xml.contains("vanish") {
        return HashMap::new();
    }
    let styles = parse(xml);
    styles.keys().filter_map(|name| Some((name.clone(), hides(name, |name| styles.get(name))?))).collect()
}

fn parse(xml: &str) -> HashMap<String, Style> {
    let mut styles: HashMap<String, Style> = HashMap::new();
    let mut current = None;
    markup::walk(xml, |markup| {
        match markup {
            Markup::Open("style", element) => current = element.attribute("styleId"),
            // Formats of parts of a table.
            Markup::Open("tblStylePr", _) => return Next::Skip,
            Markup::Open(name @ ("vanish" | "basedOn"), element) => {
                if let Some(style) = current.clone().map(|id| styles.entry(id).or_default()) {
                    match name {
                        "vanish" => style.hides = Some(!is_off(element)),
                        _ => style.base = element.attribute("val"),
                    }
                }
            }
            Markup::Close("style") => current = None,
            _ => {}
        }
        Next::Continue
    });
    styles
}
