//! Archives: the names of the files in them, and their texts.

use std::io::{Cursor, Read};

use flate2::read::MultiGzDecoder;
use sevenz_rust2::{ArchiveReader, Password};
use zip::ZipArchive;

use super::budget::Budget;
use super::text::RawText;
use super::{extract_inner, plain};
use crate::protocol::{MAX_TEXT, NoText};

/// The most bytes of a file in an archive that are read. Larger files are only named.
pub const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;

/// The most bytes that are unpacked of a file that is the only one.
const MAX_SINGLE_BYTES: u64 = 32 * 1024 * 1024;

/// The memory that unpacking 7z may need, in KiB. The rest of the process needs as much.
const MAX_DICTIONARY: usize = 64 * 1024;

/// Where `tar` writes its name into the header of the first file.
const TAR_SIGN: usize = 257;

/// Whether the bytes begin like an archive other than zip.
pub fn is_archive(bytes: &[u8]) -> bool {
    is_gzip(bytes) || is_seven_zip(bytes) || is_tar(bytes)
}

/// Whether the bytes are a zip archive of any files, and not a document in a format that is not known.
pub fn is_zip(bytes: &[u8]) -> bool {
    ZipArchive::new(Cursor::new(bytes)).is_ok_and(|archive| {
        ["mimetype", "[Content_Types].xml"].iter().all(|part| archive.index_for_name(part).is_none())
    })
}

fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x1f\x8b\x08")
}

fn is_seven_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"7z\xbc\xaf\x27\x1c")
}

fn is_tar(bytes: &[u8]) -> bool {
    bytes.get(TAR_SIGN..).is_some_and(|sign| sign.starts_with(b"ustar"))
}

/// Extracts the names of the files in an archive, and the texts of those that are not too large.
pub fn text(bytes: &[u8], budget: Budget) -> Result<RawText, NoText> {
    if is_gzip(bytes) {
        return text_of_gzip(bytes, budget);
    }
    let mut listing = Listing { text: String::new().into(), budget };
    let complete = match bytes {
        _ if is_seven_zip(bytes) => listing.add_seven_zip(bytes)?,
        _ if is_tar(bytes) => listing.add_tar(bytes),
        _ => listing.add_zip(bytes),
    };
    listing.text.incomplete |= complete.is_none();
    if listing.text.content.is_empty() && complete.is_none() {
        Err(NoText::Damaged)
    } else {
        Ok(listing.text)
    }
}

/// Unpacks the only file of an archive. What precedes damage is kept.
fn text_of_gzip(bytes: &[u8], budget: Budget) -> Result<RawText, NoText> {
    let mut decoder = MultiGzDecoder::new(bytes).take(MAX_SINGLE_BYTES);
    let mut unpacked = Vec::new();
    let is_damaged = decoder.read_to_end(&mut unpacked).is_err();
    if is_damaged && unpacked.is_empty() {
        return Err(NoText::Damaged);
    }
    let is_cut = is_damaged || unpacked.len() as u64 == MAX_SINGLE_BYTES;
    unpacked.shrink_to_fit();
    extract_inner(unpacked, budget).map(|text| RawText { incomplete: text.incomplete || is_cut, ..text })
}

/// The names and texts of the files so far.
struct Listing {
    text: RawText,
    budget: Budget,
}

impl Listing {
    /// Adds all files of a zip archive. Returns `None` if some cannot be read.
    fn add_zip(&mut self, bytes: &[u8]) -> Option<()> {
        let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
        for index in 0..archive.len() {
            let (name, size) = archive
                .by_index_raw(index)
                .ok()
                .map(|file| (plain::decode(file.name_raw(), None), file.size()))?;
            let mut file = archive.by_index(index).ok();
            self.add(&name, size, file.as_mut().map(|file| file as &mut dyn Read))?;
        }
        Some(())
    }

    /// Adds all files of a tar archive. Returns `None` if some cannot be read.
    fn add_tar(&mut self, bytes: &[u8]) -> Option<()> {
        let mut archive = tar::Archive::new(bytes);
        for entry in archive.entries().ok()? {
            let mut entry = entry.ok()?;
            let name = plain::decode(&entry.path_bytes(), None);
            let size = entry.size();
            self.add(&name, size, Some(&mut entry))?;
        }
        Some(())
    }

    /// Adds all files of a 7z archive. Returns `None` if some cannot be read.
    fn add_seven_zip(&mut self, bytes: &[u8]) -> Result<Option<()>, NoText> {
        let opened =
            ArchiveReader::new_with_memory_limit(Cursor::new(bytes), Password::empty(), MAX_DICTIONARY);
        let mut archive = opened.map_err(|error| match error {
            sevenz_rust2::Error::PasswordRequired => NoText::Encrypted,
            _ => NoText::Damaged,
        })?;
        let read = archive.for_each_entries(|entry, file| {
            // A file that is not read would have to be unpacked all the same to come to the next one.
            Ok(self.add(entry.name(), entry.size(), Some(file)).is_some() && entry.size() <= MAX_FILE_BYTES)
        });
        Ok(read.ok().filter(|()| !self.is_full()))
    }

    /// Adds a file. Returns `None` if there is enough text, or no time for more.
    fn add(&mut self, name: &str, size: u64, file: Option<&mut dyn Read>) -> Option<()> {
        if self.is_full() {
            return None;
        }
        self.text.content.push_str(name);
        self.text.content.push('\n');
        let mut bytes = Vec::new();
        let is_read = size <= MAX_FILE_BYTES
            && file.is_some_and(|file| file.take(MAX_FILE_BYTES).read_to_end(&mut bytes).is_ok());
        let text =
            if is_read && size > 0 { extract_inner(bytes, self.budget) } else { Err(NoText::NotFound) };
        self.text.incomplete |= !is_read && size > 0;
        if let Ok(text) = text {
            self.text.content.push_str(&text.content);
            self.text.content.push('\n');
            self.text.incomplete |= text.incomplete;
        }
        Some(())
    }

    /// Whether there is enough text, or half of the time is used up. The rest is left for a last file.
    fn is_full(&self) -> bool {
        self.text.content.len() > MAX_TEXT || self.budget.is_half_used()
    }
}
