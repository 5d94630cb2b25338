//! The text that a reader has found in a document.

/// A text, and whether the document has more.
pub struct Text {
    /// As it was found, not yet tidied.
    pub content: String,
    /// Whether a part of the document was left out.
    pub more: bool,
}

impl From<String> for Text {
    fn from(content: String) -> Self {
        Self { content, more: false }
    }
}
