//! Indexes the words of topics, with their weights.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::language::Language;
use crate::{TopicDescription, words};

/// The weight of all words of a topic's name together. A word of its description weighs 1.
const NAME_WEIGHT: f32 = 1.5;
/// The certainty that a compound stands for its first or last part, from 0 to 1. For a whole word it is 1.
const PART_CERTAINTY: f32 = 0.7;
/// The shortest part of a compound that counts, in characters. Shorter ones match by chance.
const MIN_PART_CHARS: usize = 4;
/// The fewest characters that a compound has besides a part that counts.
const MIN_REST_CHARS: usize = 3;

/// A word of a topic's name or description.
pub struct Term {
    /// The index of the topic in the list of topics.
    pub topic: usize,
    /// The evidence that the first occurrence of the word adds.
    pub weight: f32,
    /// Whether the word is part of the name, and not of the description.
    in_name: bool,
}

/// The words of all topics, indexed for documents in one language.
pub struct Vocabulary<'a> {
    /// The words of all topics, one topic after the other.
    pub terms: Vec<Term>,
    language: &'a Language,
    /// Two indexes of the terms: by the word, and by its stem.
    index: [HashMap<String, Vec<usize>>; 2],
}

impl<'a> Vocabulary<'a> {
    /// Indexes the words of these topics.
    pub fn new(topics: &[TopicDescription<'_>], language: &'a Language) -> Self {
        let mut all = Self { terms: Vec::new(), language, index: [HashMap::new(), HashMap::new()] };
        for (at, topic) in topics.iter().enumerate() {
            let first = all.terms.len();
            all.add_words(at, topic.name, true);
            #[expect(clippy::cast_precision_loss, reason = "a weight")]
            let words = (all.terms.len() - first) as f32;
            all.terms.iter_mut().skip(first).for_each(|term| term.weight = NAME_WEIGHT / words);
            all.add_words(at, topic.description, false);
        }
        all.divide_shared_weights();
        all
    }

    /// Adds the words of a name or a description, but not those that the topic already has.
    fn add_words(&mut self, topic: usize, text: &str, in_name: bool) {
        for word in words::split_words(&words::normalize(text)).map(str::to_lowercase) {
            let forms = self.forms(&word);
            let known = self.find_whole(&forms).into_iter().filter_map(|id| self.terms.get(id));
            if self.language.is_stop_word(&word) || known.into_iter().any(|term| term.topic == topic) {
                continue;
            }
            for (index, form) in self.index.iter_mut().zip(forms) {
                index.entry(form.into_owned()).or_default().push(self.terms.len());
            }
            self.terms.push(Term { topic, weight: 1.0, in_name });
        }
    }

    /// Divides the weight of each description word by the number of topics that have the word.
    fn divide_shared_weights(&mut self) {
        let mut most = vec![1; self.terms.len()];
        for ids in self.index.iter().flat_map(HashMap::values) {
            for &id in ids {
                if let Some(most) = most.get_mut(id) {
                    *most = ids.len().max(*most);
                }
            }
        }
        for (term, most) in self.terms.iter_mut().zip(most).filter(|(term, _)| !term.in_name) {
            #[expect(clippy::cast_precision_loss, reason = "a weight")]
            let share = most as f32;
            term.weight /= share;
        }
    }

    /// Finds the terms that a word, in lower case, stands for, and how certain that is (0 to 1). In a
    /// language with compounds, a word that no topic has stands for the terms that it begins or ends with.
    pub fn find(&self, word: &str) -> (Vec<usize>, f32) {
        let forms = self.forms(word);
        let whole = self.find_whole(&forms);
        if !whole.is_empty() || !self.language.has_compounds() {
            return (whole, 1.0);
        }
        let pairs = self.index.iter().zip(&forms);
        (
            merge_ids(
                pairs.flat_map(|(index, form)| compound_parts(form).filter_map(|part| index.get(part))),
            ),
            PART_CERTAINTY,
        )
    }

    /// The terms that equal the word or share its stem.
    fn find_whole(&self, forms: &[Cow<'_, str>; 2]) -> Vec<usize> {
        merge_ids(self.index.iter().zip(forms).filter_map(|(index, form)| index.get(form.as_ref())))
    }

    /// The two forms of a word that are looked up: the word, and its stem.
    fn forms<'w>(&self, word: &'w str) -> [Cow<'w, str>; 2] {
        [Cow::Borrowed(word), self.language.stem(word)]
    }
}

/// Joins lists of term ids, without repetitions, in ascending order.
fn merge_ids<'a>(lists: impl Iterator<Item = &'a Vec<usize>>) -> Vec<usize> {
    let mut ids: Vec<usize> = lists.flatten().copied().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The beginnings and ends of a compound that could be words themselves.
fn compound_parts(word: &str) -> impl Iterator<Item = &str> {
    let length = word.chars().count();
    word.char_indices().enumerate().flat_map(move |(before, (at, _))| {
        let (start, end) = word.split_at(at);
        let after = length - before;
        let start = (before >= MIN_PART_CHARS && after >= MIN_REST_CHARS).then_some(start);
        let end = (after >= MIN_PART_CHARS && before >= MIN_REST_CHARS).then_some(end);
        start.into_iter().chain(end)
    })
}
