//! The provider without a network: a topic fits where the words of its name, or several of its description, stand in the
//! document. Deterministic.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::text::Text;
use super::{Job, Match, Outcome, Topic};

/// As `DEFAULT_AI_PROVIDER` and `users.ai_provider` write it.
pub const NAME: &str = "builtin";

/// Shorter words of a description say too little.
const TELLING: usize = 4;

/// Which of the topics fit, the best first.
pub fn classify(job: &Job, text: &Text, topics: &[Topic]) -> Outcome {
    let seen: HashSet<String> =
        [&job.filename, &job.content_type, &text.content].into_iter().flat_map(|part| words(part)).collect();
    let mut matches: Vec<Match> = topics
        .iter()
        .filter_map(|topic| {
            confidence(topic, &seen).map(|confidence| Match { topic: topic.id, confidence: Some(confidence) })
        })
        .collect();
    matches.sort_by(|a, b| {
        b.confidence.partial_cmp(&a.confidence).unwrap_or(Ordering::Equal).then(a.topic.cmp(&b.topic))
    });
    Outcome {
        matches,
        suggestions: Vec::new(),
        truncated: text.truncated,
        model: NAME.into(),
        prompt_version: "builtin-1".into(),
    }
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// The share of the topic's words that the document has; none where it is about something else.
fn confidence(topic: &Topic, seen: &HashSet<String>) -> Option<f32> {
    let name: HashSet<String> = words(&topic.name).collect();
    let description: HashSet<String> = words(&topic.description)
        .filter(|word| word.chars().count() >= TELLING && !name.contains(word))
        .collect();
    let named = !name.is_empty() && name.is_subset(seen);
    let described = description.intersection(seen).count();
    if !named && described < 2 {
        return None;
    }
    let found = name.intersection(seen).count() + described;
    #[expect(clippy::cast_precision_loss, reason = "a topic has few words")]
    Some(found as f32 / (name.len() + description.len()) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{DocumentId, LeaseId, TopicId, UserId};
    use crate::storage::{Extension, ObjectKey};

    fn topic(name: &str, description: &str) -> Topic {
        Topic { id: TopicId::new(), name: name.into(), description: description.into() }
    }

    fn job(filename: &str) -> Job {
        let (owner, id) = (UserId::new(), DocumentId::new());
        Job {
            id,
            lease: LeaseId::new(),
            owner,
            key: ObjectKey::new(owner, id, Extension::of(filename)),
            filename: filename.into(),
            content_type: "text/plain".into(),
            provider: NAME.into(),
            model: NAME.into(),
            attempts: 1,
        }
    }

    #[test]
    fn a_topic_fits_by_its_name_or_by_two_words_of_its_description() {
        let topics = [
            topic("Invoices", "amounts payable by a due date"),
            topic("Health", "doctor hospital medicine"),
            topic("Travel", "flights hotels"),
        ];
        let text = Text {
            content: "Amount payable: 12 EUR. Due DATE: tomorrow. The doctor sent it.".into(),
            truncated: false,
        };
        let found = classify(&job("travel-2026.txt"), &text, &topics);
        let fitting: HashSet<TopicId> = found.matches.iter().map(|found| found.topic).collect();
        assert_eq!(fitting, HashSet::from([topics[0].id, topics[2].id]));
        assert!(
            found.matches.iter().all(|found| found.confidence > Some(0.0) && found.confidence <= Some(1.0))
        );
    }

    #[test]
    fn no_words_no_topics() {
        let found = classify(&job("a.txt"), &Text::default(), &[topic("Invoices", ""), topic("", "")]);
        assert_eq!(found.matches, []);
    }
}
