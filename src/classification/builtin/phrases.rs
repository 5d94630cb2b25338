//! Phrases that a document comes back to: names of topics that its owner might want.

use std::collections::HashMap;

use super::super::SUGGESTIONS;
use super::document::{Document, Passage};
use super::language::Language;
use super::vocabulary::Vocabulary;
use super::words;

/// A document of fewer words has no phrases.
const FEWEST: usize = 20;
/// As much of each passage is read, in bytes.
const MOST: usize = 64 * 1024;
/// What a phrase must count for.
const FREQUENT: f32 = 5.0;
/// A shorter word, in characters, is no phrase; pairs of a script without spaces are none either.
const SHORTEST: usize = 4;
/// How many words a phrase has, at most.
const LONGEST: usize = 3;
/// How long a name is, at most, in characters.
const NAME: usize = 64;

struct Phrase {
    /// As it stood first.
    spelling: String,
    stems: Vec<String>,
    count: f32,
}

/// The best [`SUGGESTIONS`], as names; none of a word that a topic has already.
pub fn of(document: &Document, language: &Language, vocabulary: &Vocabulary<'_>) -> Vec<String> {
    let words = document.passages.iter().flat_map(|passage| words::split(&passage.text));
    if words.take(FEWEST).count() < FEWEST {
        return Vec::new();
    }
    let mut phrases = counted(document, language, vocabulary);
    phrases.retain(|phrase| phrase.count >= FREQUENT && phrase.name().chars().count() <= NAME);
    phrases.sort_by(|a, b| b.weight().total_cmp(&a.weight()).then_with(|| a.stems.cmp(&b.stems)));
    let mut best: Vec<Phrase> = Vec::new();
    for phrase in phrases {
        let fresh = best.iter().all(|better| phrase.stems.iter().all(|stem| !better.stems.contains(stem)));
        if fresh && best.len() < usize::from(SUGGESTIONS) {
            best.push(phrase);
        }
    }
    best.iter().map(Phrase::name).collect()
}

impl Phrase {
    /// As a heading has it; what shouts is spoken.
    fn name(&self) -> String {
        let spoken = if self.spelling.contains(char::is_lowercase) {
            self.spelling.clone()
        } else {
            self.spelling.to_lowercase()
        };
        let mut rest = spoken.chars();
        rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
    }

    /// Of what comes back equally often, the longer says more.
    fn weight(&self) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "a weight")]
        let words = self.stems.len() as f32;
        self.count * words
    }
}

fn counted(document: &Document, language: &Language, vocabulary: &Vocabulary<'_>) -> Vec<Phrase> {
    let mut phrases: HashMap<Vec<String>, Phrase> = HashMap::new();
    for Passage { text, weight } in &document.passages {
        let (start, _) = text.split_at(text.floor_char_boundary(MOST));
        for run in words::stretches(start).flat_map(|stretch| runs(stretch, language, vocabulary)) {
            for part in (1..=LONGEST).flat_map(|length| run.windows(length)) {
                let stem = |word: &&str| language.stem(&word.to_lowercase()).into_owned();
                let stems: Vec<String> = part.iter().map(stem).collect();
                let new = || Phrase { spelling: part.join(" "), stems: stems.clone(), count: 0.0 };
                phrases.entry(stems.clone()).or_insert_with(new).count += weight;
            }
        }
    }
    phrases.into_values().collect()
}

/// The neighbours in a stretch that all may be of a name.
fn runs<'a>(stretch: &'a str, language: &Language, vocabulary: &Vocabulary<'_>) -> Vec<Vec<&'a str>> {
    let words: Vec<&str> = words::split(stretch).collect();
    let telling = |word: &&str| {
        let lower = word.to_lowercase();
        word.chars().count() >= SHORTEST
            && !word.contains(char::is_numeric)
            && !language.says_nothing(&lower)
            && vocabulary.find(&lower).0.is_empty()
    };
    words.split(|word| !telling(word)).filter(|run| !run.is_empty()).map(<[_]>::to_vec).collect()
}
