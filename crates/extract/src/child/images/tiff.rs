//! The pages of TIFF files. Scanners and faxes write many into one file, but the decoder reads the first
//! only.
//!
//! The header names the place of the first page's directory, and each directory that of the next one (TIFF
//! 6.0, section 2). A page is decoded after the header has been made to name its directory.

use std::ops::Range;

use crate::protocol::MAX_IMAGES;

/// The bytes of the header that are the place of the first directory.
const FIRST: Range<usize> = 4..8;

/// The length of an entry of a directory.
const ENTRY: usize = 12;

/// The tag of the entry that says what a page is for, and the bit of its value that makes it a small copy of
/// another page.
const KIND: (u16, u32) = (254, 1);

/// The most directories that are looked at, because a damaged file may lead in a circle.
const MOST_DIRECTORIES: usize = 64;

/// A file, and the order of the bytes of its numbers.
struct Numbers<'a> {
    bytes: &'a [u8],
    is_big_endian: bool,
}

/// The places of the first pages that are drawn, as the header would name them. Empty for any other file.
pub fn find_pages(bytes: &[u8]) -> Vec<[u8; 4]> {
    let is_big_endian = match bytes.get(..FIRST.start) {
        Some(b"II*\0") => false,
        Some(b"MM\0*") => true,
        _ => return Vec::new(),
    };
    let numbers = Numbers { bytes, is_big_endian };
    let places = std::iter::successors(numbers.long(FIRST.start), |place| numbers.find_next(*place));
    let pages = places.take(MOST_DIRECTORIES).filter(|place| !numbers.is_small_copy(*place));
    pages.take(MAX_IMAGES).map(|place| numbers.write(place)).collect()
}

/// Has the header name this page.
pub fn show(bytes: &mut [u8], page: [u8; 4]) {
    if let Some(first) = bytes.get_mut(FIRST) {
        first.copy_from_slice(&page);
    }
}

impl Numbers<'_> {
    fn short(&self, at: usize) -> Option<u16> {
        let bytes = self.bytes.get(at..)?.first_chunk()?;
        Some(if self.is_big_endian { u16::from_be_bytes(*bytes) } else { u16::from_le_bytes(*bytes) })
    }

    fn long(&self, at: usize) -> Option<u32> {
        let bytes = self.bytes.get(at..)?.first_chunk()?;
        Some(if self.is_big_endian { u32::from_be_bytes(*bytes) } else { u32::from_le_bytes(*bytes) })
    }

    fn write(&self, place: u32) -> [u8; 4] {
        if self.is_big_endian { place.to_be_bytes() } else { place.to_le_bytes() }
    }

    /// The places of the entries of a directory.
    fn entries(&self, directory: u32) -> impl Iterator<Item = usize> {
        let start = usize::try_from(directory).unwrap_or(usize::MAX);
        let count = self.short(start).unwrap_or_default();
        (0..usize::from(count)).map(move |number| start + 2 + number * ENTRY)
    }

    /// The place of the next directory. The last one is followed by 0.
    fn find_next(&self, directory: u32) -> Option<u32> {
        let last = self.entries(directory).last()?;
        self.long(last + ENTRY).filter(|next| *next != 0)
    }

    fn is_small_copy(&self, directory: u32) -> bool {
        let (tag, bit) = KIND;
        let entry = self.entries(directory).find(|entry| self.short(*entry) == Some(tag));
        entry.and_then(|entry| self.long(entry + 8)).is_some_and(|kind| kind & bit != 0)
    }
}
