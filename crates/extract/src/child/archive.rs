//! Archives: the names of the files in them, and their texts.

use std::collections::HashSet;
use std::io::{Cursor, Read};

use flate2::read::MultiGzDecoder;
use sevenz_rust2::{ArchiveReader, EncoderMethod, Error, Password};
use zip::ZipArchive;

use super::budget::Budget;
use super::package::{Package, salvage};
use super::text::RawText;
use super::{extract_inner, plain};
use crate::protocol::{MAX_TEXT, NoText};

/// The most bytes of a file in an archive that are read. Larger files are only named.
pub const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;

/// The most bytes that are unpacked of a file that is the only one.
const MAX_SINGLE_BYTES: u64 = 32 * 1024 * 1024;

/// The memory that unpacking 7z may need, in KiB. The rest of the process needs as much.
const MAX_DICTIONARY: usize = 64 * 1024;

/// The length of a file's header in a tar archive, and where it has the sum of its bytes and a sign.
const TAR_HEADER: usize = 512;
const TAR_SUM: usize = 148;
const TAR_SIGN: usize = 257;

/// Whether the bytes begin like an archive other than zip.
pub fn is_archive(bytes: &[u8]) -> bool {
    is_gzip(bytes) || is_seven_zip(bytes) || is_tar(bytes)
}

/// Whether a zip archive has any files, and is not a document in a format that is not known.
pub fn is_zip(package: &Package<'_>) -> bool {
    !package.is_empty() && !["mimetype", "[Content_Types].xml"].iter().any(|part| package.has(part))
}

fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x1f\x8b\x08")
}

fn is_seven_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"7z\xbc\xaf\x27\x1c")
}

/// Whether the bytes begin with the header of a file in a tar archive: with its sign, or in archives that are
/// older than it, with the sum of its bytes, counted as if there were spaces in place of the sum.
fn is_tar(bytes: &[u8]) -> bool {
    let Some(header) = bytes.get(..TAR_HEADER).filter(|header| header.first() != Some(&0)) else {
        return false;
    };
    let (before, rest) = header.split_at(TAR_SUM);
    let (written, after) = rest.split_at(8);
    let digits = String::from_utf8_lossy(written);
    let sum = u32::from_str_radix(digits.trim_matches([' ', '\0']), 8);
    let spaces = 8 * u32::from(b' ');
    after.get(TAR_SIGN - TAR_SUM - 8..).is_some_and(|sign| sign.starts_with(b"ustar"))
        || sum == Ok(before.iter().chain(after).map(|byte| u32::from(*byte)).sum::<u32>() + spaces)
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

/// Decodes a name in a zip archive. By the specification, its encoding is that of the first PCs, but programs
/// use others, too: then some letters seem to be lines or mathematical signs.
fn decode_name(name: &[u8]) -> String {
    let decoded = plain::decode(name, Some("cp437"));
    let is_name = decoded.chars().all(|character| character.is_ascii() || character.is_alphabetic());
    if is_name { decoded } else { plain::decode(name, None) }
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
        let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else { return self.add_found(bytes) };
        for index in 0..archive.len() {
            let (name, size) =
                archive.by_index_raw(index).ok().map(|file| (decode_name(file.name_raw()), file.size()))?;
            let mut file = archive.by_index(index).ok();
            self.add(&name, size, file.as_mut().map(|file| file as &mut dyn Read))?;
        }
        Some(())
    }

    /// Adds the files of a zip archive that has lost its directory. Returns `None`, because some are lost.
    fn add_found(&mut self, bytes: &[u8]) -> Option<()> {
        for file in salvage::find_files(bytes) {
            let name = decode_name(file.name);
            // How long the file is unpacked is not known.
            self.add(&name, u64::from(!name.ends_with('/')), Some(&mut file.open()))?;
        }
        None
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
            Error::UnsupportedCompressionMethod(name) if name == EncoderMethod::AES256_SHA256.name() => {
                NoText::Encrypted
            }
            _ => NoText::Damaged,
        })?;
        let mut named = HashSet::new();
        let read = archive.for_each_entries(|entry, file| {
            named.insert(entry.name().to_owned());
            // A file that is not read would have to be unpacked all the same to come to the next one.
            Ok(self.add(entry.name(), entry.size(), Some(file)).is_some() && entry.size() <= MAX_FILE_BYTES)
        });
        let rest = archive.archive().files.iter().filter(|file| !named.contains(file.name()));
        for entry in rest {
            self.add(entry.name(), entry.size(), None);
        }
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
        // What precedes damage is read.
        let text = if bytes.is_empty() { Err(NoText::NotFound) } else { extract_inner(bytes, self.budget) };
        self.text.incomplete |= !is_read && size > 0;
        if let Ok(text) = text {
            self.text.append(text);
        }
        Some(())
    }

    /// Whether there is enough text, or half of the time is used up. The rest is left for a last file.
    fn is_full(&self) -> bool {
        self.text.content.len() > MAX_TEXT || self.budget.is_half_used()
    }
}
