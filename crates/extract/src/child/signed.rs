//! Signed files (`p7m`), which hold the signed document: a message, or any other file (CMS, RFC 5652). They
//! are written in BER, where an element may have no length, and text may be divided into pieces.

use super::eml;
use crate::protocol::NoText;

/// The object identifiers of signed and of encrypted content.
const SIGNED: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
const ENCRYPTED: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03";

/// The tags of an object identifier, of bytes, of bytes in pieces, and of the content.
const IDENTIFIER: u8 = 0x06;
const BYTES: u8 = 0x04;
const PIECES: u8 = 0x24;
const CONTENT: u8 = 0xa0;

/// A file says within this many bytes what it is.
const START_BYTES: usize = 256;

/// How deep elements may be nested.
const MAX_DEPTH: usize = 12;

/// An element: its tag and its content.
type Element<'a> = (u8, &'a [u8]);

/// Whether the bytes begin like a signed or encrypted file.
pub fn is_envelope(bytes: &[u8]) -> bool {
    let start = bytes.get(..START_BYTES).unwrap_or(bytes);
    kind(start).is_some() || unarmour(start).is_some_and(|bytes| kind(&bytes).is_some())
}

/// The document in a signed file.
///
/// # Errors
/// The document is encrypted, or not in the file.
pub fn content(bytes: &[u8]) -> Result<Vec<u8>, NoText> {
    let unarmoured = unarmour(bytes);
    let bytes = unarmoured.as_deref().unwrap_or(bytes);
    if kind(bytes) == Some(ENCRYPTED) {
        return Err(NoText::Encrypted);
    }
    let mut joined = Vec::new();
    let document = document(bytes).ok_or(NoText::Damaged)?;
    join(document, MAX_DEPTH, &mut joined);
    if joined.is_empty() { Err(NoText::NotFound) } else { Ok(joined) }
}

/// The DER that is written as base64, with or without the lines of PEM around it.
fn unarmour(bytes: &[u8]) -> Option<Vec<u8>> {
    let start = bytes.trim_ascii();
    let base64 = match start.strip_prefix(b"-----BEGIN ") {
        Some(pem) => {
            let begin = pem.iter().position(|byte| *byte == b'\n')?;
            let pem = pem.get(begin..)?;
            pem.split(|byte| *byte == b'-').next()?
        }
        // Each file begins with a long sequence.
        None => start.starts_with(b"MI").then_some(start)?,
    };
    Some(eml::from_base64(base64))
}

/// The object identifier of the file, if it is signed or encrypted.
fn kind(bytes: &[u8]) -> Option<&'static [u8]> {
    let (_, sequence) = elements(bytes, MAX_DEPTH).next()?;
    let (tag, identifier) = elements(sequence, MAX_DEPTH).next()?;
    [SIGNED, ENCRYPTED].into_iter().find(|kind| tag == IDENTIFIER && identifier == *kind)
}

/// The element that holds the document. Before it are a version, and the names of algorithms.
fn document(bytes: &[u8]) -> Option<&[u8]> {
    let (_, file) = elements(bytes, MAX_DEPTH).next()?;
    let (_, content) = elements(file, MAX_DEPTH).find(|(tag, _)| *tag == CONTENT)?;
    let (_, signed) = elements(content, MAX_DEPTH).next()?;
    let (_, encapsulated) = elements(signed, MAX_DEPTH).nth(2)?;
    elements(encapsulated, MAX_DEPTH).find(|(tag, _)| *tag == CONTENT).map(|(_, document)| document)
}

/// Joins the pieces of a document.
fn join(pieces: &[u8], depth: usize, joined: &mut Vec<u8>) {
    for (tag, content) in elements(pieces, depth) {
        match tag {
            BYTES => joined.extend_from_slice(content),
            PIECES if depth > 0 => join(content, depth - 1, joined),
            _ => {}
        }
    }
}

/// The elements in these bytes. The last may be cut off.
fn elements(bytes: &[u8], depth: usize) -> impl Iterator<Item = Element<'_>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (element, behind) = element(rest, depth)?;
        rest = behind;
        Some(element)
    })
}

/// The first element, and what follows it.
fn element(bytes: &[u8], depth: usize) -> Option<(Element<'_>, &[u8])> {
    let [tag, length, rest @ ..] = bytes else { return None };
    if *length == 0x80 {
        return unmeasured(*tag, rest, depth.checked_sub(1)?);
    }
    let digits = if *length < 0x80 { 0 } else { usize::from(length & 0x7f) };
    let (number, rest) = rest.split_at_checked(digits)?;
    let long = number
        .iter()
        .try_fold(0_usize, |sum, digit| sum.checked_mul(256)?.checked_add(usize::from(*digit)))?;
    let length = if digits == 0 { usize::from(*length) } else { long };
    let (content, behind) = rest.split_at_checked(length).unwrap_or((rest, b""));
    Some(((*tag, content), behind))
}

/// An element without length. Two zeros end it, or the place in which the file is cut off.
fn unmeasured(tag: u8, bytes: &[u8], depth: usize) -> Option<(Element<'_>, &[u8])> {
    let mut rest = bytes;
    while !rest.is_empty() && !rest.starts_with(&[0, 0]) {
        rest = element(rest, depth).map_or(b"", |(_, behind)| behind);
    }
    let content = bytes.get(..bytes.len() - rest.len())?;
    Some(((tag, content), rest.get(2..).unwrap_or_default()))
}
