//! Large harmless documents are read: the limits that stop hostile files let them pass.

use std::io::{Cursor, Write as _};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tests::hostile::{inflating, pdf};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::{corpus, read_with_long_timeout};

const MEBIBYTE: usize = 1024 * 1024;

/// Random bytes that stand for a picture, because they cannot be compressed.
fn make_picture(bytes: usize) -> Vec<u8> {
    let mut picture = vec![0; bytes];
    StdRng::seed_from_u64(13).fill(&mut picture[..]);
    picture
}

/// Returns a document of the corpus with an added picture.
fn with_picture(name: &str, part: &str, picture: &[u8]) -> Vec<u8> {
    let mut archive = ZipWriter::new_append(Cursor::new(corpus::read_file(name))).unwrap();
    archive.start_file(part, SimpleFileOptions::default()).unwrap();
    archive.write_all(picture).unwrap();
    archive.finish().unwrap().into_inner()
}

#[tokio::test]
async fn documents_with_large_pictures_are_read() {
    let picture = make_picture(45 * MEBIBYTE);
    for (name, part, phrase) in [
        ("english.docx", "word/media/image9.jpeg", "Berth 42"),
        ("tickets-libreoffice.xlsx", "xl/media/image9.jpeg", "1200"),
        ("harbour.pptx", "ppt/media/image9.jpeg", "La bibliothèque"),
        ("french.odt", "Pictures/image9.jpeg", "La bibliothèque"),
    ] {
        let found = read_with_long_timeout(&with_picture(name, part, &picture)).await;
        let found = found.unwrap_or_else(|failure| panic!("{name}: {failure}"));
        assert!(found.text.contains(phrase) && !found.truncated, "{name}: {}", found.text);
    }
    let found = read_with_long_timeout(&pdf::with_pictures(&picture[..9 * MEBIBYTE], 5)).await.unwrap();
    assert_eq!((found.text.as_str(), found.truncated), ("again and again", false));
}

#[tokio::test]
async fn a_long_text_of_short_or_long_lines_is_read() {
    for line in ["1\n", "A line of words, as a person would write it.\n"] {
        let found = read_with_long_timeout(line.repeat(48 * MEBIBYTE / line.len()).as_bytes()).await.unwrap();
        assert!(found.text.starts_with(line) && found.truncated, "{line}");
    }
}

#[tokio::test]
async fn a_long_page_in_a_declared_encoding_is_read() {
    let sentence = b"O\xf9 est la f\xeate d'\xe9t\xe9? ";
    let mut page = b"<html><meta charset=windows-1252><p>".to_vec();
    page.extend(sentence.repeat(8 * MEBIBYTE / sentence.len() - 2));
    let found = read_with_long_timeout(&page).await.unwrap();
    assert!(found.text.starts_with("Où est la fête d'été?"), "{:.100}", found.text);
}

#[tokio::test]
async fn a_spreadsheet_with_many_cells_is_read() {
    let row = format!("<row>{}</row>", r#"<c t="s"><v>0</v></c><c><v>123.456</v></c>"#.repeat(5));
    let found = read_with_long_timeout(&inflating::xlsx(&row, 25_000, ("Berth 42", 1))).await.unwrap();
    assert!(found.text.contains("Berth 42") && found.text.contains("123.456"), "{:.100}", found.text);
}

#[tokio::test]
async fn a_message_with_a_large_attachment_is_read() {
    let mut outlook = cfb::CompoundFile::open(Cursor::new(corpus::read_file("german.msg"))).unwrap();
    outlook.create_stream("/picture").unwrap().write_all(&make_picture(20 * MEBIBYTE)).unwrap();
    let mut letter = corpus::read_file("english.eml");
    letter.resize(letter.len() + 20 * MEBIBYTE, b'\n');
    for (message, phrase) in [(outlook.into_inner().into_inner(), "Apfelbäume"), (letter, "Berth 42")] {
        assert!(message.len() > 20 * MEBIBYTE);
        let found = read_with_long_timeout(&message).await.unwrap();
        assert!(found.text.contains(phrase), "{found:?}");
    }
}
