//! Reading a hostile file ends in time, and the next document is read as usual.

use std::time::{Duration, Instant};

use extract::{Error, Extracted, MAX_TEXT};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tests::hostile::{inflating, nesting, pdf, repeating, sharing};

use crate::{corpus, read};

/// The time in which reading a file must end: twice the extractor's timeout, and a reserve for a busy
/// machine.
const MAX_TIME: Duration = Duration::from_secs(25);

/// Reads all files, and a good document after every tenth. Returns how many ended without text.
async fn read_all(files: Vec<(String, Vec<u8>)>) -> usize {
    let good = corpus::read_file("english.docx");
    let mut failed = 0;
    for (number, (name, bytes)) in files.iter().enumerate() {
        let began = Instant::now();
        let answer = read(bytes).await;
        assert!(began.elapsed() < MAX_TIME, "{name}: {:?}", began.elapsed());
        failed += usize::from(check_result(name, answer));
        if number % 10 == 0 {
            assert!(read(&good).await.unwrap().text.contains("Berth 42"), "after {name}");
        }
    }
    failed
}

/// Checks a result. Returns whether there is no text.
fn check_result(name: &str, answer: Result<Extracted, Error>) -> bool {
    match answer {
        Ok(Extracted { text, no_text, .. }) => {
            assert!(text.len() <= MAX_TEXT, "{name}");
            assert_eq!(text.is_empty(), no_text.is_some(), "{name}");
            text.is_empty()
        }
        Err(failure) => {
            assert!(matches!(failure, Error::Slow | Error::Exhausted | Error::Crashed), "{name}: {failure}");
            true
        }
    }
}

fn with_owned_names(files: Vec<(&'static str, Vec<u8>)>) -> Vec<(String, Vec<u8>)> {
    files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect()
}

#[tokio::test]
async fn reading_inflating_files_ends() {
    read_all(with_owned_names(inflating::all())).await;
}

#[tokio::test]
async fn reading_nested_and_long_files_ends() {
    read_all(with_owned_names(nesting::all())).await;
}

#[tokio::test]
async fn files_of_many_small_parts_are_read() {
    for (name, bytes) in nesting::frequent() {
        let text = read(&bytes).await.map(|answer| answer.text);
        assert!(text.as_ref().is_ok_and(|text| text.ends_with("Quay")), "{name}: {:?}", text.err());
    }
}

#[tokio::test]
async fn reading_pdf_files_with_cycles_ends() {
    let files = with_owned_names(pdf::all());
    assert!(read_all(files).await > 5);
}

#[tokio::test]
async fn files_with_many_like_parts_are_read() {
    for (name, bytes) in repeating::all() {
        let answer = read(&bytes).await;
        assert!(answer.as_ref().is_ok_and(|read| read.text.contains("again")), "{name}: {answer:.200?}");
    }
}

#[tokio::test]
async fn the_beginning_of_a_document_that_shows_a_part_again_and_again_is_read() {
    for (name, bytes) in sharing::all() {
        let answer = read(&bytes).await;
        let is_beginning = |read: &Extracted| read.text.starts_with("again") && read.truncated;
        assert!(answer.as_ref().is_ok_and(is_beginning), "{name}: {answer:.200?}");
    }
}

#[tokio::test]
async fn reading_cut_files_ends() {
    let files = cut_files();
    let count = files.len();
    assert!(count >= 200, "{count}");
    let failed = read_all(files).await;
    assert!(failed > 30 && failed < count - 30, "{failed} of {count}");
}

#[tokio::test]
async fn reading_damaged_files_ends() {
    read_all(damaged_files()).await;
}

#[tokio::test]
async fn reading_noise_ends() {
    assert!(read_all(noise_files()).await > 20);
}

/// Returns the files of the corpus, each cut at three lengths.
pub fn cut_files() -> Vec<(String, Vec<u8>)> {
    let parts = |(name, bytes): (String, Vec<u8>)| {
        [1, 4, 7].map(|part| (format!("{part}/8 of {name}"), bytes[..bytes.len() * part / 8].to_vec()))
    };
    corpus::read_files().into_iter().flat_map(parts).collect()
}

/// Returns the files of the corpus that are larger than 500 bytes, in each of which 20 bytes are overwritten
/// with random ones.
pub fn damaged_files() -> Vec<(String, Vec<u8>)> {
    let mut random = StdRng::seed_from_u64(7);
    let mut damage = |(name, mut bytes): (String, Vec<u8>)| {
        for _ in 0..20 {
            let place = random.random_range(0..bytes.len());
            bytes[place] = random.random();
        }
        (format!("damaged {name}"), bytes)
    };
    corpus::read_files().into_iter().filter(|(_, bytes)| bytes.len() > 500).map(&mut damage).collect()
}

/// Returns files that begin with the first bytes of a known format and continue with random bytes.
pub fn noise_files() -> Vec<(String, Vec<u8>)> {
    let mut random = StdRng::seed_from_u64(11);
    let heads: [&[u8]; 12] = [
        b"",
        b"%PDF-1.7\n",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"{\\rtf1 ",
        b"<!doctype html>",
        b"<?xml version=\"1.0\"?>",
        b"From: a\nSubject: b\n\n",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\x89PNG\r\n\x1a\n",
        b"\x1b$B",
    ];
    let mut noise = |(number, head): (usize, &&[u8])| {
        let mut noise = vec![0; random.random_range(1..200_000)];
        random.fill(&mut noise[..]);
        (format!("noise {number}"), [head, &noise[..]].concat())
    };
    heads.iter().cycle().take(72).enumerate().map(&mut noise).collect()
}
