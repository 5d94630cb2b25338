//! The entities that a document defines within itself.

use std::borrow::Cow;
use std::collections::HashMap;

use quick_xml::escape::{resolve_html5_entity, unescape_with};

/// Entities and the texts for which they stand.
#[derive(Default)]
pub struct Entities(HashMap<String, String>);

impl Entities {
    /// Takes the definitions of a document type. Entities within others stay names, so that none grows.
    pub fn define(&mut self, definition: &str) {
        for entity in definition.split("<!ENTITY").skip(1) {
            if let Some((name, value)) = definition_of(entity) {
                let value = unescape_with(value, resolve_html5_entity).unwrap_or(Cow::Borrowed(value));
                self.0.insert(name.to_owned(), value.into_owned());
            }
        }
    }

    /// The text of an entity.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

/// The name and the value of an entity. One that is in another file has no value.
fn definition_of(entity: &str) -> Option<(&str, &str)> {
    let (name, value) = entity.trim_start().split_once(char::is_whitespace)?;
    let value = value.trim_start();
    let quote = value.chars().next().filter(|quote| "\"'".contains(*quote))?;
    Some((name, value.split(quote).nth(1)?))
}
