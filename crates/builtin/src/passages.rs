//! The passages of a document, and what their words count for.

use std::collections::BTreeMap;

use mime::Mime;

use crate::{Document, words};

/// What a word of the filename or of the text's head counts for.
const TITLE: f32 = 3.0;
/// How long the head of a text is, in characters.
const HEAD: usize = 80;
/// Each word of the rest counts for one, but all of them together for no more than this.
const REST: f32 = 200.0;

/// A part of a document.
pub struct Passage {
    /// Its text, composed.
    pub text: String,
    /// What each of its words counts for.
    pub weight: f32,
}

/// Divides a document into filename, type, head and rest.
pub fn weigh(document: Document<'_>) -> [Passage; 4] {
    let name = document.filename.rsplit_once('.').map_or(document.filename, |(stem, _)| stem);
    let (head, rest) = split_head(document.text);
    let rest = words::composed(rest);
    #[expect(clippy::cast_precision_loss, reason = "a weight")]
    let diluted = REST / words::split(&rest).count().max(1) as f32;
    let passage = |text: &str, weight| Passage { text: words::composed(text), weight };
    [
        passage(&words::spaced(name), TITLE),
        passage(&telling_part(document.content_type), 1.0),
        passage(head, TITLE),
        Passage { text: rest, weight: diluted.min(1.0) },
    ]
}

/// What each word counts for, in lower case and always in the same order.
pub fn count_words(passages: &[Passage]) -> BTreeMap<String, f32> {
    let mut counts = BTreeMap::new();
    for passage in passages {
        for word in words::split(&passage.text) {
            *counts.entry(word.to_lowercase()).or_insert(0.0) += passage.weight;
        }
    }
    counts
}

/// Splits a text after the last whole word of its head.
fn split_head(text: &str) -> (&str, &str) {
    let Some((longest, _)) = text.char_indices().nth(HEAD) else { return (text, "") };
    let (head, _) = text.split_at(longest);
    text.split_at(head.rfind(char::is_whitespace).unwrap_or(longest))
}

/// The words of a media type that describe a document: `image/png` says that it is an image,
/// `application/pdf` only that it is PDF.
fn telling_part(content_type: &str) -> String {
    let Ok(media_type) = content_type.parse::<Mime>() else { return String::new() };
    let essence = media_type.essence_str();
    let part = essence.strip_prefix("application/").or_else(|| essence.strip_prefix("text/"));
    part.unwrap_or(essence).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_ends_with_a_whole_word() {
        let long = format!("{}tail", "word ".repeat(16));
        assert_eq!(split_head(&long), long.split_at(79));
        assert_eq!(split_head("short"), ("short", ""));
        let one = "ü".repeat(HEAD + 1);
        assert_eq!(split_head(&one), one.split_at(2 * HEAD));
    }

    #[test]
    fn application_and_text_describe_no_document() {
        for (content_type, part) in
            [("application/pdf", "pdf"), ("image/png; a=b", "image/png"), ("text/plain", "plain"), ("", "")]
        {
            assert_eq!(telling_part(content_type), part);
        }
    }
}
