//! The text that a reader has found in a document.

/// A text as it stands in the document, not yet tidied.
pub struct RawText {
    /// The text.
    pub content: String,
    /// Whether a part of the document was not read.
    pub more: bool,
}

impl From<String> for RawText {
    fn from(content: String) -> Self {
        Self { content, more: false }
    }
}
