//! Files that are made to hurt: each ends by itself, within its time, and the next document is read as ever.

use std::time::{Duration, Instant};

use extract::{Error, Extracted, MAX_TEXT};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tests::hostile::{bombs, nests, portable};

use crate::{corpus, read};

/// Twice the extractor's patience, and something for a busy machine.
const LONGEST: Duration = Duration::from_secs(25);

/// Reads them all, with a good document after every tenth. How many ended without text, each for a reason.
async fn survive(files: Vec<(String, Vec<u8>)>) -> usize {
    let good = corpus::file("english.docx");
    let mut failed = 0;
    for (number, (name, bytes)) in files.iter().enumerate() {
        let began = Instant::now();
        let answer = read(bytes).await;
        assert!(began.elapsed() < LONGEST, "{name}: {:?}", began.elapsed());
        failed += usize::from(check(name, answer));
        if number % 10 == 0 {
            assert!(read(&good).await.unwrap().text.contains("Berth 42"), "after {name}");
        }
    }
    failed
}

/// Whether there is no text, for a reason that is the document's own.
fn check(name: &str, answer: Result<Extracted, Error>) -> bool {
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

fn named(files: Vec<(&'static str, Vec<u8>)>) -> Vec<(String, Vec<u8>)> {
    files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect()
}

#[tokio::test]
async fn bombs_end() {
    survive(named(bombs::all())).await;
}

#[tokio::test]
async fn nests_and_endless_lines_end() {
    survive(named(nests::all())).await;
}

#[tokio::test]
async fn circles_end() {
    let files = named(portable::all());
    assert!(survive(files).await > 5);
}

#[tokio::test]
async fn files_that_were_cut_end() {
    let files = cut();
    let count = files.len();
    assert!(count >= 200, "{count}");
    let failed = survive(files).await;
    assert!(failed > 30 && failed < count - 30, "{failed} of {count}");
}

#[tokio::test]
async fn files_that_were_damaged_end() {
    survive(damaged()).await;
}

#[tokio::test]
async fn noise_ends() {
    assert!(survive(noise()).await > 20);
}

/// The files of the corpus, each cut at three places.
pub fn cut() -> Vec<(String, Vec<u8>)> {
    let parts = |(name, bytes): (String, Vec<u8>)| {
        [1, 4, 7].map(|part| (format!("{part}/8 of {name}"), bytes[..bytes.len() * part / 8].to_vec()))
    };
    corpus::files().into_iter().flat_map(parts).collect()
}

/// The files of the corpus, each with other bytes at some places.
pub fn damaged() -> Vec<(String, Vec<u8>)> {
    let mut random = StdRng::seed_from_u64(7);
    let mut damage = |(name, mut bytes): (String, Vec<u8>)| {
        for _ in 0..20 {
            let place = random.random_range(0..bytes.len());
            bytes[place] = random.random();
        }
        (format!("damaged {name}"), bytes)
    };
    corpus::files().into_iter().filter(|(_, bytes)| bytes.len() > 500).map(&mut damage).collect()
}

/// Bytes by chance, behind what formats begin with.
pub fn noise() -> Vec<(String, Vec<u8>)> {
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
