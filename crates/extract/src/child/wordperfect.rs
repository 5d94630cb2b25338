//! Extracts the text of documents of WordPerfect 5 and later. A document is a sequence of codes: letters, and
//! functions between them. The two generations have different codes.

mod characters;
mod five;
mod six;

use std::iter;

use super::compound::Streams;
use super::little_endian::{offset, short};
use super::text::RawText;
use crate::protocol::NoText;

/// The stream of a document in a compound file.
const STREAM: &str = "PerfectOffice_MAIN";

/// How a document begins: the sign of WordPerfect's files, the place of the codes, and the type of the file.
const SIGN: &[u8] = b"\xffWPC";
const CODES: usize = 4;
const TYPE: usize = 8;
const DOCUMENT: &[u8] = &[1, 10];
const GENERATION: usize = 10;
const KEY: usize = 12;

/// Where the header of WordPerfect 6 names the place of the directory of packets, and the length of an entry.
const DIRECTORY: usize = 14;
const ENTRY_LENGTH: usize = 14;

/// The type of packets with the text of headers, footers, notes, comments and boxes.
const TEXT_PACKET: u8 = 8;

/// Whether the bytes begin like a document.
pub fn is_document(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGN)
        && bytes.get(TYPE..).is_some_and(|rest| rest.starts_with(DOCUMENT))
        && matches!(bytes.get(GENERATION), Some(0 | 2))
}

/// Extracts the text: the body, and then what stands beside it.
pub fn text(bytes: &[u8]) -> Result<RawText, NoText> {
    if short(bytes, KEY).ok_or(NoText::Damaged)? != 0 {
        return Err(NoText::Encrypted);
    }
    let codes = offset(bytes, CODES).and_then(|start| bytes.get(start..)).ok_or(NoText::Damaged)?;
    if bytes.get(GENERATION) == Some(&0) {
        return Ok(five::text(codes).into());
    }
    let mut text = six::read(codes);
    // Packets that name the same place again and again are longer than the document.
    let mut left = bytes.len();
    for packet in packets(bytes) {
        let Some(rest) = left.checked_sub(packet.len()) else { return Ok(RawText::new(text, true)) };
        left = rest;
        text.push('\n');
        text.push_str(&six::read(packet));
    }
    Ok(text.into())
}

/// Whether a compound file has a document, with objects beside it. Other programs of WordPerfect's suite use
/// the same stream.
pub fn is_compound_document(file: &mut Streams<'_>) -> bool {
    file.read(STREAM).is_some_and(|document| is_document(&document))
}

/// Extracts the text of a document in a compound file.
pub fn text_of_compound(file: &mut Streams<'_>) -> Result<RawText, NoText> {
    text(&file.read(STREAM).ok_or(NoText::Damaged)?)
}

/// Splits codes, each with the bytes that belong to it. `length` tells how many of those behind it do.
fn split(codes: &[u8], length: fn(u8, &[u8]) -> usize) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = codes;
    iter::from_fn(move || {
        let (code, behind) = rest.split_first()?;
        let (arguments, next) = behind.split_at_checked(length(*code, behind)).unwrap_or((behind, b""));
        rest = next;
        Some((*code, arguments))
    })
}

/// The codes in all packets with text.
fn packets(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let directory =
        short(bytes, DIRECTORY).and_then(|place| bytes.get(usize::from(place)..)).unwrap_or_default();
    let count = short(directory, 2).unwrap_or_default();
    let entries = directory.chunks_exact(ENTRY_LENGTH).skip(1).take(count.into());
    let of_text = entries.filter(|entry| entry.get(1) == Some(&TEXT_PACKET));
    of_text.filter_map(|entry| {
        let packet = bytes.get(offset(entry, 10)?..)?.get(..offset(entry, 6)?)?;
        packet.get(offset(packet, 2)?..)
    })
}
