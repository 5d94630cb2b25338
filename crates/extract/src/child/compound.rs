//! Compound files: files that contain storages and streams. Office before 2007, Outlook, Publisher and Hangul
//! use them, and so do later documents that are protected by a password.

use std::io::{Cursor, Read as _};

use cfb::CompoundFile;

use super::text::RawText;
use super::{hangul, office97, outlook, publisher, wordperfect};
use crate::protocol::{Format, NoText};

/// The most bytes of a stream that are read.
const MAX_STREAM_BYTES: u64 = 48 * 1024 * 1024;

/// The stream in which Office stores a document that is protected by a password.
const ENCRYPTED: &str = "EncryptedPackage";

/// The streams by which formats are told. Every document of a format has its stream.
const STREAMS: [(&str, Format); 9] = [
    ("__properties_version1.0", Format::Email),
    ("WordDocument", Format::Office97),
    ("Workbook", Format::Office97),
    ("Book", Format::Office97),
    ("PowerPoint Document", Format::Office97),
    ("PP97_DUALSTORAGE/PowerPoint Document", Format::Office97),
    (ENCRYPTED, Format::Office97),
    ("Quill/QuillSub/CONTENTS", Format::Publisher),
    ("BodyText/Section0", Format::Hangul),
];

/// A compound file in memory.
pub struct Streams<'a>(CompoundFile<Cursor<&'a [u8]>>);

/// Whether the bytes begin like a compound file.
pub fn is_compound(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
}

/// The format of a compound file. One that cannot be opened is most often a document of Office.
pub fn format_of_compound(bytes: &[u8]) -> Format {
    let Some(mut file) = Streams::open(bytes) else { return Format::Office97 };
    let of_stream = STREAMS.iter().find(|(stream, _)| file.has(stream)).map(|(_, format)| *format);
    of_stream.unwrap_or_else(|| {
        if wordperfect::is_compound_document(&mut file) { Format::WordPerfect } else { Format::Unknown }
    })
}

/// Extracts the text of a document in a compound file.
pub fn text(format: Format, bytes: Vec<u8>) -> Result<RawText, NoText> {
    let mut file = Streams::open(&bytes).ok_or(NoText::Damaged)?;
    let read = match format {
        Format::Email => return outlook::text(&mut file),
        Format::Publisher => return publisher::text(&mut file),
        Format::Hangul => return hangul::text(&mut file),
        Format::WordPerfect => return wordperfect::text_of_compound(&mut file),
        _ if file.has(ENCRYPTED) => office97::text_of_encrypted,
        _ if file.has("WordDocument") => office97::text_of_word,
        _ if file.has("Workbook") || file.has("Book") => office97::text_of_workbook,
        _ => return office97::text_of_slides(&mut file),
    };
    drop(file);
    read(bytes)
}

impl<'a> Streams<'a> {
    /// Opens a compound file. Returns `None` if it is damaged.
    pub fn open(bytes: &'a [u8]) -> Option<Self> {
        CompoundFile::open(Cursor::new(bytes)).ok().map(Self)
    }

    /// Whether there is a stream at this path.
    pub fn has(&self, path: &str) -> bool {
        self.0.is_stream(path)
    }

    /// Reads a stream. Returns `None` if it is absent. Of a damaged one, the beginning is returned.
    pub fn read(&mut self, path: &str) -> Option<Vec<u8>> {
        let stream = self.0.open_stream(path).ok()?;
        let mut content = Vec::new();
        let read = stream.take(MAX_STREAM_BYTES).read_to_end(&mut content);
        (read.is_ok() || !content.is_empty()).then_some(content)
    }

    /// The names of the storages within a storage, in their order.
    pub fn storages(&self, path: &str) -> Vec<String> {
        let Ok(entries) = self.0.read_storage(path) else { return Vec::new() };
        entries.filter(|entry| entry.is_storage()).map(|entry| entry.name().to_owned()).collect()
    }
}
