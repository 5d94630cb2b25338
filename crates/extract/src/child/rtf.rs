//! Rich text (RTF). Groups may nest without limit, so they are kept on a stack on the heap.

use encoding_rs::{Encoding, WINDOWS_1252};

use super::text::RawText;

/// Groups that begin with one of these words contain no text of the document.
const HIDDEN: [&[u8]; 9] =
    [b"*", b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"fldinst", b"themedata"];

/// Control words that stand for a character.
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

/// The settings of a group. Groups within it inherit them.
#[derive(Clone, Copy)]
struct Group {
    hidden: bool,
    /// How many characters follow each `\u` as a replacement for readers that do not know it.
    replacements: usize,
}

struct Reader<'a> {
    rest: &'a [u8],
    groups: Vec<Group>,
    group: Group,
    encoding: &'static Encoding,
    /// UTF-16 code units that are not decoded yet, since a character may have two.
    units: Vec<u16>,
    /// Bytes of [`Self::encoding`] that are not decoded yet.
    bytes: Vec<u8>,
    /// How many of the next characters are replacements, and are skip.
    skip: usize,
    content: String,
}

/// The text of a document.
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
        reader.token(*first);
    }
    reader.flush();
    reader.content.into()
}

impl<'a> Reader<'a> {
    fn token(&mut self, first: u8) {
        match first {
            b'{' => self.groups.push(self.group),
            b'}' => self.group = self.groups.pop().unwrap_or(self.group),
            b'\\' => self.control(),
            b'\r' | b'\n' => {}
            byte => self.byte(byte),
        }
    }

    /// Handles what follows a backslash: a control symbol, or a control word with an optional number.
    fn control(&mut self) {
        let letters = self.take(u8::is_ascii_alphabetic);
        if letters.is_empty() {
            return self.symbol();
        }
        let number = self.take(|byte| byte.is_ascii_digit() || *byte == b'-');
        let number = std::str::from_utf8(number).ok().and_then(|digits| digits.parse::<i32>().ok());
        self.rest = self.rest.strip_prefix(b" ").unwrap_or(self.rest);
        self.word(letters, number);
    }

    fn symbol(&mut self) {
        let Some((symbol, rest)) = self.rest.split_first() else { return };
        self.rest = rest;
        match symbol {
            b'\'' => {
                let digits = rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
                if let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
                    self.rest = rest.get(2..).unwrap_or_default();
                    self.byte(byte);
                }
            }
            b'*' => self.group.hidden = true,
            b'~' => self.byte(b' '),
            b'\r' | b'\n' => self.character('\n'),
            b'{' | b'}' | b'\\' => self.byte(*symbol),
            _ => {}
        }
    }

    fn word(&mut self, word: &[u8], number: Option<i32>) {
        match (word, number) {
            (b"ansicpg", Some(page)) => {
                self.encoding =
                    Encoding::for_label(format!("windows-{page}").as_bytes()).unwrap_or(self.encoding);
            }
            (b"uc", Some(replacements)) => {
                self.group.replacements = usize::try_from(replacements).unwrap_or(1)
            }
            (b"u", Some(unit)) => self.unit(unit),
            (b"bin", Some(length)) => {
                self.rest = self.rest.get(usize::try_from(length).unwrap_or(0)..).unwrap_or_default();
            }
            _ if HIDDEN.contains(&word) => self.group.hidden = true,
            _ => {
                if let Some((_, character)) = NAMED.iter().find(|(name, _)| *name == word) {
                    self.character(*character);
                }
            }
        }
    }

    /// Appends a UTF-16 code unit. Units above 32,767 are written as negative numbers.
    fn unit(&mut self, unit: i32) {
        self.flush_bytes();
        if !self.group.hidden {
            self.units.extend(u16::try_from(unit.rem_euclid(0x1_0000)));
        }
        self.skip = self.group.replacements;
    }

    fn byte(&mut self, byte: u8) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if !self.group.hidden {
            self.flush_units();
            self.bytes.push(byte);
        }
    }

    fn character(&mut self, character: char) {
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

    /// Takes the bytes that belong to a word or a number.
    fn take(&mut self, belongs: impl Fn(&u8) -> bool) -> &'a [u8] {
        let end = self.rest.iter().position(|byte| !belongs(byte)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }
}
