//! Extracts the text of rich text files (RTF). Groups can be nested without limit, so they are kept on a
//! stack of their own and not handled by recursion.

mod fonts;
mod words;

use self::fonts::Fonts;
use self::words::Destination;
use super::text::RawText;
use super::{codepage, html};

/// The number of open groups whose settings are remembered. Groups within more share their settings, so that
/// a file of nothing but braces takes no memory.
const MAX_DEPTH: usize = 10_000;

/// The settings of a group. Groups inside it inherit them.
#[derive(Clone, Copy, Default)]
struct Group {
    /// Whether the group, or one around it, is a destination that is not shown.
    hidden: bool,
    /// Whether the group is within the table of fonts.
    in_fonts: bool,
    /// Whether the group is the source of a tag of HTML.
    in_tag: bool,
    /// Whether the group began an aside: the text before it continues after it.
    is_aside: bool,
    /// Formatting that hides text: `\v`, `\deleted`, `\mvf`, and `\htmlrtf`.
    invisible: bool,
    deleted: bool,
    moved: bool,
    not_html: bool,
    /// The number of the font.
    font: i32,
    /// The number of characters after each `\u` that replace it, for readers that do not know `\u`.
    replacements: usize,
}

/// The position in the document, the open groups, and the text so far.
#[derive(Default)]
struct Reader<'a> {
    rest: &'a [u8],
    groups: Vec<Group>,
    group: Group,
    /// The number of open groups above [`MAX_DEPTH`].
    deeper: usize,
    /// Whether the group has just begun, and whether `\*` came just before.
    begun: bool,
    optional: bool,
    fonts: Fonts,
    /// The font of text that names none, and the code page of fonts that name none.
    default_font: i32,
    page: u16,
    /// Whether the document was made from HTML, whose source it contains.
    is_html: bool,
    /// UTF-16 code units that are not decoded yet: a character may need the next one, too.
    units: Vec<u16>,
    /// Bytes in the current code page that are not decoded yet.
    bytes: Vec<u8>,
    /// The number of characters that are skipped next, because they are replacements.
    skip: usize,
    content: String,
    /// The texts that are interrupted by an aside, and the asides that are complete.
    interrupted: Vec<String>,
    asides: String,
}

/// Whether the bytes begin like rich text. Some programs write white space, zeros or a byte order mark before
/// it.
pub fn is_rich_text(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let start = bytes.iter().position(|byte| !(byte.is_ascii_whitespace() || *byte == 0)).unwrap_or(0);
    bytes.get(start..).is_some_and(|rest| rest.starts_with(b"{\\rtf"))
}

/// Extracts the text of a document. Footnotes, comments, headers and text boxes follow their paragraph.
pub fn text(bytes: &[u8]) -> RawText {
    let mut reader = Reader {
        rest: bytes,
        page: 1252,
        group: Group { replacements: 1, ..Group::default() },
        ..Reader::default()
    };
    while let Some((first, rest)) = reader.rest.split_first() {
        reader.rest = rest;
        reader.read_token(*first);
    }
    reader.finish()
}

