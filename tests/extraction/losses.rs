//! What is missing of a text is told, whatever it is missing for.

use std::io::{Cursor, Read as _, Write as _};

use docuvault::extraction::Extracted;
use tests::hostile::{bombs, portable};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::{corpus, read};

/// A document of the corpus, one part of which breaks off at its middle.
fn with_half(name: &str, part: &str) -> Vec<u8> {
    let mut whole = ZipArchive::new(Cursor::new(corpus::file(name))).unwrap();
    let mut broken = ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..whole.len() {
        let mut file = whole.by_index(at).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        if name == part {
            bytes.truncate(bytes.len() / 2);
        }
        broken.start_file(name, SimpleFileOptions::default()).unwrap();
        broken.write_all(&bytes).unwrap();
    }
    broken.finish().unwrap().into_inner()
}

/// Has this text, and more.
fn assert_cut(found: &Extracted, text: &str) {
    assert!(found.text.contains(text) && found.truncated, "{} {:.300}", found.truncated, found.text);
}

#[tokio::test]
async fn a_sheet_or_a_slide_that_can_not_be_read_is_missed() {
    let book = read(&with_half("berths.xlsx", "xl/worksheets/sheet1.xml")).await.unwrap();
    assert_cut(&book, "Bücher");
    let slides = read(&with_half("harbour.pptx", "ppt/slides/slide1.xml")).await.unwrap();
    assert_cut(&slides, "La bibliothèque");
}

#[tokio::test]
async fn a_page_that_can_not_be_read_is_missed() {
    let found = read(&portable::lacking_a_page()).await.unwrap();
    assert_cut(&found, "again and again");
}

#[tokio::test]
async fn of_an_open_document_that_is_too_long_the_beginning_is_read() {
    // Long by what is no text, and with letters of three bytes at every place where it could be cut.
    let mark = "<text:bookmark text:name=\"日本語日本語日本語\"/>";
    let begin = format!("{}<text:p>Berth 42</text:p>", bombs::OFFICE);
    let found = read(&bombs::odt(&begin, mark, 700_000, "<text:p>The end</text:p>")).await.unwrap();
    assert_cut(&found, "Berth 42");
    assert!(!found.text.contains("The end"));
}
