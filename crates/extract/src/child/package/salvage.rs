//! Reads a zip archive that is cut off or damaged, without its directory, which is at the end. Each file in
//! it has a header of its own.

use std::io::Read;

use flate2::read::DeflateDecoder;

use super::super::little_endian::{long, short};

const HEADER: &[u8] = b"PK\x03\x04";

/// The length of a file's header, without the name and the extra data that follow it.
const HEADER_LENGTH: usize = 30;

/// The most files that are looked for.
const MAX_FILES: usize = 10_000;

/// A file in an archive: its name, and its content as it is stored.
pub struct StoredFile<'a> {
    /// The name, as it is written.
    pub name: &'a [u8],
    is_deflated: bool,
    stored: &'a [u8],
}

impl StoredFile<'_> {
    /// Unpacks the content. What precedes damage can be read.
    pub fn open(&self) -> Box<dyn Read + '_> {
        if self.is_deflated { Box::new(DeflateDecoder::new(self.stored)) } else { Box::new(self.stored) }
    }
}

/// Finds the files of an archive by their headers.
pub fn find_files(bytes: &[u8]) -> Vec<StoredFile<'_>> {
    let mut files = Vec::new();
    let mut rest = bytes;
    while let Some(place) = find_header(rest)
        && files.len() < MAX_FILES
    {
        rest = rest.get(place..).unwrap_or_default();
        let parsed = parse(rest);
        let length = parsed.as_ref().map_or(HEADER.len(), |(_, length)| *length);
        files.extend(parsed.map(|(file, _)| file));
        rest = rest.get(length..).unwrap_or_default();
    }
    files
}

fn find_header(bytes: &[u8]) -> Option<usize> {
    bytes.windows(HEADER.len()).position(|window| window == HEADER)
}

/// Parses the file that begins here. Returns it, and the length of its header and of the content whose size
/// the header says.
fn parse(bytes: &[u8]) -> Option<(StoredFile<'_>, usize)> {
    let (flags, method) = (short(bytes, 6)?, short(bytes, 8)?);
    let size = long(bytes, 18)?;
    let (name, extra) = (usize::from(short(bytes, 26)?), usize::from(short(bytes, 28)?));
    let is_encrypted = flags & 1 != 0;
    if is_encrypted || !matches!(method, 0 | 8) {
        return None;
    }
    let start = HEADER_LENGTH + name + extra;
    let name = bytes.get(HEADER_LENGTH..HEADER_LENGTH + name)?;
    let content = bytes.get(start..)?;
    // A program that writes to a stream writes the size behind the content, so that it is zero here. That of
    // a large file is elsewhere, and the greatest number stands for it.
    let size = usize::try_from(size).ok().filter(|_| size < u32::MAX).unwrap_or(0).min(content.len());
    let is_deflated = method == 8;
    let known = content.get(..size).filter(|_| size > 0);
    let stored = known.unwrap_or_else(|| if is_deflated { content } else { up_to_next_header(content) });
    Some((StoredFile { name, is_deflated, stored }, start + size))
}

fn up_to_next_header(content: &[u8]) -> &[u8] {
    // The record behind the content and the header of the next file begin alike.
    let end = content.windows(2).position(|window| window == b"PK").unwrap_or(content.len());
    content.get(..end).unwrap_or(content)
}