impl<'a> Reader<'a> {
    /// Reads what begins with this byte: a group, a control word or symbol, or text.
    fn read_token(&mut self, first: u8) {
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

    fn open_group(&mut self) {
        self.flush_bytes();
        self.skip = 0;
        self.optional = false;
        if self.groups.len() < MAX_DEPTH {
            self.groups.push(self.group);
            self.group.is_aside = false;
        } else {
            self.deeper += 1;
        }
    }

    fn close_group(&mut self) {
        self.flush_bytes();
        self.skip = 0;
        if self.deeper > 0 {
            self.deeper -= 1;
        } else {
            self.end_aside();
            self.group = self.groups.pop().unwrap_or(self.group);
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

    fn begin_destination(&mut self, word: &[u8], destination: Destination) {
        self.group.in_fonts |= word == b"fonttbl";
        self.group.in_tag |= word == b"htmltag";
        match destination {
            Destination::Hidden => self.group.hidden = true,
            Destination::Shown if word == b"htmltag" => self.group.hidden |= !self.is_html,
            Destination::Shown if word == b"ud" => self.group.hidden = self.is_hidden_around_alternatives(),
            Destination::Aside if !self.group.hidden => self.begin_aside(),
            _ => {}
        }
    }

    /// Whether the group around `\upr`, which hides its text in favour of that of `\ud`, is hidden.
    fn is_hidden_around_alternatives(&self) -> bool {
        self.groups.iter().rev().nth(1).is_some_and(|group| group.hidden)
    }

    fn begin_aside(&mut self) {
        self.flush();
        if self.deeper == 0 && !self.group.is_aside {
            self.group.is_aside = true;
            self.interrupted.push(std::mem::take(&mut self.content));
        }
    }

    fn end_aside(&mut self) {
        if self.group.is_aside {
            self.flush();
            let before = self.interrupted.pop().unwrap_or_default();
            let aside = std::mem::replace(&mut self.content, before);
            self.asides.push_str(&aside);
            self.asides.push('\n');
        }
    }

    /// Carries out a control word.
    fn apply_word(&mut self, word: &[u8], number: Option<i32>) {
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
            (b"plain", _) => {
                self.set_font(self.default_font);
                (self.group.invisible, self.group.deleted, self.group.moved) = (false, false, false);
            }
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
    }

    fn code_page(&self) -> u16 {
        // A document in UTF-8 has no other code page, whatever its fonts say.
        if self.page == 65001 { self.page } else { self.fonts.page(self.group.font).unwrap_or(self.page) }
    }

    fn is_shown(&self) -> bool {
        let Group { hidden, invisible, deleted, moved, not_html, .. } = self.group;
        // In a document that was made from HTML, the formatting for readers of rich text is no content.
        !(hidden || invisible || deleted || moved || (self.is_html && not_html))
    }

    /// Appends a UTF-16 code unit. Units above 32,767 are written as negative numbers.
    fn push_unit(&mut self, unit: i32) {
        self.flush_bytes();
        if self.is_shown() {
            self.units.extend(u16::try_from(unit.rem_euclid(0x1_0000)));
        }
        self.skip = self.group.replacements;
    }

    /// Appends a byte that is not escaped. The second byte of its character may look like a control.
    fn push_raw_byte(&mut self, byte: u8) {
        let is_lead = byte >= 0x80 && self.skip == 0 && codepage::length(self.code_page(), byte) == 2;
        let is_second = self.bytes.last().is_some_and(|last| *last >= 0x80);
        self.push_byte(byte);
        if let Some((next, rest)) = self.rest.split_first()
            && is_lead
            && !is_second
            && (*next >= 0x80 || (b"\\{}".contains(next) && !rest.starts_with(b"'")))
        {
            self.rest = rest;
            self.push_byte(*next);
        }
    }

    /// Appends a byte of text, unless it is skipped or hidden.
    fn push_byte(&mut self, byte: u8) {
        if self.group.in_fonts {
            self.fonts.push(byte);
        } else if self.skip > 0 {
            self.skip -= 1;
        } else if self.is_shown() {
            self.flush_units();
            self.bytes.push(byte);
        }
    }

    /// Appends a character that a control word represents.
    fn push_character(&mut self, character: char) {
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

    fn flush(&mut self) {
        self.flush_bytes();
        self.flush_units();
    }

    fn flush_bytes(&mut self) {
        if !self.bytes.is_empty() {
            let text = codepage::decode(self.code_page(), &self.bytes);
            self.bytes.clear();
            self.push_text(&text);
        }
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

    fn finish(mut self) -> RawText {
        self.flush();
        while let Some(before) = self.interrupted.pop() {
            let aside = std::mem::replace(&mut self.content, before);
            self.asides.push_str(&aside);
        }
        self.content.push('\n');
        self.content.push_str(&self.asides);
        if self.is_html { html::text_of_page(&self.content) } else { self.content.into() }
    }

    /// Takes the next bytes for which `belongs` is true.
    fn take_while(&mut self, belongs: impl Fn(&u8) -> bool) -> &'a [u8] {
        let end = self.rest.iter().position(|byte| !belongs(byte)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }
}
