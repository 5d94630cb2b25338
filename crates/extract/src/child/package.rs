//! Zip archives that are documents (OOXML, OpenDocument and others): their parts, by name.

pub mod salvage;

use std::io::{Cursor, Read as _};

use zip::{CompressionMethod, ZipArchive};

use self::salvage::StoredFile;
use super::text::RawText;
use super::{hangul, markup, ooxml, opendocument, percent, visio, xps};
use crate::protocol::{Format, NoText};

/// The most bytes of a part that are unpacked.
pub const MAX_PART_BYTES: u64 = 32 * 1024 * 1024;

/// The first file of an archive may begin behind some white space or a byte order mark.
const MAX_LEAD: usize = 16;

/// The most bytes of something else before an archive, such as the head of a form that was uploaded.
const MAX_HEAD: usize = 1024;

/// How an archive begins. In front of the first file may be a mark that the archive could have been split.
const STARTS: [&[u8]; 3] = [b"PK\x03\x04", b"PK00PK\x03\x04", b"PK\x07\x08PK\x03\x04"];

/// The parts of a document. Some programs write the names of parts with backslashes, or refer to them in
/// another case, so that names are compared without regard to both.
pub struct Package<'a> {
    files: Files<'a>,
    names: Vec<String>,
    is_damaged: bool,
    is_cut: bool,
}

enum Files<'a> {
    Listed(Box<ZipArchive<Cursor<&'a [u8]>>>),
    Found(Vec<StoredFile<'a>>),
}

/// Whether the bytes begin like a zip archive.
pub fn is_archive(bytes: &[u8]) -> bool {
    let is_lead = |byte: &u8| byte.is_ascii_whitespace() || b"\xef\xbb\xbf".contains(byte);
    let start = bytes.get(..MAX_LEAD).unwrap_or(bytes).iter().position(|byte| !is_lead(byte));
    let rest = start.and_then(|start| bytes.get(start..)).unwrap_or_default();
    STARTS.iter().any(|sign| rest.starts_with(sign))
}

/// Whether a zip archive begins behind bytes that do not belong to it. Other files may contain archives, too.
pub fn is_behind_head(bytes: &[u8]) -> bool {
    bytes.get(..MAX_HEAD).unwrap_or(bytes).windows(4).any(|sign| sign == b"PK\x03\x04")
}

/// The format of a zip archive, told by its main part.
pub fn format_of_archive(package: &mut Package<'_>) -> Format {
    ooxml::format(package)
        .or_else(|| opendocument::format(package))
        .or_else(|| hangul::is_document(package).then_some(Format::Hangul))
        .or_else(|| visio::is_drawing(package).then_some(Format::Visio))
        .or_else(|| xps::is_print(package).then_some(Format::Xps))
        .unwrap_or(Format::Unknown)
}

impl<'a> Package<'a> {
    /// Opens an archive. Without a directory of its files, the files themselves are looked for.
    pub fn open(bytes: &'a [u8]) -> Self {
        let listed = ZipArchive::new(Cursor::new(bytes)).ok().filter(|archive| !archive.is_empty());
        let is_damaged = listed.is_none();
        let (files, names) = match listed {
            Some(archive) => {
                let names =
                    archive.file_names_raw().map(|name| simplify(&String::from_utf8_lossy(name))).collect();
                (Files::Listed(Box::new(archive)), names)
            }
            None => {
                let found = salvage::find_files(bytes);
                let names = found.iter().map(|file| simplify(&String::from_utf8_lossy(file.name))).collect();
                (Files::Found(found), names)
            }
        };
        Self { files, names, is_damaged, is_cut: false }
    }

    /// The answer for a text: damage, if there is neither text nor another reason for that than damage.
    pub fn judge(&self, text: RawText) -> Result<RawText, NoText> {
        let incomplete = text.incomplete || self.is_damaged || self.is_cut;
        let is_lost = incomplete && !self.is_cut && text.content.trim().is_empty();
        if is_lost { Err(NoText::Damaged) } else { Ok(RawText { incomplete, ..text }) }
    }

    /// The names of the parts for which `belongs` is true. Numbered names are in the order of their numbers.
    pub fn names(&self, belongs: impl Fn(&str) -> bool) -> Vec<String> {
        let mut names: Vec<String> = self.names.iter().filter(|name| belongs(name)).cloned().collect();
        names.sort_unstable_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
        names
    }

    /// Whether there are no parts.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Whether there is a part of this name.
    pub fn has(&self, part: &str) -> bool {
        self.find(part).is_some()
    }

    fn find(&self, part: &str) -> Option<usize> {
        let name = simplify(part);
        self.names.iter().position(|known| *known == name)
    }

    /// Whether a part is packed by the method that has this number, which the library does not support.
    #[expect(deprecated, reason = "the library has constants only for common methods")]
    pub fn is_packed_by(&mut self, part: &str, method: u16) -> bool {
        let index = self.find(part);
        match (&mut self.files, index) {
            (Files::Listed(archive), Some(index)) => archive
                .by_index_raw(index)
                .is_ok_and(|file| file.compression() == CompressionMethod::Unsupported(method)),
            _ => false,
        }
    }

    /// Unpacks the first [`MAX_PART_BYTES`] bytes of a part. Of a damaged part, it returns what precedes the
    /// damage. Returns `None` if the part is absent.
    pub fn read(&mut self, part: &str) -> Option<Vec<u8>> {
        let index = self.find(part)?;
        let mut content = Vec::new();
        let read = match &mut self.files {
            Files::Listed(archive) => {
                archive.by_index(index).ok().map(|file| file.take(MAX_PART_BYTES).read_to_end(&mut content))
            }
            Files::Found(found) => {
                found.get(index).map(|file| file.open().take(MAX_PART_BYTES).read_to_end(&mut content))
            }
        };
        self.is_damaged |= !matches!(read, Some(Ok(_)));
        self.is_cut |= content.len() as u64 == MAX_PART_BYTES;
        Some(content)
    }

    /// Reads a part of XML. A part that is cut off does not end within a tag or a character.
    pub fn read_text(&mut self, part: &str) -> Option<String> {
        let mut content = self.read(part)?;
        if content.len() as u64 == MAX_PART_BYTES {
            content.truncate(end_of_whole(&content));
        }
        Some(markup::decode(content))
    }
}

/// The length of XML that was cut off, without the tag or the character within which the cut is.
fn end_of_whole(xml: &[u8]) -> usize {
    let last = |sign| xml.iter().rposition(|byte| *byte == sign);
    match last(b'<') {
        Some(start) if Some(start) > last(b'>') => start,
        _ => match std::str::from_utf8(xml) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => xml.len(),
        },
    }
}

/// The form of a part's name by which it is found. Names may be written with percent signs.
fn simplify(name: &str) -> String {
    let name = percent::decode_text(name).replace('\\', "/");
    name.trim_start_matches('/').to_ascii_lowercase()
}
