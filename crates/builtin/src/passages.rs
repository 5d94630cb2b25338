//! Divides a document into passages, and weighs their words.

use std::collections::BTreeMap;

use mime::Mime;

use crate::{DocumentContent, words};

/// The weight of a word in the filename or in the head of the text.
const TITLE_WEIGHT: f32 = 3.0;
/// The length of the head of a text, in characters.
const HEAD_CHARS: usize = 80;
/// The most that all words after the head weigh together. Each of them weighs 1, or less if the text has more
/// words than this.
const MAX_REST_WEIGHT: f32 = 200.0;

/// A part of a document whose words have the same weight.
pub struct Passage {
    /// The text, normalized by [`words::normalize`].
    pub text: String,
    /// The weight of each word.
    pub weight: f32,
}

/// Divides a document into four passages: filename, media type, head and rest.
pub fn divide(document: DocumentContent<'_>) -> [Passage; 4] {
    let name = document.filename.rsplit_once('.').map_or(document.filename, |(stem, _)| stem);
    let (head, rest) = split_head(document.text);
    let rest = words::normalize(rest);
    #[expect(clippy::cast_precision_loss, reason = "a weight")]
    let diluted = MAX_REST_WEIGHT / words::split_words(&rest).count().max(1) as f32;
    let passage = |text: &str, weight| Passage { text: words::normalize(text), weight };
    [
        passage(&words::split_filename(name), TITLE_WEIGHT),
        passage(&descriptive_part(document.content_type), 1.0),
        passage(head, TITLE_WEIGHT),
        Passage { text: rest, weight: diluted.min(1.0) },
    ]
}

/// The total weight of each word. The words are in lower case and sorted, so that results do not vary.
pub fn count_words(passages: &[Passage]) -> BTreeMap<String, f32> {
    let mut counts = BTreeMap::new();
    for passage in passages {
        for word in words::split_words(&passage.text) {
            *counts.entry(word.to_lowercase()).or_insert(0.0) += passage.weight;
        }
    }
    counts
}

/// Splits a text into its head and the rest, at the end of a word.
fn split_head(text: &str) -> (&str, &str) {
    let Some((longest, _)) = text.char_indices().nth(HEAD_CHARS) else { return (text, "") };
    let (head, _) = text.split_at(longest);
    text.split_at(head.rfind(char::is_whitespace).unwrap_or(longest))
}

/// The words of a media type that describe a document. `image/png` says that it is an image, but in
/// `application/pdf` only `pdf` says anything.
fn descriptive_part(content_type: &str) -> String {
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
        let one = "ü".repeat(HEAD_CHARS + 1);
        assert_eq!(split_head(&one), one.split_at(2 * HEAD_CHARS));
    }

    #[test]
    fn application_and_text_in_a_media_type_are_left_out() {
        for (content_type, part) in
            [("application/pdf", "pdf"), ("image/png; a=b", "image/png"), ("text/plain", "plain"), ("", "")]
        {
            assert_eq!(descriptive_part(content_type), part);
        }
    }
}
