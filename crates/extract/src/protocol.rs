//! The types and limits that the parent and the child share.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The argument that makes a program run as the child.
pub const ARGUMENT: &str = "extract";

/// A second argument, with which the child also draws a document that has no text.
pub const DRAW: &str = "draw";

/// The most images that are made of a document: so many of its first pages are drawn.
pub const MAX_IMAGES: usize = 3;

/// The longest side of an image, in pixels. Models make larger images smaller.
pub const MAX_IMAGE_SIDE: u16 = 1024;

/// The most bytes of an image. Larger ones are left out.
pub const MAX_IMAGE_BYTES: usize = 1024 * 1024;

/// The whole environment of the child. Without this variable, the allocator would reserve address space for
/// each thread, up to half of what the child may use.
pub const ENVIRONMENT: [(&str, &str); 1] = [("MALLOC_ARENA_MAX", "1")];

/// The CPU time that a child may use. After that, a signal ends it and tells the parent why.
pub const CPU_TIME: Duration = Duration::from_secs(6);

/// The longest text that is returned for a document, in bytes.
pub const MAX_TEXT: usize = 1024 * 1024;

/// The format of a document, detected by its content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "most formats are known by their names")]
pub enum Format {
    Pdf,
    Docx,
    Xlsx,
    /// A workbook in the binary form of Excel 2007.
    Xlsb,
    Pptx,
    /// Word, Excel and PowerPoint before 2007, and later documents that are protected by a password.
    Office97,
    Odt,
    Ods,
    Odp,
    Odg,
    Visio,
    Xps,
    Publisher,
    /// A document of the Korean word processor Hangul.
    Hangul,
    OneNote,
    /// A document of Pages, Numbers or Keynote.
    Iwork,
    WordPerfect,
    Rtf,
    Html,
    Email,
    Xml,
    /// Plain text of any kind, such as Markdown, CSV and JSON.
    Text,
    Epub,
    /// Tables of dBASE.
    Dbf,
    /// Other files, in one: zip, tar, gz and 7z.
    Archive,
    /// A document within a signature. Its text is that of the document.
    Signed,
    Image,
    #[default]
    Unknown,
}

/// The reason why no text was extracted from a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoText {
    /// The document has no text, or none was found: a scan, an empty file, or a file that was cut before its
    /// first word.
    NotFound,
    /// The document is a picture.
    Image,
    /// The document is protected by a password.
    Encrypted,
    /// The format is unknown or not supported.
    UnknownFormat,
    /// The document begins like a known format, but cannot be read.
    Damaged,
}

/// An image of a document, as JPEG in base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Image(pub String);

/// The answer of a child about one document. After it, the child may answer with images, each by itself.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extracted {
    /// The format, detected by the content.
    pub format: Format,
    /// The text, at most [`MAX_TEXT`] bytes. It is empty if there is none.
    pub text: String,
    /// Whether a part of the document was not read. That part may contain text.
    pub truncated: bool,
    /// The reason why the text is empty, or `None` if it is not.
    pub no_text: Option<NoText>,
    /// The name of the format, if it is known but not read, such as `Access`.
    pub unread_format: Option<String>,
    /// The document's pages, if its format has a fixed number of them and it could be opened.
    pub pages: Option<Pages>,
    /// The images that the child has made of a document without text. The parent adds them.
    #[serde(skip)]
    pub images: Vec<Image>,
}

/// The number of pages of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pages {
    /// All pages that were found.
    pub total: u32,
    /// The pages on which no text was found, such as scans. Pages that were not read do not count.
    pub without_text: u32,
}
