//! The texts of workbooks: those that cells share, comments, headers, and the escapes in them.

use super::super::flow::Flow;
use super::super::markup::{self, Markup, Next};
use super::super::text::RawText;

/// The texts that cells refer to by number.
#[derive(Default)]
pub struct SharedStrings {
    text: String,
    /// Where each text ends.
    ends: Vec<u32>,
}

impl SharedStrings {
    /// Parses the part that has them. Says, too, whether it was read to its end.
    pub fn parse(xml: &str) -> (Self, bool) {
        let mut strings = Self::default();
        let mut in_text = false;
        let mut current = String::new();
        let complete = xml.is_empty()
            || markup::walk(xml, |markup| {
                match markup {
                    Markup::Open("rPh", _) => return Next::Skip,
                    Markup::Open("t", _) => in_text = true,
                    Markup::Close("t") => in_text = false,
                    Markup::Text(text) if in_text => current.push_str(text),
                    Markup::Close("si") => {
                        strings.text.push_str(&unescape(&current));
                        strings.ends.push(u32::try_from(strings.text.len()).unwrap_or(u32::MAX));
                        current.clear();
                    }
                    _ => {}
                }
                Next::Continue
            });
        (strings, complete)
    }

    /// The text of this number.
    pub fn get(&self, at: usize) -> Option<&str> {
        let start = at.checked_sub(1).map_or(Some(&0), |before| self.ends.get(before))?;
        self.text.get(usize::try_from(*start).ok()?..usize::try_from(*self.ends.get(at)?).ok()?)
    }
}

/// The text of the comments of a sheet.
pub fn comments(xml: &str) -> RawText {
    let mut flow = Flow::default();
    let mut in_text = false;
    let complete = markup::walk(xml, |markup| {
        match markup {
            Markup::Open("rPh" | "authors", _) => return Next::Skip,
            Markup::Open("t", _) => in_text = true,
            Markup::Close("t") => in_text = false,
            Markup::Close("comment") => flow.end_line(),
            Markup::Text(text) if in_text => flow.push(&unescape(text)),
            _ => {}
        }
        Next::Continue
    });
    RawText::new(flow.finish(), !complete)
}

/// Resolves escapes of the form `_x000D_`, by which characters are written that XML does not allow. A
/// character above U+FFFF takes two of them.
pub fn unescape(text: &str) -> String {
    let (mut units, mut rest): (Vec<u16>, &str) = (Vec::new(), text);
    while let Some(place) = rest.find("_x") {
        let (before, escape) = rest.split_at(place);
        units.extend(before.encode_utf16());
        let digits = escape.get(2..6).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let unit = digits
            .filter(|_| escape.get(6..7) == Some("_"))
            .and_then(|digits| u16::from_str_radix(digits, 16).ok());
        let length = if unit.is_some() { 7 } else { 2 };
        units.extend(unit.map_or_else(|| "_x".encode_utf16().collect(), |unit| vec![unit]));
        rest = escape.get(length..).unwrap_or_default();
    }
    if units.is_empty() {
        return text.to_owned();
    }
    units.extend(rest.encode_utf16());
    String::from_utf16_lossy(&units)
}

/// The text of a header or footer without its codes: sections, fonts, sizes, colours, and fields such as the
/// number of the page.
pub fn without_codes(text: &str) -> String {
    let (mut shown, mut rest) = (String::new(), text);
    while let Some((before, code)) = rest.split_once('&') {
        shown.push_str(before);
        let mut characters = code.chars();
        let first = characters.next();
        rest = characters.as_str();
        match first {
            Some('&') => shown.push('&'),
            Some('"') => rest = rest.split_once('"').map_or("", |(_, rest)| rest),
            Some('K') => rest = rest.get(6..).unwrap_or_default(),
            Some(digit) if digit.is_ascii_digit() => {
                rest = rest.trim_start_matches(|c: char| c.is_ascii_digit())
            }
            Some('L' | 'C' | 'R') => shown.push('\t'),
            _ => {}
        }
    }
    shown.push_str(rest);
    shown
}
