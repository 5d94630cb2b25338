//! The entities that a document defines within itself.

use std::collections::HashMap;

use crate::child::html;
use crate::protocol::MAX_TEXT;

/// Entities and the texts for which they stand.
#[derive(Default)]
pub struct Entities {
    values: HashMap<String, String>,
    /// The length of all texts that have been asked for.
    used: usize,
}

impl Entities {
    /// Takes the definitions of a document type. Entities within others stay names, so that none grows.
    pub fn define(&mut self, definition: &str) {
        for entity in definition.split("<!ENTITY").skip(1) {
            if let Some((name, value)) = definition_of(entity) {
                self.values.insert(name.to_owned(), html::resolve_references(value));
            }
        }
    }

    /// The text of an entity. All references together stand for no more than the longest text.
    pub fn get(&mut self, name: &str) -> Option<&str> {
        let value = self.values.get(name).filter(|_| self.used <= MAX_TEXT)?;
        self.used += value.len();
        Some(value)
    }
}

/// The name and the value of an entity. One that is in another file has no value.
fn definition_of(entity: &str) -> Option<(&str, &str)> {
    let (name, value) = entity.trim_start().split_once(char::is_whitespace)?;
    let value = value.trim_start();
    let quote = value.chars().next().filter(|quote| "\"'".contains(*quote))?;
    Some((name, value.split(quote).nth(1)?))
}
