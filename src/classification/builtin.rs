//! The provider without a network: a topic fits where the words of its name and description stand in the document.
//! Deterministic. What it is worth, `docs/BUILTIN.md` tells.

mod document;
#[cfg(test)]
mod labelled;
mod language;
mod phrases;
#[cfg(test)]
mod tests;
mod vocabulary;
mod words;

use std::cmp::Ordering;

use self::document::Document;
use self::language::Language;
use self::vocabulary::Vocabulary;
use super::text::Text;
use super::{Job, Match, Outcome, Topic};

/// As `DEFAULT_AI_PROVIDER` and `users.ai_provider` write it.
pub const NAME: &str = "builtin";

/// With less evidence no topic fits: not with one word of a description that stands in the text but once.
const LEAST: f32 = 1.45;
/// As much evidence is certainty: the name alone in the filename, or at the head of the text.
const FULL: f32 = 3.0;
/// What a topic needs, beside the best one, of that one's evidence.
const BESIDE: f32 = 0.5;

/// Which of the topics fit, the best first; where none does, what the document comes back to.
pub fn classify(job: &Job, text: &Text) -> Outcome {
    let topics = &job.topics;
    let document = Document::new(job, text);
    let described: String =
        topics.iter().flat_map(|topic| [&topic.name, " ", &topic.description, "\n"]).collect();
    let language = Language::of(&[&text.content, &described]);
    let vocabulary = Vocabulary::new(topics, &language);
    let matches = matches(topics, &evidence(&document, &vocabulary, topics.len()));
    let suggestions =
        if matches.is_empty() { phrases::of(&document, &language, &vocabulary) } else { Vec::new() };
    Outcome {
        matches,
        suggestions,
        truncated: text.truncated,
        model: NAME.into(),
        prompt_version: "builtin-2".into(),
    }
}

/// What the document has for each topic. Each word counts for less the more often it has been.
fn evidence(document: &Document, vocabulary: &Vocabulary<'_>, topics: usize) -> Vec<f32> {
    let mut found = vec![0.0_f32; vocabulary.terms.len()];
    for (word, count) in document.counts() {
        let (terms, clearly) = vocabulary.find(&word);
        for term in terms {
            found.iter_mut().skip(term).take(1).for_each(|sum| *sum += count * clearly);
        }
    }
    let mut evidence = vec![0.0; topics];
    for (term, sum) in vocabulary.terms.iter().zip(found) {
        evidence.iter_mut().skip(term.topic).take(1).for_each(|all| *all += term.weight * (1.0 + sum).log2());
    }
    evidence
}

/// The topics with enough evidence. The best one's confidence is its share of certainty; the others have their part of it.
fn matches(topics: &[Topic], evidence: &[f32]) -> Vec<Match> {
    let best = evidence.iter().copied().fold(0.0, f32::max);
    let enough = LEAST.max(best * BESIDE);
    let mut matches: Vec<Match> = topics
        .iter()
        .zip(evidence)
        .filter(|(_, evidence)| **evidence >= enough)
        .map(|(topic, evidence)| Match { topic: topic.id, confidence: Some(evidence / best.max(FULL)) })
        .collect();
    matches.sort_by(|a, b| {
        b.confidence.partial_cmp(&a.confidence).unwrap_or(Ordering::Equal).then(a.topic.cmp(&b.topic))
    });
    matches
}
