//! Phrases that a document comes back to: names of topics that its owner might want.

use std::collections::HashMap;

use super::super::SUGGESTIONS;
use super::document::Document;
use super::language::Language;
use super::vocabulary::Vocabulary;
use super::words;

/// A document of fewer words has no phrases.
const FEWEST: usize = 20;
/// As much of each passage is read, in bytes.
const MOST: usize = 64 * 1024;
/// What a phrase must count for.
const FREQUENT: f32 = 5.0;
/// A shorter word, in characters, is no phrase.
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
    let mut phrases = counted(document, language, vocabulary);
    phrases.retain(|phrase| phrase.count >= FREQUENT);
    phrases.sort_by(|a, b| b.weight().total_cmp(&a.weight()).then_with(|| a.stems.cmp(&b.stems)));
    let mut best: Vec<Phrase> = Vec::new();
    for phrase in phrases {
        let fresh = best.iter().all(|better| phrase.stems.iter().all(|stem| !better.stems.contains(stem)));
        if fresh && best.len() < SUGGESTIONS {
            best.push(phrase);
        }
    }
    best.iter()
        .map(|phrase| capitalised(&phrase.spelling))
        .filter(|name| name.chars().count() <= NAME)
        .collect()
}

impl Phrase {
    /// Of what comes back equally often, the longer says more.
    fn weight(&self) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "a weight")]
        let words = self.stems.len() as f32;
        self.count * words
    }
}

fn counted(document: &Document, language: &Language, vocabulary: &Vocabulary<'_>) -> Vec<Phrase> {
    if document.passages.iter().map(|passage| words::split(&passage.text).take(FEWEST).count()).sum::<usize>()
        < FEWEST
    {
        return Vec::new();
    }
    let mut phrases: HashMap<Vec<String>, Phrase> = HashMap::new();
    for passage in &document.passages {
        for stretch in words::stretches(start(&passage.text)) {
            for run in runs(stretch, language, vocabulary) {
                for (at, _) in run.iter().enumerate() {
                    for length in 1..=LONGEST {
                        let Some(part) = run.get(at..at + length) else { continue };
                        let stems: Vec<String> = part
                            .iter()
                            .map(|word| language.stem(&word.to_lowercase()).into_owned())
                            .collect();
                        let new = || Phrase { spelling: part.join(" "), stems: stems.clone(), count: 0.0 };
                        phrases.entry(stems.clone()).or_insert_with(new).count += passage.weight;
                    }
                }
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
            && word.chars().all(|c| !c.is_numeric() && !words::unspaced(c))
            && !language.says_nothing(&lower)
            && vocabulary.find(&lower).0.is_empty()
    };
    words.split(|word| !telling(word)).filter(|run| !run.is_empty()).map(<[_]>::to_vec).collect()
}

fn start(text: &str) -> &str {
    let end = (0..=MOST.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or_default();
    text.get(..end).unwrap_or_default()
}

/// As a heading has it; what shouts is spoken.
fn capitalised(phrase: &str) -> String {
    let spoken =
        if phrase.chars().any(char::is_lowercase) { phrase.to_owned() } else { phrase.to_lowercase() };
    let mut rest = spoken.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}
