//! Carries out control words.

use super::{Reader, words};

impl Reader<'_> {
    /// Carries out a control word.
    pub(super) fn apply_word(&mut self, word: &[u8], number: Option<i32>) {
        if self.group.in_fonts {
            return self.fonts.apply(word, number.unwrap_or(0));
        }
        let on = number != Some(0);
        match (word, number) {
            (b"u", Some(unit)) => self.push_unit(unit),
            (b"uc", Some(count)) => self.group.replacements = usize::try_from(count).unwrap_or(1),
            (b"bin", Some(length)) => {
                self.rest = self.rest.get(usize::try_from(length).unwrap_or(0)..).unwrap_or_default();
            }
            (b"v", _) => self.group.invisible = on,
            (b"deleted", _) => self.group.deleted = on,
            (b"mvf", _) => self.group.moved = on,
            (b"htmlrtf", _) => self.group.not_html = on,
            (b"fromhtml", _) => self.is_html = on,
            _ => self.apply_font_word(word, number),
        }
        if let Some(character) = words::character(word) {
            self.push_character(character);
        }
    }

    /// Carries out a control word that decides about the code page.
    fn apply_font_word(&mut self, word: &[u8], number: Option<i32>) {
        match (word, number) {
            (b"f", Some(font)) => self.set_font(font),
            (b"deff", Some(font)) => {
                self.default_font = font;
                self.set_font(font);
            }
            (b"af", Some(font)) if self.group.is_rightward => {
                self.flush_bytes();
                self.group.complex_font = Some(font);
            }
            (b"rtlch" | b"ltrch", _) => {
                self.flush_bytes();
                self.group.is_rightward = word == b"rtlch";
            }
            (b"plain", _) => {
                self.set_font(self.default_font);
                (self.group.invisible, self.group.deleted, self.group.moved) = (false, false, false);
            }
            (b"deflang", Some(language)) => self.language = language.unsigned_abs(),
            (b"ansicpg", Some(page)) if page > 0 => self.page = u16::try_from(page).unwrap_or(self.page),
            (b"mac", _) => self.page = 10000,
            (b"pc", _) => self.page = 437,
            (b"pca", _) => self.page = 850,
            _ => {}
        }
    }

    fn set_font(&mut self, font: i32) {
        self.flush_bytes();
        self.group.font = font;
        // Programs that know no fonts for complex scripts write only this one, which counts if it comes last.
        if self.group.is_rightward {
            self.group.complex_font = None;
        }
    }
}
