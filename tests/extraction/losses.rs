//! What is missing of a text is told, whatever it is missing for.

use std::io::{Cursor, Read as _, Write as _};

use extract::{Extracted, NoText};
use tests::hostile::{bombs, portable};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::{corpus, read_in_peace};

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

/// More than is read of what is text from its first byte on.
const MOST_MARKUP: usize = 9 * 1024 * 1024;

#[tokio::test]
async fn what_is_cut_before_its_first_word_says_that_it_is_cut() {
    let blank = |begin: &str, unit: &str, end: &str| {
        [begin.as_bytes(), unit.repeat(MOST_MARKUP / unit.len()).as_bytes(), end.as_bytes()].concat()
    };
    for (name, document) in [
        ("a page, by a script", blank("<!doctype html><script>", "a()\n", "</script><p>Berth 42")),
        ("a page, by tags", blank("<!doctype html>", "<p class=x>", "Berth 42")),
        ("plain text", blank("", "\n", "Berth 42")),
        ("a table", blank("", "\t\n", "Berth\t42")),
        ("XML", blank("<?xml version=\"1.0\"?><a>", "<b></b>", "Berth 42</a>")),
        ("rich text", blank("{\\rtf1 ", "\\par ", "Berth 42}")),
        ("a message", blank("Date: today\nTo: somebody\n\n", "\n", "Berth 42")),
        (
            "an open document",
            bombs::odt(bombs::OFFICE, "<text:bookmark text:name=\"a\"/>", 1_200_000, "Berth 42"),
        ),
    ] {
        let Extracted { text, truncated, no_text, .. } = read_in_peace(&document).await.unwrap();
        assert_eq!((text.as_str(), no_text, truncated), ("", Some(NoText::NotFound), true), "{name}");
    }
}

#[tokio::test]
async fn what_is_cut_after_its_first_word_says_so_too_and_what_is_whole_does_not() {
    for (begin, unit) in [
        ("<!doctype html><p>Berth 42", "<p>more"),
        ("Berth 42", ", and more"),
        ("<?xml version=\"1.0\"?><a>Berth 42", "<b>more</b>"),
        ("{\\rtf1 Berth 42", "\\par more"),
        ("Date: today\nTo: somebody\n\nBerth 42", "more\n"),
    ] {
        // By what is read of it, and by the text that it may give.
        for length in [MOST_MARKUP, 5 * 1024 * 1024] {
            let long = format!("{begin}{}", unit.repeat(length / unit.len()));
            assert_cut(&read_in_peace(long.as_bytes()).await.unwrap(), "Berth 42");
        }
        let found = read_in_peace(format!("{begin}{}", unit.repeat(9)).as_bytes()).await.unwrap();
        assert!(found.text.contains("Berth 42") && !found.truncated, "{found:?}");
    }
}

/// Has this text, and more.
fn assert_cut(found: &Extracted, text: &str) {
    assert!(found.text.contains(text) && found.truncated, "{} {:.300}", found.truncated, found.text);
}

#[tokio::test]
async fn a_sheet_or_a_slide_that_can_not_be_read_is_missed() {
    let book = read_in_peace(&with_half("berths.xlsx", "xl/worksheets/sheet1.xml")).await.unwrap();
    assert_cut(&book, "Bücher");
    let slides = read_in_peace(&with_half("harbour.pptx", "ppt/slides/slide1.xml")).await.unwrap();
    assert_cut(&slides, "La bibliothèque");
}

#[tokio::test]
async fn a_page_that_can_not_be_read_is_missed() {
    let found = read_in_peace(&portable::lacking_a_page()).await.unwrap();
    assert_cut(&found, "again and again");
}

#[tokio::test]
async fn of_an_open_document_that_is_too_long_the_beginning_is_read() {
    // Long by what is no text, and with letters of three bytes at every place where it could be cut.
    let mark = "<text:bookmark text:name=\"日本語日本語日本語\"/>";
    let begin = format!("{}<text:p>Berth 42</text:p>", bombs::OFFICE);
    let found = read_in_peace(&bombs::odt(&begin, mark, 700_000, "<text:p>The end</text:p>")).await.unwrap();
    assert_cut(&found, "Berth 42");
    assert!(!found.text.contains("The end"));
}
