//! What parent and child agree on.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The first argument of a program that is to read one document instead of serving.
pub const ARGUMENT: &str = "extract";

/// All of the child's environment. Without this variable the allocator reserves address space anew for each
/// thread: half of what the child may have.
pub const ENVIRONMENT: [(&str, &str); 1] = [("MALLOC_ARENA_MAX", "1")];

/// How much CPU time the child has. It is then ended by a signal that tells the parent why.
pub const CPU_TIME: Duration = Duration::from_secs(6);

/// The longest text that a document gives, in bytes.
pub const MAX_TEXT: usize = 1024 * 1024;

/// The format of a document, detected by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "most formats are known by their names")]
pub enum Format {
    Pdf,
    Docx,
    Xlsx,
    Pptx,
    /// Office before 2007, and documents of later versions that have a password.
    Office97,
    Odt,
    Ods,
    Odp,
    Rtf,
    Html,
    Email,
    Xml,
    /// Plain text of any kind, such as Markdown, CSV and JSON.
    Text,
    Image,
    Unknown,
}

/// Why a document gives no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoText {
    /// It has none, or none was found: a scan, an empty file, or a file that is cut before its first word.
    NotFound,
    /// It is a picture.
    Image,
    /// It needs a password.
    Encrypted,
    /// Its format is unknown or not supported.
    UnknownFormat,
    /// It begins as a known format, and cannot be read as that.
    Damaged,
}

/// What the child has read of a document.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extracted {
    /// The detected format.
    pub format: Format,
    /// The text, [`MAX_TEXT`] bytes at most; empty if there is none.
    pub text: String,
    /// Whether a part of the document was not read. That part may have text.
    pub truncated: bool,
    /// Why the text is empty; none if it is not.
    pub no_text: Option<NoText>,
}
