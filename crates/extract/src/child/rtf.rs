//! Rich text. Groups may nest without end: they are counted on a stack of ours.

use encoding_rs::{Encoding, WINDOWS_1252};

use super::text::Text;

/// Groups that begin with one of these hold no text of the document's.
const ASIDE: [&[u8]; 9] =
    [b"*", b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"fldinst", b"themedata"];

/// Characters that have a name.
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

/// What counts within one group and those inside it.
#[derive(Clone, Copy)]
struct Group {
    aside: bool,
    /// How many characters stand after each `\u` for readers that don't know it.
    spare: usize,
}

struct Reader<'a> {
    rest: &'a [u8],
    groups: Vec<Group>,
    group: Group,
    encoding: &'static Encoding,
    /// Units of UTF-16: a character may be two of them.
    units: Vec<u16>,
    /// Bytes of [`Self::encoding`].
    bytes: Vec<u8>,
    /// Characters of the kind of [`Group::spare`] that are still to come.
    skipped: usize,
    content: String,
}

/// The text of a document.
pub fn text(bytes: &[u8]) -> Text {
    let mut reader = Reader {
        rest: bytes,
        groups: Vec::new(),
        group: Group { aside: false, spare: 1 },
        encoding: WINDOWS_1252,
        units: Vec::new(),
        bytes: Vec::new(),
        skipped: 0,
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

    /// What follows a backslash: a sign, or a word with a number.
    fn control(&mut self) {
        let letters = self.take(u8::is_ascii_alphabetic);
        if letters.is_empty() {
            return self.sign();
        }
        let number = self.take(|byte| byte.is_ascii_digit() || *byte == b'-');
        let number = std::str::from_utf8(number).ok().and_then(|digits| digits.parse::<i32>().ok());
        self.rest = self.rest.strip_prefix(b" ").unwrap_or(self.rest);
        self.word(letters, number);
    }

    fn sign(&mut self) {
        let Some((sign, rest)) = self.rest.split_first() else { return };
        self.rest = rest;
        match sign {
            b'\'' => {
                let digits = rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
                if let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
                    self.rest = rest.get(2..).unwrap_or_default();
                    self.byte(byte);
                }
            }
            b'*' => self.group.aside = true,
            b'~' => self.byte(b' '),
            b'\r' | b'\n' => self.character('\n'),
            b'{' | b'}' | b'\\' => self.byte(*sign),
            _ => {}
        }
    }

    fn word(&mut self, word: &[u8], number: Option<i32>) {
        match (word, number) {
            (b"ansicpg", Some(page)) => {
                self.encoding =
                    Encoding::for_label(format!("windows-{page}").as_bytes()).unwrap_or(self.encoding);
            }
            (b"uc", Some(spare)) => self.group.spare = usize::try_from(spare).unwrap_or(1),
            (b"u", Some(unit)) => self.unit(unit),
            (b"bin", Some(length)) => {
                self.rest = self.rest.get(usize::try_from(length).unwrap_or(0)..).unwrap_or_default();
            }
            _ if ASIDE.contains(&word) => self.group.aside = true,
            _ => {
                if let Some((_, character)) = NAMED.iter().find(|(name, _)| *name == word) {
                    self.character(*character);
                }
            }
        }
    }

    /// Numbers over 32,767 are written as negative ones.
    fn unit(&mut self, unit: i32) {
        self.flush_bytes();
        if !self.group.aside {
            self.units.extend(u16::try_from(unit.rem_euclid(0x1_0000)));
        }
        self.skipped = self.group.spare;
    }

    fn byte(&mut self, byte: u8) {
        if self.skipped > 0 {
            self.skipped -= 1;
        } else if !self.group.aside {
            self.flush_units();
            self.bytes.push(byte);
        }
    }

    fn character(&mut self, character: char) {
        self.flush();
        if !self.group.aside {
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

    /// The bytes that belong to a word or a number.
    fn take(&mut self, belongs: impl Fn(&u8) -> bool) -> &'a [u8] {
        let end = self.rest.iter().position(|byte| !belongs(byte)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }
}
