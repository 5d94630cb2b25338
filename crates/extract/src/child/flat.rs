//! Office documents in one file of XML: OpenDocument, Word 2003, and the packages of Word in one file.

use super::markup::{self, Markup, Next};
use super::text::RawText;
use super::{opendocument, plain, word};

/// Extracts the text of an Office document. Returns `None` if the root element is that of no such document.
pub fn text(bytes: &[u8]) -> Option<RawText> {
    let xml = plain::decode(bytes, None);
    let mut root = None;
    markup::walk(&xml, |markup| {
        if let Markup::Open(_, element) = markup {
            root = Some(element.full_name().to_owned());
        }
        if root.is_some() { Next::Stop } else { Next::Continue }
    });
    match root?.as_str() {
        "office:document" | "office:document-content" => Some(opendocument::text_of_flat(&xml)),
        "w:wordDocument" | "pkg:package" => Some(word::text_of_part(&xml)),
        _ => None,
    }
}
