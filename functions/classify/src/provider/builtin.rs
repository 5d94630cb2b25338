//! The provider `builtin`: classifies by keywords, with the crate of this name. It uses no model and no
//! network.

use builtin::{DocumentContent, TopicDescription};
use docuvault::classification::{Job, MAX_SUGGESTIONS, Match, Outcome};
use docuvault::document::Provider;

use crate::text::DocumentText;

/// Classifies a document by the words of the topics' names and descriptions.
pub fn classify(job: &Job, text: &DocumentText) -> Outcome {
    let document =
        DocumentContent { filename: &job.filename, content_type: &job.content_type, text: &text.content };
    let topics: Vec<_> = job
        .topics
        .iter()
        .map(|topic| TopicDescription { name: &topic.name, description: &topic.description })
        .collect();
    let found = builtin::classify(document, &topics, MAX_SUGGESTIONS.into());
    let matches = found.matches.iter().filter_map(|found| {
        Some(Match { topic: job.topics.get(found.topic)?.id, confidence: Some(found.confidence) })
    });
    Outcome {
        matches: matches.collect(),
        suggestions: found.suggestions,
        truncated: text.truncated,
        images: 0,
        // It has no model of another name.
        model: Provider::Builtin.as_str().into(),
        prompt_version: builtin::VERSION.into(),
    }
}
