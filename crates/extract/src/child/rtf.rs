//! Extracts the text of rich text files (RTF). Groups can be nested without limit, so they are kept on a
//! stack of their own and not handled by recursion.

use encoding_rs::{Encoding, WINDOWS_1252};

use super::text::RawText;

/// Groups that begin with one of these control words contain no text of the document.
const HIDDEN: [&[u8]; 9] =
    [b"*", b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"fldinst", b"themedata"];

/// Control words that represent a character.
const NAMED: [(&[u8], char); 13] = [
    (b"par", '\n'),
    (b"line", '\n'),
    (b"row", '\n'),
    (b"sect", '\n'),
    (b"page", '\n'),
    (b"tab", '\t'),
    (b"cell", '\t'),
    (b"endash", '–'),
    (b"emdash", '—'),
    (b"lquote", '‘'),
    (b"rquote", '’'),
    (b"ldblquote", '“'),
    (b"rdblquote", '”'),
];

/// The settings of a group. Groups inside it inherit them.
#[derive(Clone, Copy)]
struct Group {
    hidden: bool,
    /// The number of characters after each `\u` that replace it, for readers that do not know `\u`.
    replacements: usize,
}

/// The position in the document, the open groups, and the text so far.
struct Reader<'a> {
    rest: &'a [u8],
    groups: Vec<Group>,
    group: Group,
    encoding: &'static Encoding,
    /// UTF-16 code units that are not decoded yet: a character may need the next one, too.
    units: Vec<u16>,
    /// Bytes of [`Self::encoding`] that are not decoded yet.
    bytes: Vec<u8>,
    /// The number of characters that are skipped next, because they are replacements.
    skip: usize,
    content: String,
}

/// Extracts the text of a document.
pub fn text(bytes: &[u8]) -> RawText {
    let mut reader = Reader {
        rest: bytes,
        groups: Vec::new(),
        group: Group { hidden: false, replacements: 1 },
        encoding: WINDOWS_1252,
        units: Vec::new(),
        bytes: Vec::new(),
        skip: 0,
        content: String::new(),
    };
    while let Some((first, rest)) = reader.rest.split_first() {
        reader.rest = rest;
        reader.read_token(*first);
    }
    reader.flush();
    reader.content.into()
}

impl<'a> Reader<'a> {
    /// Reads what begins with this byte: a group, a control word or symbol, or text.
    fn read_token(&mut self, first: u8) {
        match first {
            b'{' => self.groups.push(self.group),
            b'}' => self.group = self.groups.pop().unwrap_or(self.group),
            b'\\' => self.read_control(),
            b'\r' | b'\n' => {}
            byte => self.push_byte(byte),
        }
    }

    /// Reads what follows a backslash: a control symbol, or a control word with an optional number.
    fn read_control(&mut self) {
        let letters = self.take_while(u8::is_ascii_alphabetic);
        if letters.is_empty() {
            return self.read_symbol();
        }
        let number = self.take_while(|byte| byte.is_ascii_digit() || *byte == b'-');
        let number = std::str::from_utf8(number).ok().and_then(|digits| digits.parse::<i32>().ok());
        self.rest = self.rest.strip_prefix(b" ").unwrap_or(self.rest);
        self.apply_word(letters, number);
    }

    /// Reads a control symbol, such as an escaped brace or a byte in hexadecimal.
    fn read_symbol(&mut self) {
        let Some((symbol, rest)) = self.rest.split_first() else { return };
        self.rest = rest;
        match symbol {
            b'\'' => {
                let digits = rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
                if let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
                    self.rest = rest.get(2..).unwrap_or_default();
                    self.push_byte(byte);
                }
            }
            b'*' => self.group.hidden = true,
            b'~' => self.push_byte(b' '),
            b'\r' | b'\n' => self.push_character('\n'),
            b'{' | b'}' | b'\\' => self.push_byte(*symbol),
            _ => {}
        }
    }

    /// Carries out a control word.
    fn apply_word(&mut self, word: &[u8], number: Option<i32>) {
        match (word, number) {
            (b"ansicpg", Some(page)) => {
                self.encoding =
                    Encoding::for_label(format!("windows-{page}").as_bytes()).unwrap_or(self.encoding);
            }
            (b"uc", Some(replacements)) => {
                self.group.replacements = usize::try_from(replacements).unwrap_or(1)
            }
            (b"u", Some(unit)) => self.push_unit(unit),
            (b"bin", Some(length)) => {
                self.rest = self.rest.get(usize::try_from(length).unwrap_or(0)..).unwrap_or_default();
            }
            _ if HIDDEN.contains(&word) => self.group.hidden = true,
            _ => {
                if let Some((_, character)) = NAMED.iter().find(|(name, _)| *name == word) {
                    self.push_character(*character);
                }
            }
        }
    }

    /// Appends a UTF-16 code unit. Units above 32,767 are written as negative numbers.
    fn push_unit(&mut self, unit: i32) {
        self.flush_bytes();
        if !self.group.hidden {
            self.units.extend(u16::try_from(unit.rem_euclid(0x1_0000)));
        }
        self.skip = self.group.replacements;
    }

    /// Appends a byte of text, unless it is skipped or hidden.
    fn push_byte(&mut self, byte: u8) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if !self.group.hidden {
            self.flush_units();
            self.bytes.push(byte);
        }
    }

    /// Appends a character that a control word represents.
    fn push_character(&mut self, character: char) {
        self.flush();
        if !self.group.hidden {
            self.content.push(character);
        }
    }

    fn flush(&mut self) {
        self.flush_bytes();
        self.flush_units();
    }

    fn flush_bytes(&mut self) {
        self.content.push_str(&self.encoding.decode_without_bom_handling(&self.bytes).0);
        self.bytes.clear();
    }

    fn flush_units(&mut self) {
        self.content.push_str(&String::from_utf16_lossy(&self.units));
        self.units.clear();
    }

    /// Takes the next bytes for which `belongs` is true.
    fn take_while(&mut self, belongs: impl Fn(&u8) -> bool) -> &'a [u8] {
        let end = self.rest.iter().position(|byte| !belongs(byte)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }
}
