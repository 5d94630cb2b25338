//! A document as the provider reads it: passages, each with what its words count for.

use std::collections::BTreeMap;

use super::super::Job;
use super::super::text::Text;
use super::words;

/// A word of the filename or of the text's head counts for so many.
const TITLE: f32 = 3.0;
/// How long the head of a text is, in characters.
const HEAD: usize = 80;
/// Each word of the rest counts for one, but all of them together for no more than this.
const REST: f32 = 200.0;

/// A part of a document, and what each of its words counts for.
pub struct Passage {
    /// Composed.
    pub text: String,
    /// What a word counts for.
    pub weight: f32,
}

/// What there is to read.
pub struct Document {
    /// Filename, type, head and rest.
    pub passages: [Passage; 4],
}

impl Document {
    /// The text, and what is said about it.
    pub fn new(job: &Job, text: &Text) -> Self {
        let name = job.filename.rsplit_once('.').map_or(job.filename.as_str(), |(stem, _)| stem);
        let (head, rest) = beheaded(&text.content);
        let rest = words::composed(rest);
        #[expect(clippy::cast_precision_loss, reason = "a weight")]
        let diluted = REST / words::split(&rest).count().max(1) as f32;
        let passage = |text: &str, weight| Passage { text: words::composed(text), weight };
        Self {
            passages: [
                passage(&words::spaced(name), TITLE),
                passage(kind(&job.content_type), 1.0),
                passage(head, TITLE),
                Passage { text: rest, weight: diluted.min(1.0) },
            ],
        }
    }

    /// What each word counts for, in an order that is always the same.
    pub fn counts(&self) -> BTreeMap<String, f32> {
        let mut counts = BTreeMap::new();
        for passage in &self.passages {
            for word in words::split(&passage.text) {
                *counts.entry(word.to_lowercase()).or_insert(0.0) += passage.weight;
            }
        }
        counts
    }
}

/// Parts a text after the last word of its head.
fn beheaded(text: &str) -> (&str, &str) {
    let Some((longest, _)) = text.char_indices().nth(HEAD) else { return (text, "") };
    let (head, _) = text.split_at(longest);
    text.split_at(head.rfind(char::is_whitespace).unwrap_or(longest))
}

/// What a media type says to people: `image/png` that it is an image, `application/pdf` only that it is PDF.
fn kind(content_type: &str) -> &str {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.strip_prefix("application/").or_else(|| essence.strip_prefix("text/")).unwrap_or(essence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_ends_with_a_word() {
        let long = format!("{}tail", "word ".repeat(16));
        assert_eq!(beheaded(&long), long.split_at(79));
        assert_eq!(beheaded("short"), ("short", ""));
        let one = "ü".repeat(HEAD + 1);
        assert_eq!(beheaded(&one), one.split_at(2 * HEAD));
    }

    #[test]
    fn no_format_is_an_application() {
        for (content_type, said) in
            [("application/pdf", "pdf"), ("image/png; a=b", "image/png"), ("text/plain", "plain"), ("", "")]
        {
            assert_eq!(kind(content_type), said);
        }
    }
}
