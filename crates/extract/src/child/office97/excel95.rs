//! Workbooks of Excel 5 and Excel 95, whose text is in a code page.

use super::super::little_endian::short;
use super::super::{codepage, workbook};
use super::boxes::{FOOTER, HEADER, records};

/// Kinds of records.
const CODE_PAGE: u16 = 0x0042;
const NOTE: u16 = 0x001c;

/// The number of the code page of the Macintosh in old workbooks.
const MACINTOSH: u16 = 0x8000;

/// The code page of a workbook.
pub fn page(stream: &[u8]) -> u16 {
    let named = records(stream).find(|(kind, _)| *kind == CODE_PAGE);
    named.and_then(|(_, data)| short(data, 0)).unwrap_or(1252)
}

/// Decodes the text that the library gives, if the library does not know its code page. It then takes each
/// byte for the character with this number, from which the bytes are restored.
pub fn decode(text: &str, page: u16) -> Option<String> {
    if matches!(page, 866 | 874 | 1250..=1258 | 10000 | 10029 | 0x8001..) {
        return None;
    }
    let bytes = text.chars().map(|character| u8::try_from(character).ok()).collect::<Option<Vec<u8>>>()?;
    Some(decode_bytes(page, &bytes))
}

/// The headers, footers and comments.
pub fn asides(stream: &[u8], page: u16) -> String {
    let mut content = String::new();
    for (kind, data) in records(stream) {
        let text = match kind {
            HEADER | FOOTER => data.get(1..),
            NOTE => data.get(6..),
            _ => None,
        };
        if let Some(text) = text {
            let text = decode_bytes(page, text);
            content.push_str(&if kind == NOTE { text } else { workbook::without_codes(&text) });
            content.push('\n');
        }
    }
    content
}

fn decode_bytes(page: u16, bytes: &[u8]) -> String {
    codepage::decode(if page == MACINTOSH { 10000 } else { page }, bytes)
}
