//! The owner of a document in a format that is not read is told the name of the format.

use std::io::{Cursor, Write as _};

use extract::{Format, NoText};
use serde_json::json;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::classified_documents::vault_with_topics;
use crate::read;

/// A file that begins with these bytes. The rest is no text.
fn begin(sign: &[u8]) -> Vec<u8> {
    [sign, &(0..3000_u32).map(|n| ((n * n + 7 * n) % 251) as u8).collect::<Vec<_>>()].concat()
}

async fn assert_named(bytes: &[u8], name: &str) {
    let found = read(bytes).await.unwrap();
    assert_eq!((found.format, found.no_text), (Format::Unknown, Some(NoText::UnknownFormat)), "{name}");
    assert_eq!(found.unread_format.as_deref(), Some(name));
}

fn compound(stream: &str) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream(stream).unwrap().write_all(&begin(b"")).unwrap();
    file.into_inner().into_inner()
}

fn archive(names: &[&str]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for name in names {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(&begin(b"")).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[tokio::test]
async fn a_format_that_is_not_read_is_named_even_if_most_of_its_bytes_are_letters() {
    let letters = b"The harbour master asks for the papers of berth 42. ".repeat(60);
    let signs: [(&[u8], &str); 13] = [
        (b"\xffWPC\x10\0\0\0\x01\x2c\x03\x00", "WordPerfect"),
        (b"\xa1\x2f\xff\x43\xd9\xef\x76\x4c\x9e\xe2\x10\xea\x57\x22\x76\x5f", "OneNote table of contents"),
        (b"!BDN\x01\x02\x03\x04SM\x17\0", "Outlook data file"),
        (b"\0\x01\0\0Standard Jet DB\0", "Access"),
        (b"\0\x01\0\0Standard ACE DB\0", "Access"),
        (b"\xdb\xa5\x2d\0\0\0", "Word 2"),
        (b"\x09\x04\x06\0\0\0\x10\0", "Excel before 5"),
        (b"\xff\0\x02\0\x04\x04\x05\x54\x02\0", "Works"),
        (b"\0\0\x1a\0\x02\x10\x04\0", "Lotus 1-2-3"),
        (b"\0\0\x02\0\x06\x04\x06\0", "Lotus 1-2-3"),
        (b"\0\0\x02\0\x20\x51\0\0", "Quattro Pro"),
        (b"Rar!\x1a\x07\x01\0", "RAR"),
        (b"\0\0\0\x18ftypisom", "MP4"),
    ];
    for (sign, name) in signs {
        assert_named(&begin(sign), name).await;
        assert_named(&[sign, &letters].concat(), name).await;
    }
}

#[tokio::test]
async fn a_container_of_a_format_that_is_not_read_is_named() {
    for (bytes, name) in [
        (compound("VisioDocument"), "Visio before 2013"),
        (compound("MatOST"), "Works"),
        (compound("StarWriterDocument"), "StarOffice"),
        (compound("Props14"), "Project"),
        (compound("PerfectOffice_MAIN"), "Quattro Pro or Presentations"),
    ] {
        assert_named(&bytes, name).await;
    }
}

#[tokio::test]
async fn a_format_without_a_name_has_none() {
    for bytes in [begin(b""), compound("Another"), archive(&["mimetype"]), b"Some text.".to_vec()] {
        assert_eq!(read(&bytes).await.unwrap().unread_format, None, "{bytes:?}");
    }
}

#[tokio::test]
async fn a_text_may_begin_like_a_format_that_is_not_read() {
    for text in ["!BDN is no code of ours.", "ITSF, a report", "The BOBO of berth 42"] {
        let found = read(text.as_bytes()).await.unwrap();
        assert_eq!((found.format, found.text.as_str()), (Format::Text, text));
    }
}

#[tokio::test]
async fn a_compound_file_that_cannot_be_opened_is_damaged() {
    let whole = compound("WordDocument");
    let found = read(&whole[..whole.len() / 2]).await.unwrap();
    assert_eq!((found.format, found.no_text), (Format::Office97, Some(NoText::Damaged)));
}

#[tokio::test]
async fn the_owner_is_told_the_name_of_the_format() {
    let (vault, alice) = vault_with_topics(&["Tax"]).await;
    let upload = alice.store_confirmed("a.pst", &begin(b"!BDN\x01\x02\x03\x04SM")).await;
    assert_eq!(vault.classify(&[vault.put_notification(upload.document_id).await]).await, [0_usize; 0]);
    let document = alice.get(&format!("/api/documents/{}", upload.document_id)).await.expect(200);
    let classification = &document["classification"];
    assert_eq!(
        (&classification["without_text"], &classification["unread_format"]),
        (&json!("unknown_format"), &json!("Outlook data file"))
    );
}
