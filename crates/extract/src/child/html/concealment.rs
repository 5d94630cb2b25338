//! Elements that their attributes conceal.

use super::is_inline;
use crate::child::text::count_words;
use crate::child::tidy::TidyText;

/// Elements that have no end, and the page itself, which scripts show when it is complete.
const NEVER: [&[u8]; 12] =
    [b"area", b"body", b"br", b"col", b"hr", b"html", b"img", b"input", b"link", b"meta", b"source", b"wbr"];

/// Elements whose end may be left out. Another one of the same name ends them, and so does the end of what
/// they are in.
const UNCLOSED: [&[u8]; 8] = [b"dd", b"dt", b"li", b"option", b"p", b"td", b"th", b"tr"];

/// The element that is concealed, and its text.
#[derive(Default)]
pub struct Concealment {
    /// The name of the current tag, if it may conceal its element.
    tag: Vec<u8>,
    /// Whether the next attribute value is a style.
    in_style: bool,
    /// The concealed element, and how many elements of its name are open.
    element: Vec<u8>,
    depth: usize,
    /// How many elements are open within it: of each name of [`UNCLOSED`], and of other blocks.
    blocks: [usize; UNCLOSED.len() + 1],
    text: TidyText,
    /// What other elements have concealed.
    closed: String,
}

impl Concealment {
    /// Begins a start tag.
    pub fn open(&mut self, name: &[u8]) {
        self.tag.clear();
        self.in_style = false;
        if self.depth > 0 && name == self.element {
            if UNCLOSED.contains(&name) { self.end() } else { self.depth += 1 }
        }
        if NEVER.contains(&name) {
            return;
        }
        if self.depth == 0 {
            self.tag.extend_from_slice(name);
        } else if !is_inline(name) {
            *self.blocks_like(name) += 1;
        }
    }

    /// Takes the name of an attribute.
    pub fn name(&mut self, name: &[u8]) {
        self.in_style = name == b"style";
        if name == b"hidden" {
            self.begin();
        }
    }

    /// Takes the value of an attribute.
    pub fn value(&mut self, value: &[u8]) {
        if self.in_style {
            let style: Vec<u8> = value.iter().filter(|byte| !byte.is_ascii_whitespace()).copied().collect();
            let mut rules = style.split(|byte| *byte == b';');
            let none = b"display:none";
            if rules.any(|rule| rule.get(..none.len()).is_some_and(|rule| rule.eq_ignore_ascii_case(none))) {
                self.begin();
            }
        }
    }

    /// Processes an end tag.
    pub fn close(&mut self, name: &[u8]) {
        if self.depth > 0 && name == self.element {
            self.depth -= 1;
            if self.depth == 0 {
                self.end();
            }
        } else if self.depth > 0 && UNCLOSED.contains(&self.element.as_slice()) && !is_inline(name) {
            let blocks = self.blocks_like(name);
            match blocks.checked_sub(1) {
                Some(rest) => *blocks = rest,
                None => self.end(),
            }
        }
    }

    /// The text to which concealed words are appended.
    pub fn text(&mut self) -> Option<&mut TidyText> {
        (self.depth > 0).then_some(&mut self.text)
    }

    /// The text of an element that does not end, or of all if the page shows less than half as many words:
    /// scripts show it.
    pub fn finish(self, shown: &str) -> String {
        let is_main = !self.closed.is_empty() && count_words(shown) * 2 < count_words(&self.closed);
        if is_main { self.closed + self.text.as_str() } else { self.text.into() }
    }

    fn begin(&mut self) {
        if self.depth == 0 && !self.tag.is_empty() {
            self.element = std::mem::take(&mut self.tag);
            self.depth = 1;
            self.blocks = Default::default();
        }
    }

    /// The number of open blocks that counts those of this name.
    fn blocks_like(&mut self, name: &[u8]) -> &mut usize {
        let [names @ .., others] = &mut self.blocks;
        UNCLOSED.iter().zip(names).find(|(known, _)| **known == name).map_or(others, |(_, number)| number)
    }

    fn end(&mut self) {
        self.depth = 0;
        self.text.end_line();
        self.closed.push_str(&String::from(std::mem::take(&mut self.text)));
        self.closed.push('\n');
    }
}
