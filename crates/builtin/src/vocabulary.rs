//! The words of the topics, and what each counts for.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::language::Language;
use crate::{Topic, words};

/// The weight of all words of a name together; a word of a description weighs 1.
const NAME: f32 = 1.5;
/// What a compound counts for as an occurrence of its first or last part.
const PART: f32 = 0.7;
/// The shortest part of a compound that counts, in characters. Shorter ones match by chance.
const SHORTEST: usize = 4;
/// The shortest rest of such a compound, in characters.
const OTHER: usize = 3;

/// A word of a topic.
pub struct Term {
    /// The index of the topic.
    pub topic: usize,
    /// The evidence that its first occurrence adds.
    pub weight: f32,
    /// Whether it is of the name, and not of the description.
    named: bool,
}

/// All words of all topics, indexed for documents in one language.
pub struct Vocabulary<'a> {
    /// The words of all topics, one topic after the other.
    pub terms: Vec<Term>,
    language: &'a Language,
    /// Terms by the word as it stands, and by its stem.
    index: [HashMap<String, Vec<usize>>; 2],
}

impl<'a> Vocabulary<'a> {
    /// Indexes the words of these topics.
    pub fn new(topics: &[Topic<'_>], language: &'a Language) -> Self {
        let mut all = Self { terms: Vec::new(), language, index: [HashMap::new(), HashMap::new()] };
        for (at, topic) in topics.iter().enumerate() {
            let first = all.terms.len();
            all.add(at, topic.name, true);
            #[expect(clippy::cast_precision_loss, reason = "a weight")]
            let words = (all.terms.len() - first) as f32;
            all.terms.iter_mut().skip(first).for_each(|term| term.weight = NAME / words);
            all.add(at, topic.description, false);
        }
        all.share();
        all
    }

    /// Adds the words that the topic does not have yet.
    fn add(&mut self, topic: usize, text: &str, named: bool) {
        for word in words::split(&words::composed(text)).map(str::to_lowercase) {
            let readings = self.readings(&word);
            let known = self.whole(&readings).into_iter().filter_map(|id| self.terms.get(id));
            if self.language.is_stop_word(&word) || known.into_iter().any(|term| term.topic == topic) {
                continue;
            }
            for (index, reading) in self.index.iter_mut().zip(readings) {
                index.entry(reading.into_owned()).or_default().push(self.terms.len());
            }
            self.terms.push(Term { topic, weight: 1.0, named });
        }
    }

    /// Divides the weight of a description's word by the number of topics that have it.
    fn share(&mut self) {
        let mut most = vec![1; self.terms.len()];
        for ids in self.index.iter().flat_map(HashMap::values) {
            for &id in ids {
                if let Some(most) = most.get_mut(id) {
                    *most = ids.len().max(*most);
                }
            }
        }
        for (term, most) in self.terms.iter_mut().zip(most).filter(|(term, _)| !term.named) {
            #[expect(clippy::cast_precision_loss, reason = "a weight")]
            let share = most as f32;
            term.weight /= share;
        }
    }

    /// The terms that a word in lower case stands for, and what it counts for, 0 to 1. In a language with
    /// compounds, a word that no topic has stands for the terms that it begins or ends with.
    pub fn find(&self, word: &str) -> (Vec<usize>, f32) {
        let readings = self.readings(word);
        let whole = self.whole(&readings);
        if !whole.is_empty() || !self.language.has_compounds() {
            return (whole, 1.0);
        }
        let pairs = self.index.iter().zip(&readings);
        (ids(pairs.flat_map(|(index, reading)| parts(reading).filter_map(|part| index.get(part)))), PART)
    }

    fn whole(&self, readings: &[Cow<'_, str>; 2]) -> Vec<usize> {
        ids(self.index.iter().zip(readings).filter_map(|(index, reading)| index.get(reading.as_ref())))
    }

    /// A word as it stands, and its stem.
    fn readings<'w>(&self, word: &'w str) -> [Cow<'w, str>; 2] {
        [Cow::Borrowed(word), self.language.stem(word)]
    }
}

/// The ids of all lists, each once, in ascending order.
fn ids<'a>(lists: impl Iterator<Item = &'a Vec<usize>>) -> Vec<usize> {
    let mut ids: Vec<usize> = lists.flatten().copied().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The beginnings and ends of a word that may be words.
fn parts(word: &str) -> impl Iterator<Item = &str> {
    let length = word.chars().count();
    word.char_indices().enumerate().flat_map(move |(before, (at, _))| {
        let (start, end) = word.split_at(at);
        let after = length - before;
        let start = (before >= SHORTEST && after >= OTHER).then_some(start);
        let end = (after >= SHORTEST && before >= OTHER).then_some(end);
        start.into_iter().chain(end)
    })
}
