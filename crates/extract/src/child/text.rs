//! The text that a format's module has found in a document.

use crate::protocol::Pages;

/// The text of a document, before its white space is tidied.
pub struct RawText {
    /// The text, with the white space of the document.
    pub content: String,
    /// Whether a part of the document was not read.
    pub incomplete: bool,
    /// How many pages the document has. Only formats whose pages are fixed have a number of them.
    pub pages: Option<Pages>,
}

impl RawText {
    /// A text without pages.
    pub fn new(content: String, incomplete: bool) -> Self {
        Self { content, incomplete, pages: None }
    }

    /// Appends the text of a part, and ends the line.
    pub fn append(&mut self, part: Self) {
        self.content.push_str(&part.content);
        self.content.push('\n');
        self.incomplete |= part.incomplete;
    }
}

/// The number of words. Scripts that have no spaces count by their characters.
pub fn count_words(text: &str) -> usize {
    let is_word = |character: &char| matches!(character, '\u{e00}'..='\u{eff}' | '\u{3040}'..='\u{9fff}');
    text.split_whitespace().count() + text.chars().filter(is_word).count()
}

impl From<String> for RawText {
    fn from(content: String) -> Self {
        Self::new(content, false)
    }
}
