//! Files that contain other files: zip archives (OOXML and OpenDocument), and compound files (Office before
//! 2007, and Outlook).

use std::io::{Cursor, Read as _};

use office_oxide::limits::Limits;
use office_oxide::options::{Damage, ParseOptions};
use office_oxide::{Document, DocumentFormat};
use zip::ZipArchive;

use super::text::RawText;
use super::xml;
use crate::protocol::{Format, NoText};

/// The most bytes of a part of an OpenDocument file that are unpacked.
pub const MAX_PART_BYTES: u64 = 32 * 1024 * 1024;

/// The stream in which Office stores a document that is protected by a password.
const ENCRYPTED: &str = "EncryptedPackage";

/// Whether the bytes begin like a zip archive.
pub fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Whether the bytes begin like a compound file.
pub fn is_compound(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
}

/// The format of a zip archive. It is recognized by a part that every document of the format contains.
pub fn format_of_archive(bytes: &[u8]) -> Format {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else { return Format::Unknown };
    for (part, format) in [
        ("word/document.xml", Format::Docx),
        ("xl/workbook.xml", Format::Xlsx),
        ("ppt/presentation.xml", Format::Pptx),
    ] {
        if archive.index_for_name(part).is_some() {
            return format;
        }
    }
    let kind = unpack(&mut archive, "mimetype").unwrap_or_default();
    match kind.strip_prefix(b"application/vnd.oasis.opendocument.") {
        Some(b"text") => Format::Odt,
        Some(b"spreadsheet") => Format::Ods,
        Some(b"presentation") => Format::Odp,
        _ => Format::Unknown,
    }
}

/// The format of a compound file. It is recognized by a stream that every document of the format contains.
pub fn format_of_compound(bytes: &[u8]) -> Format {
    let Ok(file) = cfb::CompoundFile::open(Cursor::new(bytes)) else { return Format::Unknown };
    if file.is_stream("__properties_version1.0") {
        return Format::Email;
    }
    let office = ["WordDocument", "Workbook", "Book", "PowerPoint Document", ENCRYPTED];
    if office.iter().any(|stream| file.is_stream(stream)) { Format::Office97 } else { Format::Unknown }
}

/// Extracts the text of a Microsoft Office document.
pub fn text_of_office(format: Format, bytes: Vec<u8>) -> Result<RawText, NoText> {
    let kind = match format {
        Format::Xlsx => DocumentFormat::Xlsx,
        Format::Pptx => DocumentFormat::Pptx,
        Format::Office97 => compound_kind(&bytes)?,
        _ => DocumentFormat::Docx,
    };
    let mut options = ParseOptions::default();
    options.limits = Limits::strict();
    let document =
        Document::from_reader_with(Cursor::new(bytes), kind, &options).map_err(|_| NoText::Damaged)?;
    Ok(RawText { content: document.plain_text(), incomplete: document.damage().iter().any(Damage::is_loss) })
}

/// The kind of an Office document in a compound file.
fn compound_kind(bytes: &[u8]) -> Result<DocumentFormat, NoText> {
    let file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(|_| NoText::Damaged)?;
    match () {
        () if file.is_stream(ENCRYPTED) => Err(NoText::Encrypted),
        () if file.is_stream("WordDocument") => Ok(DocumentFormat::Doc),
        () if file.is_stream("PowerPoint Document") => Ok(DocumentFormat::Ppt),
        () => Ok(DocumentFormat::Xls),
    }
}

/// Extracts the text of an OpenDocument file.
pub fn text_of_open_document(bytes: &[u8]) -> Result<RawText, NoText> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| NoText::Damaged)?;
    let manifest = unpack(&mut archive, "META-INF/manifest.xml").unwrap_or_default();
    if String::from_utf8_lossy(&manifest).contains("encryption-data") {
        return Err(NoText::Encrypted);
    }
    let mut content = unpack(&mut archive, "content.xml").ok_or(NoText::Damaged)?;
    let cut = content.len() as u64 == MAX_PART_BYTES;
    if cut {
        // The content is cut behind a tag. A cut within a tag or a character would damage it.
        content.truncate(content.iter().rposition(|byte| *byte == b'>').map_or(0, |last| last + 1));
    }
    let content = String::from_utf8(content).map_err(|_| NoText::Damaged)?;
    let text = xml::text_of_elements(&content).map_err(|_| NoText::Damaged)?;
    Ok(RawText { incomplete: cut || text.incomplete, ..text })
}

/// Unpacks the first [`MAX_PART_BYTES`] bytes of a part of an archive. Returns `None` if the part is absent
/// or damaged.
fn unpack(archive: &mut ZipArchive<Cursor<&[u8]>>, part: &str) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    archive.by_name(part).ok()?.take(MAX_PART_BYTES).read_to_end(&mut content).ok()?;
    Some(content)
}
