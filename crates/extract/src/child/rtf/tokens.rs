//! Splits a document into groups, control words, control symbols and text.

use super::Reader;
use super::words::{self, Destination};

impl<'a> Reader<'a> {
    /// Reads what begins with this byte: a group, a control word or symbol, or text.
    pub(super) fn read_token(&mut self, first: u8) {
        let begun = std::mem::replace(&mut self.begun, first == b'{');
        match first {
            b'{' => self.open_group(),
            b'}' => self.close_group(),
            b'\\' => self.read_control(begun),
            // Some programs end a text with zeros.
            b'\r' | b'\n' | 0 => self.begun = begun,
            byte => self.push_raw_byte(byte),
        }
    }

    /// Reads what follows a backslash: a control symbol, or a control word with an optional number.
    fn read_control(&mut self, begun: bool) {
        let letters = self.take_while(u8::is_ascii_alphabetic);
        if letters.is_empty() {
            return self.read_symbol(begun);
        }
        let sign = self.rest.strip_prefix(b"-");
        self.rest = sign.unwrap_or(self.rest);
        let digits = self.take_while(u8::is_ascii_digit);
        let number = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse::<i32>().ok());
        let number = number.map(|number| if sign.is_some() { -number } else { number });
        self.rest = self.rest.strip_prefix(b" ").unwrap_or(self.rest);
        let optional = std::mem::take(&mut self.optional);
        match words::destination(letters) {
            Some(destination) if begun || optional => self.begin_destination(letters, destination),
            Some(Destination::Hidden) => self.begin_destination(letters, Destination::Hidden),
            // Readers ignore an optional destination that they do not know.
            None if begun && optional => self.group.hidden = true,
            _ => self.apply_word(letters, number),
        }
    }

    /// Reads a control symbol, such as an escaped brace or a byte in hexadecimal.
    fn read_symbol(&mut self, begun: bool) {
        let Some((symbol, rest)) = self.rest.split_first() else { return };
        self.rest = rest;
        match symbol {
            b'\'' => self.read_hexadecimal(),
            b'*' => (self.optional, self.begun) = (true, begun),
            b'~' => self.push_character('\u{a0}'),
            b'_' => self.push_character('-'),
            b'\r' | b'\n' => self.push_character('\n'),
            b'\t' => self.push_character('\t'),
            b'{' | b'}' | b'\\' => self.push_byte(*symbol),
            _ => {}
        }
    }

    fn read_hexadecimal(&mut self) {
        let digits = self.rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            self.rest = self.rest.get(2..).unwrap_or_default();
            self.push_byte(byte);
        }
    }

    /// Takes the next bytes for which `belongs` is true.
    fn take_while(&mut self, belongs: impl Fn(&u8) -> bool) -> &'a [u8] {
        let end = self.rest.iter().position(|byte| !belongs(byte)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }
}
