//! The encodings in which bodies and headers are transferred. What is not valid is kept as it is.

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;

use super::uuencode;
use crate::child::percent::hex_pair;

/// Decodes a body by the name of its encoding.
pub fn decode<'a>(body: &'a [u8], encoding: Option<&str>) -> Cow<'a, [u8]> {
    match encoding {
        Some("base64") => from_base64(body).into(),
        Some("quoted-printable") => from_quoted_printable(body).into(),
        Some("uuencode" | "x-uuencode" | "x-uue") => uuencode::decode(body).into(),
        _ => body.into(),
    }
}

/// Decodes base64, up to the first line that is none. Mailing lists append such lines.
pub fn from_base64(text: &[u8]) -> Vec<u8> {
    let mut lines = text.split_inclusive(|byte| *byte == b'\n');
    let length: usize = lines.by_ref().take_while(|line| is_base64(line)).map(<[u8]>::len).sum();
    let (encoded, rest) = text.split_at_checked(length).unwrap_or((text, b""));
    let encoded: Vec<u8> = encoded.iter().copied().filter(is_base64_digit).collect();
    let mut bytes = base64_decode(&encoded).unwrap_or_default();
    bytes.extend_from_slice(rest);
    bytes
}

/// Whether a line is base64. A few other signs in it have no meaning, but it has no words.
fn is_base64(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let strange = line.iter().filter(|byte| !is_base64_digit(byte)).count();
    strange == 0 || strange * 8 < line.len() && !line.iter().any(|byte| b" :.".contains(byte))
}

/// Whether a byte is a digit of base64, or fills up its end.
pub fn is_base64_digit(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=".contains(byte)
}

/// Decodes quoted-printable. An equals sign that encodes nothing stands for itself.
pub fn from_quoted_printable(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, next)) = rest.split_first() {
        rest = next;
        if *byte != b'=' {
            bytes.push(*byte);
        } else if let Some((decoded, behind)) = hex_pair(next) {
            bytes.push(decoded);
            rest = behind;
        } else if let Some(behind) = line_end(next) {
            rest = behind;
        } else {
            bytes.push(b'=');
        }
    }
    bytes
}

/// What follows the end of the line, if only white space precedes it.
fn line_end(text: &[u8]) -> Option<&[u8]> {
    let end = text.iter().position(|byte| !b" \t\r".contains(byte)).unwrap_or(text.len());
    let behind = text.get(end..).unwrap_or_default();
    if behind.is_empty() { Some(behind) } else { behind.strip_prefix(b"\n") }
}
