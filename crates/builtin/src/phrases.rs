//! Phrases that a document repeats: they are suggested as names of new topics.

use std::collections::HashMap;

use crate::language::Language;
use crate::passages::Passage;
use crate::vocabulary::Vocabulary;
use crate::words;

/// The fewest words of a document from which names are suggested.
const FEWEST: usize = 20;
/// How much of each passage is read, in bytes.
const MOST: usize = 64 * 1024;
/// The lowest count of a phrase that is suggested.
const FREQUENT: f32 = 5.0;
/// The shortest word of a phrase, in characters. It leaves out the pairs of scripts without spaces.
const SHORTEST: usize = 4;
/// The most words of a phrase.
const LONGEST: usize = 3;
/// The longest suggested name, in characters.
const NAME: usize = 64;

struct Phrase {
    /// The spelling of its first occurrence.
    spelling: String,
    stems: Vec<String>,
    count: f32,
}

/// The best `max` phrases, as names. No two share a word, and none has a word of a topic.
pub fn suggest(
    passages: &[Passage],
    language: &Language,
    vocabulary: &Vocabulary<'_>,
    max: usize,
) -> Vec<String> {
    let words = passages.iter().flat_map(|passage| words::split(&passage.text));
    if words.take(FEWEST).count() < FEWEST {
        return Vec::new();
    }
    let mut phrases = count(passages, language, vocabulary);
    phrases.retain(|phrase| phrase.count >= FREQUENT && phrase.name().chars().count() <= NAME);
    phrases.sort_by(|a, b| b.weight().total_cmp(&a.weight()).then_with(|| a.stems.cmp(&b.stems)));
    let mut best: Vec<Phrase> = Vec::new();
    for phrase in phrases {
        let fresh = best.iter().all(|better| phrase.stems.iter().all(|stem| !better.stems.contains(stem)));
        if fresh && best.len() < max {
            best.push(phrase);
        }
    }
    best.iter().map(Phrase::name).collect()
}

impl Phrase {
    /// With a capital first letter. A phrase all in capitals is lowered.
    fn name(&self) -> String {
        let lowered = if self.spelling.contains(char::is_lowercase) {
            self.spelling.clone()
        } else {
            self.spelling.to_lowercase()
        };
        let mut rest = lowered.chars();
        rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
    }

    /// Of two phrases that occur equally often, the longer one is the better name.
    fn weight(&self) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "a weight")]
        let words = self.stems.len() as f32;
        self.count * words
    }
}

/// All phrases, with what their occurrences count for.
fn count(passages: &[Passage], language: &Language, vocabulary: &Vocabulary<'_>) -> Vec<Phrase> {
    let mut phrases: HashMap<Vec<String>, Phrase> = HashMap::new();
    for Passage { text, weight } in passages {
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

/// Words of a stretch that stand side by side and may all be part of a name.
fn runs<'a>(stretch: &'a str, language: &Language, vocabulary: &Vocabulary<'_>) -> Vec<Vec<&'a str>> {
    let words: Vec<&str> = words::split(stretch).collect();
    let telling = |word: &&str| {
        let lower = word.to_lowercase();
        word.chars().count() >= SHORTEST
            && !word.contains(char::is_numeric)
            && !language.is_stop_word(&lower)
            && vocabulary.find(&lower).0.is_empty()
    };
    words.split(|word| !telling(word)).filter(|run| !run.is_empty()).map(<[_]>::to_vec).collect()
}
