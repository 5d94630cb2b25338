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

/// The version of the classifier, which is stored with a classification. It changes whenever answers change.
pub const VERSION: &str = "builtin-2";

/// The least evidence with which a document gets a topic. One word of the topic's description that occurs
/// once, after the head of the text, is not enough.
const MIN_EVIDENCE: f32 = 1.45;

/// The evidence for a confidence of 1: the filename, or the head of the text, is exactly the topic's name.
const FULL_EVIDENCE: f32 = 3.0;

/// The evidence that a topic needs as a share of the best topic's evidence.
const SHARE_OF_BEST: f32 = 0.5;

/// The content of a document. Each field may be empty.
#[derive(Clone, Copy, Debug)]
pub struct DocumentContent<'a> {
    /// The filename, with or without an extension.
    pub filename: &'a str,
    /// The media type that the client declared.
    pub content_type: &'a str,
    /// The extracted text.
    pub text: &'a str,
}

/// A topic that a document may be about, as a name and a description.
#[derive(Clone, Copy, Debug)]
pub struct TopicDescription<'a> {
    /// The name of the topic.
    pub name: &'a str,
    /// A description of the topic in words that its documents use.
    pub description: &'a str,
}

/// A topic that fits a document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// The index of the topic in the list that was given.
    pub topic: usize,
    /// The degree to which the topic fits, above 0 and up to 1. It is not a probability.
    pub confidence: f32,
}

/// The classification of a document.
#[derive(Debug, PartialEq)]
pub struct Classification {
    /// The topics that fit, the best first.
    pub matches: Vec<Match>,
    /// Suggested names for new topics. Empty if a topic fits.
    pub suggestions: Vec<String>,
}

/// Classifies a document by the words of the topics. If no topic fits, it suggests up to `max_suggestions`
/// names for new ones.
pub fn classify(
    document: DocumentContent<'_>,
    topics: &[TopicDescription<'_>],
    max_suggestions: usize,
) -> Classification {
    let passages = passages::divide(document);
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

/// Computes the evidence for each topic. Every further occurrence of a word adds less.
fn evidence(passages: &[Passage], vocabulary: &Vocabulary<'_>, topics: usize) -> Vec<f32> {
    let mut counts = vec![0.0_f32; vocabulary.terms.len()];
    for (word, count) in passages::count_words(passages) {
        let (terms, certainty) = vocabulary.find(&word);
        for term in terms {
            counts.iter_mut().skip(term).take(1).for_each(|sum| *sum += count * certainty);
        }
    }
    let mut evidence = vec![0.0; topics];
    for (term, count) in vocabulary.terms.iter().zip(counts) {
        let added = term.weight * (1.0 + count).log2();
        evidence.iter_mut().skip(term.topic).take(1).for_each(|sum| *sum += added);
    }
    evidence
}

/// The topics with enough evidence, the best first. Topics with equal evidence keep their order.
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
