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
}

impl From<String> for RawText {
    fn from(content: String) -> Self {
        Self::new(content, false)
    }
}
