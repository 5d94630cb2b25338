//! Finds phrases that a document repeats, and suggests them as names of new topics.

use std::collections::HashMap;

use crate::language::Language;
use crate::passages::Passage;
use crate::vocabulary::Vocabulary;
use crate::words;

/// The number of words in the shortest document for which names are suggested.
const MIN_DOCUMENT_WORDS: usize = 20;
/// The most bytes of a passage that are read.
const MAX_PASSAGE_BYTES: usize = 64 * 1024;
/// The lowest total weight of a phrase that is suggested.
const MIN_COUNT: f32 = 5.0;
/// The shortest word of a phrase, in characters. It excludes the pairs of characters that stand for words in
/// scripts without spaces.
const MIN_WORD_CHARS: usize = 4;
/// The most words of a phrase.
const MAX_WORDS: usize = 3;
/// The longest suggested name, in characters.
const MAX_NAME_CHARS: usize = 64;

/// Words that occur side by side, and their stems.
struct Phrase {
    /// The words as they are spelled where the phrase occurs first.
    spelling: String,
    stems: Vec<String>,
    /// The sum of the weights of all occurrences.
    count: f32,
}

/// Suggests the best `max` phrases as names. No two of them share a word, and none contains a word of a
/// topic.
pub fn suggest(
    passages: &[Passage],
    language: &Language,
    vocabulary: &Vocabulary<'_>,
    max: usize,
) -> Vec<String> {
    let words = passages.iter().flat_map(|passage| words::split_words(&passage.text));
    if words.take(MIN_DOCUMENT_WORDS).count() < MIN_DOCUMENT_WORDS {
        return Vec::new();
    }
    let mut phrases = collect_phrases(passages, language, vocabulary);
    phrases.retain(|phrase| phrase.count >= MIN_COUNT && phrase.name().chars().count() <= MAX_NAME_CHARS);
    phrases.sort_by(|a, b| b.value().total_cmp(&a.value()).then_with(|| a.stems.cmp(&b.stems)));
    let mut best: Vec<Phrase> = Vec::new();
    for phrase in phrases {
        let distinct = best.iter().all(|better| phrase.stems.iter().all(|stem| !better.stems.contains(stem)));
        if distinct && best.len() < max {
            best.push(phrase);
        }
    }
    best.iter().map(Phrase::name).collect()
}

impl Phrase {
    /// The phrase with a capital first letter. A phrase that is all in capitals is put in lower case first.
    fn name(&self) -> String {
        let lowered = if self.spelling.contains(char::is_lowercase) {
            self.spelling.clone()
        } else {
            self.spelling.to_lowercase()
        };
        let mut rest = lowered.chars();
        rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
    }

    /// The value of the phrase as a name. Of two phrases that occur equally often, the longer one is better.
    fn value(&self) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "a weight")]
        let words = self.stems.len() as f32;
        self.count * words
    }
}

/// Collects all phrases of the passages, with the weights of their occurrences.
fn collect_phrases(passages: &[Passage], language: &Language, vocabulary: &Vocabulary<'_>) -> Vec<Phrase> {
    let mut phrases: HashMap<Vec<String>, Phrase> = HashMap::new();
    for Passage { text, weight } in passages {
        let (start, _) = text.split_at(text.floor_char_boundary(MAX_PASSAGE_BYTES));
        for run in words::split_at_punctuation(start)
            .flat_map(|stretch| candidate_runs(stretch, language, vocabulary))
        {
            for part in (1..=MAX_WORDS).flat_map(|length| run.windows(length)) {
                let stem = |word: &&str| language.stem(&word.to_lowercase()).into_owned();
                let stems: Vec<String> = part.iter().map(stem).collect();
                let new = || Phrase { spelling: part.join(" "), stems: stems.clone(), count: 0.0 };
                phrases.entry(stems.clone()).or_insert_with(new).count += weight;
            }
        }
    }
    phrases.into_values().collect()
}

/// The longest sequences of words that can all be part of a name: no short words, no stop words, no words
/// with digits, no words of topics.
fn candidate_runs<'a>(
    stretch: &'a str,
    language: &Language,
    vocabulary: &Vocabulary<'_>,
) -> Vec<Vec<&'a str>> {
    let words: Vec<&str> = words::split_words(stretch).collect();
    let usable = |word: &&str| {
        let lower = word.to_lowercase();
        word.chars().count() >= MIN_WORD_CHARS
            && !word.contains(char::is_numeric)
            && !language.is_stop_word(&lower)
            && vocabulary.find(&lower).0.is_empty()
    };
    words.split(|word| !usable(word)).filter(|run| !run.is_empty()).map(<[_]>::to_vec).collect()
}
