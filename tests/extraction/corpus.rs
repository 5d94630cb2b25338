//! The corpus has files made by real programs, and the text that must be found in each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use extract::{Extracted, Format, NoText};
use serde::Deserialize;

use crate::read;

/// The expected result for a file.
#[derive(Deserialize)]
struct Expected {
    format: Format,
    #[serde(default)]
    phrases: Vec<String>,
    #[serde(default)]
    absent: Vec<String>,
    no_text: Option<NoText>,
}

fn corpus_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn read_expected() -> BTreeMap<String, Expected> {
    serde_json::from_slice(&std::fs::read(corpus_folder().join("expected.json")).unwrap()).unwrap()
}

/// Returns every file of the corpus, by name.
pub fn read_files() -> BTreeMap<String, Vec<u8>> {
    read_expected().into_keys().map(|name| (name.clone(), read_file(&name))).collect()
}

/// One file of the corpus.
pub fn read_file(name: &str) -> Vec<u8> {
    std::fs::read(corpus_folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Describes how a result differs from the expected one. Returns `None` if it does not.
fn describe_difference(expected: &Expected, found: &Extracted) -> Option<String> {
    if (expected.format, expected.no_text) != (found.format, found.no_text) {
        return Some(format!("is {:?}, {:?}", found.format, found.no_text));
    }
    let text = found.text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(phrase) = expected.absent.iter().find(|phrase| text.contains(*phrase)) {
        return Some(format!("shows {phrase:?}"));
    }
    let phrase = expected.phrases.iter().find(|phrase| !text.contains(*phrase))?;
    Some(format!("lacks {phrase:?} in {:?}", text.chars().take(300).collect::<String>()))
}

#[tokio::test]
async fn every_file_gives_its_phrases_or_its_reason_for_no_text() {
    let mut failed = Vec::new();
    for (name, expected) in read_expected() {
        let found = read(&read_file(&name)).await.unwrap_or_else(|failure| panic!("{name}: {failure}"));
        assert!(!found.truncated, "{name}");
        failed.extend(describe_difference(&expected, &found).map(|what| format!("{name} {what}")));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn every_file_of_the_corpus_is_listed_and_every_format_has_one() {
    let listed: Vec<String> = read_expected().into_keys().collect();
    let folder = std::fs::read_dir(corpus_folder())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut present: Vec<String> =
        folder.filter(|name| name != "expected.json" && !name.ends_with(".py")).collect();
    present.sort_unstable();
    assert_eq!(present, listed);
    for ending in [
        "pdf", "docx", "xlsx", "xlsb", "pptx", "doc", "xls", "ppt", "odt", "ods", "odp", "odg", "ott", "ots",
        "sxw", "fodt", "vsdx", "xps", "pub", "hwp", "hwpx", "rtf", "html", "eml", "msg", "md", "csv", "json",
        "xml", "txt",
    ] {
        assert!(listed.iter().any(|name| name.ends_with(ending)), "{ending}");
    }
}

#[tokio::test]
async fn a_long_text_keeps_its_beginning_and_end_and_is_marked_as_truncated() {
    let middle = "A line of the middle.\n".repeat(200_000);
    let found = read(format!("The first line.\n{middle}The last line.\n").as_bytes()).await.unwrap();
    assert!(found.truncated);
    assert!(found.text.starts_with("The first line.\n") && found.text.ends_with("The last line."));
    assert!(found.text.len() <= extract::MAX_TEXT);
}
