//! Decodes text, and puts it where it belongs: into the document, or into an aside that follows its
//! paragraph.

use super::super::plain::misplaced;
use super::super::text::RawText;
use super::super::{codepage, html};
use super::{Group, Reader};

/// The code page of Western Europe.
const WESTERN: u16 = 1252;

impl Reader<'_> {
    fn code_page(&self) -> u16 {
        // A document in UTF-8 has no other code page, whatever its fonts say.
        if self.page == 65001 { self.page } else { self.fonts.page(self.font()).unwrap_or(self.page) }
    }

    /// The font of the text: in text from right to left, the one for complex scripts.
    fn font(&self) -> i32 {
        self.group.complex_font.filter(|_| self.group.is_rightward).unwrap_or(self.group.font)
    }

    fn is_shown(&self) -> bool {
        let Group { hidden, invisible, deleted, moved, not_html, .. } = self.group;
        // In a document that was made from HTML, the formatting for readers of rich text is no content.
        !(hidden || invisible || deleted || moved || (self.is_html && not_html))
    }

    /// Appends a UTF-16 code unit. Units above 32,767 are written as negative numbers.
    pub(super) fn push_unit(&mut self, unit: i32) {
        self.flush_bytes();
        if self.is_shown() {
            self.units.extend(u16::try_from(unit.rem_euclid(0x1_0000)));
        }
        self.skip = self.group.replacements;
    }

    /// Appends a byte that is not escaped. The second byte of its character may look like a control.
    pub(super) fn push_raw_byte(&mut self, byte: u8) {
        self.push_byte(byte);
        if let Some((next, rest)) = self.rest.split_first()
            && self.is_half
            && byte >= 0x80
            && b"\\{}".contains(next)
            && !rest.starts_with(b"'")
        {
            self.rest = rest;
            self.push_byte(*next);
        }
    }

    /// Appends a byte of text, unless it is skipped or hidden.
    pub(super) fn push_byte(&mut self, byte: u8) {
        if self.group.in_fonts {
            self.fonts.push(byte);
        } else if self.skip > 0 {
            self.skip -= 1;
        } else if self.is_shown() {
            self.flush_units();
            self.is_half = !self.is_half && byte >= 0x80 && codepage::length(self.code_page(), byte) == 2;
            self.bytes.push(byte);
        }
    }

    /// Appends a character that a control word represents.
    pub(super) fn push_character(&mut self, character: char) {
        self.flush();
        if self.skip > 0 && character != '\n' {
            self.skip -= 1;
        } else if self.is_shown() {
            self.content.push(character);
        }
        if character == '\n' && self.interrupted.is_empty() {
            self.content.push_str(&std::mem::take(&mut self.asides));
        }
    }

    pub(super) fn flush(&mut self) {
        self.flush_bytes();
        self.flush_units();
    }

    pub(super) fn flush_bytes(&mut self) {
        if !self.bytes.is_empty() {
            let text = self.decode();
            self.bytes.clear();
            self.is_half = false;
            self.push_text(&text);
        }
    }

    /// Decodes the bytes in the code page of their font. Many programs give all fonts the Western set, so
    /// text that seems wrong in it is in the code page of the document or of its language, or in UTF-8.
    fn decode(&self) -> String {
        let page = self.code_page();
        let text = codepage::decode(page, &self.bytes);
        if page != WESTERN || text.is_ascii() {
            return text;
        }
        if let Ok(text) = std::str::from_utf8(&self.bytes) {
            return text.to_owned();
        }
        let own = if self.page == WESTERN { codepage::of_language(self.language) } else { self.page };
        if own == page {
            return text;
        }
        let own = codepage::decode(own, &self.bytes);
        if misplaced::count(&own) < misplaced::count(&text) { own } else { text }
    }

    fn flush_units(&mut self) {
        if !self.units.is_empty() {
            let text = String::from_utf16_lossy(&self.units);
            self.units.clear();
            self.push_text(&text);
        }
    }

    /// Appends decoded text. In a document that was made from HTML, text outside of tags must not look like
    /// one.
    fn push_text(&mut self, text: &str) {
        if self.is_html && !self.group.in_tag {
            self.content.push_str(&text.replace('&', "&amp;").replace('<', "&lt;"));
        } else {
            self.content.push_str(text);
        }
    }

    pub(super) fn finish(mut self) -> RawText {
        self.flush();
        while let Some(before) = self.interrupted.pop() {
            let aside = std::mem::replace(&mut self.content, before);
            self.asides.push_str(&aside);
        }
        self.content.push('\n');
        self.content.push_str(&self.asides);
        if self.is_html { html::text_of_page(&self.content) } else { self.content.into() }
    }
}
