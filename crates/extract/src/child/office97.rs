//! Extracts the text of Word, Excel and PowerPoint before 2007, and of later documents that are encrypted.

mod boxes;
mod excel95;
mod slides;
mod word95;

use std::io::Cursor;

use office_oxide::doc::DocError;
use office_oxide::limits::Limits;
use office_oxide::options::{Damage, ParseOptions};
use office_oxide::ppt::PptError;
use office_oxide::xls::XlsError;
use office_oxide::{Document, DocumentFormat, OfficeError};

use super::compound::Streams;
use super::text::RawText;
use crate::protocol::NoText;

/// Extracts the text of a document of Word.
pub fn text_of_word(bytes: Vec<u8>) -> Result<RawText, NoText> {
    let stream =
        Streams::open(&bytes).and_then(|mut file| file.read("WordDocument")).ok_or(NoText::Damaged)?;
    if word95::is_word95(&stream) { word95::text(&stream) } else { read(DocumentFormat::Doc, bytes) }
}

/// Extracts the text of a workbook, of its text boxes, and of its headers and footers.
pub fn text_of_workbook(bytes: Vec<u8>) -> Result<RawText, NoText> {
    let mut file = Streams::open(&bytes).ok_or(NoText::Damaged)?;
    let boxes = file.read("Workbook").map(|stream| boxes::text(&stream));
    let old = if boxes.is_none() { file.read("Book") } else { None };
    drop(file);
    let mut text = read(DocumentFormat::Xls, bytes)?;
    let page = old.as_deref().map_or(1252, excel95::page);
    if let Some(decoded) = excel95::decode(&text.content, page) {
        text.content = decoded;
    }
    text.content.push('\n');
    text.content.push_str(&boxes.or(old.map(|stream| excel95::asides(&stream, page))).unwrap_or_default());
    Ok(text)
}

/// Extracts the text of a workbook in the binary form of Excel 2007 (xlsb).
pub fn text_of_binary_workbook(bytes: Vec<u8>) -> Result<RawText, NoText> {
    read(DocumentFormat::Xlsx, bytes)
}

/// Extracts the text of a presentation.
pub fn text_of_slides(file: &mut Streams<'_>) -> Result<RawText, NoText> {
    let mut read = |name: &str| file.read(&format!("PP97_DUALSTORAGE/{name}")).or_else(|| file.read(name));
    let stream = read("PowerPoint Document").ok_or(NoText::Damaged)?;
    slides::text(&stream, &read("Current User").unwrap_or_default())
}

/// Extracts the text of a document that is encrypted by the password with which Office protects documents
/// from changes alone. Everybody knows that password. Any other one is the owner's.
pub fn text_of_encrypted(bytes: Vec<u8>) -> Result<RawText, NoText> {
    let [first, others @ ..] = [DocumentFormat::Xlsx, DocumentFormat::Docx, DocumentFormat::Pptx];
    let mut text = open(first, bytes.clone());
    for format in others {
        match text {
            // The library says so of a package that it cannot decrypt.
            Err(OfficeError::UnsupportedFormat(_)) => return Err(NoText::Encrypted),
            Err(_) => text = open(format, bytes.clone()),
            Ok(_) => break,
        }
    }
    text.map_err(|error| reason(&error))
}

fn read(format: DocumentFormat, bytes: Vec<u8>) -> Result<RawText, NoText> {
    open(format, bytes).map_err(|error| reason(&error))
}

fn open(format: DocumentFormat, bytes: Vec<u8>) -> Result<RawText, OfficeError> {
    let mut options = ParseOptions::default();
    options.limits = Limits::strict();
    let document = Document::from_reader_with(Cursor::new(bytes), format, &options)?;
    Ok(RawText::new(document.plain_text(), document.damage().iter().any(Damage::is_loss)))
}

fn reason(error: &OfficeError) -> NoText {
    match error {
        OfficeError::Doc(DocError::Encrypted)
        | OfficeError::Ppt(PptError::Encrypted)
        | OfficeError::Xls(XlsError::Encrypted | XlsError::EncryptionNotSupported(_)) => NoText::Encrypted,
        _ => NoText::Damaged,
    }
}
