//! The table of fonts of rich text. A font's character set says in which code page its text is.

use std::collections::HashMap;

use super::super::codepage;

/// Endings by which names of fonts told their character set before there was a number for it, in small
/// letters.
const NAMED_PAGES: [(&str, u16); 7] = [
    (" ce", 1250),
    (" cyr", 1251),
    (" greek", 1253),
    (" tur", 1254),
    (" (hebrew)", 1255),
    (" (arabic)", 1256),
    (" baltic", 1257),
];

/// The code pages of the fonts, by their numbers, and the font that is being defined.
#[derive(Default)]
pub struct Fonts {
    pages: HashMap<i32, u16>,
    current: i32,
    name: String,
}

impl Fonts {
    /// The code page of a font, or `None` for the document's own.
    pub fn page(&self, font: i32) -> Option<u16> {
        self.pages.get(&font).copied()
    }

    /// Carries out a control word of the table.
    pub fn apply(&mut self, word: &[u8], number: i32) {
        match word {
            b"f" => (self.current, self.name) = (number, String::new()),
            b"fcharset" if number == 0 => self.define(1252),
            b"fcharset" => {
                if let Some(page) = codepage::of_charset(number) {
                    self.define(page);
                }
            }
            b"cpg" => {
                if let Ok(page) = u16::try_from(number) {
                    self.define(page);
                }
            }
            _ => {}
        }
    }

    /// Reads a byte of the name of a font. A semicolon ends it.
    pub fn push(&mut self, byte: u8) {
        if byte != b';' {
            return self.name.push(byte.into());
        }
        let named = NAMED_PAGES.iter().find(|(ending, _)| self.name.to_ascii_lowercase().ends_with(ending));
        if let Some((_, page)) = named
            && self.page(self.current).is_none_or(|page| page == 1252)
        {
            self.define(*page);
        }
        self.name.clear();
    }

    fn define(&mut self, page: u16) {
        self.pages.insert(self.current, page);
    }
}
