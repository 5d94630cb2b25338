//! PDF.

use pdf_oxide::PdfDocument;

use super::text::Text;
use crate::protocol::{MAX_TEXT, NoText};

/// The text of the pages, until there is enough of it. A page that can't be read is missed; a document without one that can is
/// damaged.
pub fn text(bytes: Vec<u8>) -> Result<Text, NoText> {
    let document = PdfDocument::from_bytes(bytes).map_err(|_| NoText::Damaged)?;
    if document.is_encrypted() && !document.authenticate(b"").unwrap_or(false) {
        return Err(NoText::Encrypted);
    }
    let pages = document.page_count().map_err(|_| NoText::Damaged)?;
    let (mut content, mut readable, mut missed) = (String::new(), false, false);
    for page in 0..pages {
        if content.len() > MAX_TEXT {
            return Ok(Text { content, more: true });
        }
        match document.extract_text(page) {
            Ok(text) => {
                readable = true;
                content.push_str(&text);
                content.push('\n');
            }
            Err(_) => missed = true,
        }
    }
    if readable { Ok(Text { content, more: missed }) } else { Err(NoText::Damaged) }
}
