//! The text that a format's module has found in a document.

/// The text of a document, before its white space is tidied.
pub struct RawText {
    /// The text, with the white space of the document.
    pub content: String,
    /// Whether a part of the document was not read.
    pub incomplete: bool,
}

impl From<String> for RawText {
    fn from(content: String) -> Self {
        Self { content, incomplete: false }
    }
}
