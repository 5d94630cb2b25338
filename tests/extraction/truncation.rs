//! A text with missing parts is marked as truncated, whatever the reason.

use std::io::{Cursor, Read as _, Write as _};

use extract::{Extracted, NoText};
use tests::hostile::{inflating, pdf};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::{corpus, read_with_long_timeout};

/// Returns a document of the corpus in which one part is cut in half.
fn with_cut_part(name: &str, part: &str) -> Vec<u8> {
    let mut whole = ZipArchive::new(Cursor::new(corpus::read_file(name))).unwrap();
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

/// More bytes than the child reads of a text format.
const LONG_MARKUP: usize = 9 * 1024 * 1024;

#[tokio::test]
async fn a_document_cut_before_its_first_word_is_marked_as_truncated() {
    let blank = |begin: &str, unit: &str, end: &str| {
        [begin.as_bytes(), unit.repeat(LONG_MARKUP / unit.len()).as_bytes(), end.as_bytes()].concat()
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
            inflating::odt(inflating::ODT_BEGIN, "<text:bookmark text:name=\"a\"/>", 1_200_000, "Berth 42"),
        ),
    ] {
        let found = read_with_long_timeout(&document).await;
        let Extracted { text, truncated, no_text, .. } =
            found.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((text.as_str(), no_text, truncated), ("", Some(NoText::NotFound), true), "{name}");
    }
}

#[tokio::test]
async fn a_document_cut_after_its_first_word_is_marked_as_truncated_and_a_whole_one_is_not() {
    for (begin, unit) in [
        ("<!doctype html><p>Berth 42", "<p>more"),
        ("Berth 42", ", and more"),
        ("<?xml version=\"1.0\"?><a>Berth 42", "<b>more</b>"),
        ("{\\rtf1 Berth 42", "\\par more"),
        ("Date: today\nTo: somebody\n\nBerth 42", "more\n"),
    ] {
        // The first length exceeds the limit of what is read, the second the limit of the text.
        for length in [LONG_MARKUP, 5 * 1024 * 1024] {
            let long = format!("{begin}{}", unit.repeat(length / unit.len()));
            assert_truncated(&read_with_long_timeout(long.as_bytes()).await.unwrap(), "Berth 42");
        }
        let found = read_with_long_timeout(format!("{begin}{}", unit.repeat(9)).as_bytes()).await.unwrap();
        assert!(found.text.contains("Berth 42") && !found.truncated, "{found:?}");
    }
}

/// Asserts that the text was found and that more is missing.
fn assert_truncated(found: &Extracted, text: &str) {
    assert!(found.text.contains(text) && found.truncated, "{} {:.300}", found.truncated, found.text);
}

#[tokio::test]
async fn an_unreadable_sheet_or_slide_is_reported_as_truncation() {
    let book =
        read_with_long_timeout(&with_cut_part("berths.xlsx", "xl/worksheets/sheet1.xml")).await.unwrap();
    assert_truncated(&book, "Bücher");
    let slides =
        read_with_long_timeout(&with_cut_part("harbour.pptx", "ppt/slides/slide1.xml")).await.unwrap();
    assert_truncated(&slides, "La bibliothèque");
}

#[tokio::test]
async fn an_unreadable_pdf_page_is_reported_as_truncation() {
    let found = read_with_long_timeout(&pdf::with_broken_page()).await.unwrap();
    assert_truncated(&found, "again and again");
}

#[tokio::test]
async fn the_beginning_of_an_inflating_docx_is_read() {
    assert_truncated(
        &read_with_long_timeout(&inflating::inflating_docx()).await.unwrap(),
        "inflated inflated",
    );
}

#[tokio::test]
async fn the_end_of_a_long_odt_is_read() {
    let begin = format!("{}<text:p>Berth 42</text:p>", inflating::ODT_BEGIN);
    let line = "<text:p>A line of the middle of a long document.</text:p>";
    let long = inflating::odt(&begin, line, 60_000, "<text:p>The end</text:p>");
    let found = read_with_long_timeout(&long).await.unwrap();
    assert_truncated(&found, "Berth 42");
    assert!(found.text.trim_end().ends_with("The end"), "{}", found.text.len());
}

#[tokio::test]
async fn the_beginning_of_a_too_long_odt_is_read() {
    // Markup makes the document long. It has three-byte characters at every place where it could be cut.
    let mark = "<text:bookmark text:name=\"日本語日本語日本語\"/>";
    let begin = format!("{}<text:p>Berth 42</text:p>", inflating::ODT_BEGIN);
    let found = read_with_long_timeout(&inflating::odt(&begin, mark, 700_000, "<text:p>The end</text:p>"))
        .await
        .unwrap();
    assert_truncated(&found, "Berth 42");
    assert!(!found.text.contains("The end"));
}

#[tokio::test]
async fn an_archive_without_its_directory_is_read_and_is_marked_as_truncated() {
    for (name, phrase) in [
        ("english.docx", "Berth 42"),
        ("berths.xlsx", "Sea Holly"),
        ("harbour.pptx", "La bibliothèque"),
        ("french.odt", "La bibliothèque"),
        ("german-libreoffice.odt", "Apfelbäume"),
    ] {
        let mut bytes = corpus::read_file(name);
        let directory = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
        bytes.truncate(directory);
        assert_truncated(&read_with_long_timeout(&bytes).await.unwrap(), phrase);
    }
}

#[tokio::test]
async fn a_document_in_a_cut_archive_is_read_up_to_the_cut() {
    let line = |number: usize| format!("<w:p><w:r><w:t>Berth {number}</w:t></w:r></w:p>");
    let lines: String = (0..5000).map(line).collect();
    let whole = inflating::docx(inflating::DOCX_BEGIN, &lines, 1, "</w:body></w:document>");
    let found = read_with_long_timeout(&whole[..whole.len() / 2]).await.unwrap();
    assert_truncated(&found, "Berth 42");
    assert!(!found.text.contains("Berth 4999"), "the end is cut off");
}

#[tokio::test]
async fn an_archive_that_is_cut_off_or_damaged_is_read_up_to_there() {
    let cut = |name: &str| {
        let whole = corpus::read_file(name);
        let directory = whole.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
        whole[..directory - 20].to_vec()
    };
    let mut wrong_sum = corpus::read_file("letters.zip");
    let directory = wrong_sum.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    wrong_sum[directory + 16] ^= 1;
    let (german, russian) = ("Für die Übung im Mühlbach", "Яблоки и груши");
    for (document, phrase) in [(cut("letters.zip"), german), (cut("book.epub"), russian), (wrong_sum, german)]
    {
        assert_truncated(&read_with_long_timeout(&document).await.unwrap(), phrase);
    }
}
