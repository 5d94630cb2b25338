#![doc = include_str!("../README.md")]

#[cfg(test)]
mod labelled;
mod language;
mod passages;
mod phrases;
#[cfg(test)]
mod tests;
mod vocabulary;
mod words;

use self::language::Language;
use self::passages::Passage;
use self::vocabulary::Vocabulary;

/// Names these rules. It changes with every change that changes answers.
pub const VERSION: &str = "builtin-2";

/// The evidence that a topic needs, whatever the others have: more than one word of a description that occurs
/// once in the text.
const MIN_EVIDENCE: f32 = 1.45;

/// The evidence of full confidence: the topic's name, and nothing else, in the filename or at the head of the
/// text.
const FULL_EVIDENCE: f32 = 3.0;

/// The evidence that a topic needs beside the best one, as a share of that one's.
const SHARE_OF_BEST: f32 = 0.5;

/// A document to classify. Everything may be empty.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// Its name, with an extension or without.
    pub filename: &'a str,
    /// Its media type, as it was declared.
    pub content_type: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// A topic that a document may be about.
#[derive(Clone, Copy, Debug)]
pub struct Topic<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it is about.
    pub description: &'a str,
}

/// A topic that fits a document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// Its index in the list of topics that was given.
    pub topic: usize,
    /// How well it fits, above 0 and up to 1. It is no probability.
    pub confidence: f32,
}

/// The classification of a document.
#[derive(Debug, PartialEq)]
pub struct Classification {
    /// The topics that fit, the best first.
    pub matches: Vec<Match>,
    /// Names for new topics, if none fits.
    pub suggestions: Vec<String>,
}

/// Classifies a document. Suggests up to `max_suggestions` names if no topic fits.
pub fn classify(document: Document<'_>, topics: &[Topic<'_>], max_suggestions: usize) -> Classification {
    let passages = passages::weigh(document);
    let described: String =
        topics.iter().flat_map(|topic| [topic.name, " ", topic.description, "\n"]).collect();
    let language = Language::detect(&[document.text, &described]);
    let vocabulary = Vocabulary::new(topics, &language);
    let matches = matches(&evidence(&passages, &vocabulary, topics.len()));
    let suggestions = if matches.is_empty() {
        phrases::suggest(&passages, &language, &vocabulary, max_suggestions)
    } else {
        Vec::new()
    };
    Classification { matches, suggestions }
}

/// The evidence for each topic. The more often a word occurs, the less its next occurrence adds.
fn evidence(passages: &[Passage], vocabulary: &Vocabulary<'_>, topics: usize) -> Vec<f32> {
    let mut counts = vec![0.0_f32; vocabulary.terms.len()];
    for (word, count) in passages::count_words(passages) {
        let (terms, clarity) = vocabulary.find(&word);
        for term in terms {
            counts.iter_mut().skip(term).take(1).for_each(|sum| *sum += count * clarity);
        }
    }
    let mut evidence = vec![0.0; topics];
    for (term, count) in vocabulary.terms.iter().zip(counts) {
        let added = term.weight * (1.0 + count).log2();
        evidence.iter_mut().skip(term.topic).take(1).for_each(|sum| *sum += added);
    }
    evidence
}

/// The topics with enough evidence, the best first; of equals, the first in the list.
fn matches(evidence: &[f32]) -> Vec<Match> {
    let best = evidence.iter().copied().fold(0.0, f32::max);
    let enough = MIN_EVIDENCE.max(best * SHARE_OF_BEST);
    let mut matches: Vec<Match> = evidence
        .iter()
        .enumerate()
        .filter(|(_, evidence)| **evidence >= enough)
        .map(|(topic, evidence)| Match { topic, confidence: evidence / best.max(FULL_EVIDENCE) })
        .collect();
    matches.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    matches
}
