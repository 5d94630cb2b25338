//! Files that contain files: the zip archives of OOXML and OpenDocument, the compound files of Office before
//! 2007 and of Outlook.

use std::io::{Cursor, Read as _};

use office_oxide::limits::Limits;
use office_oxide::options::{Damage, ParseOptions};
use office_oxide::{Document, DocumentFormat};
use zip::ZipArchive;

use super::text::RawText;
use super::xml;
use crate::protocol::{Format, NoText};

/// How much of a part of an OpenDocument is unpacked, in bytes.
pub const MAX_CONTENT: u64 = 32 * 1024 * 1024;

/// The stream in which Office stores a document that has a password.
const ENCRYPTED: &str = "EncryptedPackage";

/// Whether the bytes begin as a zip archive.
pub fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Whether the bytes begin as a compound file.
pub fn is_compound(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
}

/// The format of a zip archive, by a part that every document of the format has.
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
    let kind = unpacked(&mut archive, "mimetype").unwrap_or_default();
    match kind.strip_prefix(b"application/vnd.oasis.opendocument.") {
        Some(b"text") => Format::Odt,
        Some(b"spreadsheet") => Format::Ods,
        Some(b"presentation") => Format::Odp,
        _ => Format::Unknown,
    }
}

/// The format of a compound file, by a stream that every document of the format has.
pub fn format_of_compound(bytes: &[u8]) -> Format {
    let Ok(file) = cfb::CompoundFile::open(Cursor::new(bytes)) else { return Format::Unknown };
    if file.is_stream("__properties_version1.0") {
        return Format::Email;
    }
    let office = ["WordDocument", "Workbook", "Book", "PowerPoint Document", ENCRYPTED];
    if office.iter().any(|stream| file.is_stream(stream)) { Format::Office97 } else { Format::Unknown }
}

/// The text of an Office document.
pub fn office(format: Format, bytes: Vec<u8>) -> Result<RawText, NoText> {
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
    Ok(RawText { content: document.plain_text(), more: document.damage().iter().any(Damage::is_loss) })
}

fn compound_kind(bytes: &[u8]) -> Result<DocumentFormat, NoText> {
    let file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(|_| NoText::Damaged)?;
    match () {
        () if file.is_stream(ENCRYPTED) => Err(NoText::Encrypted),
        () if file.is_stream("WordDocument") => Ok(DocumentFormat::Doc),
        () if file.is_stream("PowerPoint Document") => Ok(DocumentFormat::Ppt),
        () => Ok(DocumentFormat::Xls),
    }
}

/// The text of an OpenDocument.
pub fn open_document(bytes: &[u8]) -> Result<RawText, NoText> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| NoText::Damaged)?;
    let manifest = unpacked(&mut archive, "META-INF/manifest.xml").unwrap_or_default();
    if String::from_utf8_lossy(&manifest).contains("encryption-data") {
        return Err(NoText::Encrypted);
    }
    let mut content = unpacked(&mut archive, "content.xml").ok_or(NoText::Damaged)?;
    let cut = content.len() as u64 == MAX_CONTENT;
    if cut {
        // The cut is moved behind a tag. Within a tag or a character, the content would be damaged.
        content.truncate(content.iter().rposition(|byte| *byte == b'>').map_or(0, |last| last + 1));
    }
    let content = String::from_utf8(content).map_err(|_| NoText::Damaged)?;
    let text = xml::elements(&content).map_err(|_| NoText::Damaged)?;
    Ok(RawText { more: cut || text.more, ..text })
}

/// The first [`MAX_CONTENT`] bytes of a part of an archive; none if there is no such part, or it is damaged.
fn unpacked(archive: &mut ZipArchive<Cursor<&[u8]>>, part: &str) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    archive.by_name(part).ok()?.take(MAX_CONTENT).read_to_end(&mut content).ok()?;
    Some(content)
}
