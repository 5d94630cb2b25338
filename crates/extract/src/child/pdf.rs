//! Extracts the text of PDF files.

use pdf_oxide::PdfDocument;

use super::text::RawText;
use crate::protocol::{MAX_TEXT, NoText};

/// Extracts the text page by page, until there is enough. Pages that cannot be read are left out. If none can
/// be read, the document is damaged.
pub fn text(bytes: Vec<u8>) -> Result<RawText, NoText> {
    let document = PdfDocument::from_bytes(bytes).map_err(|_| NoText::Damaged)?;
    if document.is_encrypted() && !document.authenticate(b"").unwrap_or(false) {
        return Err(NoText::Encrypted);
    }
    let pages = document.page_count().map_err(|_| NoText::Damaged)?;
    let (mut content, mut readable, mut left_out) = (String::new(), false, false);
    for page in 0..pages {
        if content.len() > MAX_TEXT {
            return Ok(RawText { content, incomplete: true });
        }
        match document.extract_text(page) {
            Ok(text) => {
                readable = true;
                content.push_str(&text);
                content.push('\n');
            }
            Err(_) => left_out = true,
        }
    }
    if readable { Ok(RawText { content, incomplete: left_out }) } else { Err(NoText::Damaged) }
}
