//! Extracts the text of documents of Hangul (hwp and hwpx).

use std::io::Read as _;

use flate2::read::DeflateDecoder;

use super::compound::Streams;
use super::little_endian::long;
use super::package::Package;
use super::text::RawText;
use super::word;
use crate::protocol::{MAX_TEXT, NoText};

const SIGNATURE: &[u8] = b"HWP Document File";

/// Where the header has its flags, and what they say.
const FLAGS: usize = 36;
const IS_COMPRESSED: u32 = 1;
const IS_ENCRYPTED: u32 = 2 | 4;

/// The kind of a record that has the text of a paragraph.
const TEXT: u32 = 67;

/// The most bytes of a section that are unpacked.
const MAX_SECTION_BYTES: u64 = 32 * 1024 * 1024;

/// Whether a package is a document of Hangul.
pub fn is_document(package: &mut Package<'_>) -> bool {
    package.read("mimetype").is_some_and(|kind| kind.starts_with(b"application/hwp+zip"))
}

/// Extracts the text of a document in a package.
pub fn text_of_package(package: &mut Package<'_>) -> Result<RawText, NoText> {
    let manifest = package.read_text("META-INF/manifest.xml").unwrap_or_default();
    if manifest.contains("encryption-data") {
        return Err(NoText::Encrypted);
    }
    let mut text = RawText::from(String::new());
    for part in package.names(|name| name.starts_with("contents/section") && name.ends_with(".xml")) {
        let section = word::text_of_part(&package.read_text(&part).unwrap_or_default());
        text.content.push_str(&section.content);
        text.incomplete |= section.incomplete;
    }
    package.judge(text)
}

/// Extracts the text of a document in a compound file, section by section.
pub fn text(file: &mut Streams<'_>) -> Result<RawText, NoText> {
    let header =
        file.read("FileHeader").filter(|header| header.starts_with(SIGNATURE)).ok_or(NoText::Damaged)?;
    let flags = long(&header, FLAGS).ok_or(NoText::Damaged)?;
    if flags & IS_ENCRYPTED != 0 {
        return Err(NoText::Encrypted);
    }
    let mut text = RawText::from(String::new());
    for number in 0.. {
        let Some(section) = file.read(&format!("BodyText/Section{number}")) else { break };
        let section = if flags & IS_COMPRESSED == 0 { section } else { inflate(&section, &mut text) };
        append_section(&section, &mut text.content);
        if text.content.len() > MAX_TEXT {
            text.incomplete = true;
            break;
        }
    }
    Ok(text)
}

/// Unpacks a section up to where it is damaged.
fn inflate(section: &[u8], text: &mut RawText) -> Vec<u8> {
    let mut content = Vec::new();
    let read = DeflateDecoder::new(section).take(MAX_SECTION_BYTES).read_to_end(&mut content);
    text.incomplete |= read.is_err() || content.len() as u64 == MAX_SECTION_BYTES;
    content
}

/// Appends the text of the paragraphs. A record has its kind and its length in four bytes, and a long one has
/// its length in four more.
fn append_section(section: &[u8], content: &mut String) {
    let mut rest = section;
    while let Some(head) = long(rest, 0) {
        let (start, length) = match head >> 20 {
            0xfff => (8, long(rest, 4).unwrap_or(0)),
            length => (4, length),
        };
        rest = rest.get(start..).unwrap_or_default();
        let length = usize::try_from(length).unwrap_or(usize::MAX).min(rest.len());
        let (data, after) = rest.split_at(length);
        if head & 0x3ff == TEXT {
            append_paragraph(data, content);
        }
        rest = after;
    }
}

/// Appends the text of a paragraph. Controls are numbers below 32, and most of them are followed by data.
fn append_paragraph(data: &[u8], content: &mut String) {
    let pair = |pair: &[u8]| pair.try_into().map(u16::from_le_bytes).unwrap_or_default();
    let mut units = data.chunks_exact(2).map(pair);
    let mut shown = Vec::new();
    while let Some(unit) = units.next() {
        match unit {
            0 | 25..=29 => {}
            10 | 13 => shown.push(u16::from(b'\n')),
            24 => shown.push(u16::from(b'-')),
            30 | 31 => shown.push(u16::from(b' ')),
            control if control < 32 => {
                shown.extend((control == 9).then_some(u16::from(b'\t')));
                units.by_ref().take(7).for_each(drop);
            }
            unit => shown.push(unit),
        }
    }
    content.push_str(&String::from_utf16_lossy(&shown));
    content.push('\n');
}
