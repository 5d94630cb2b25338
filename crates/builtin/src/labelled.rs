//! Measures how often the best topic is the right one, with the labelled documents in `tests/labelled`.

use serde::Deserialize;

use crate::{DocumentContent, TopicDescription, classify};

const TOPICS: &str = include_str!("../../../tests/labelled/topics.json");
const TUNING: &str = include_str!("../../../tests/labelled/tuning.json");
const HELD_OUT: &str = include_str!("../../../tests/labelled/held-out.json");

#[derive(Deserialize)]
struct LabelledTopic {
    name: String,
    description: String,
}

#[derive(Deserialize)]
struct DocumentSet {
    documents: Vec<LabelledDocument>,
}

#[derive(Deserialize)]
struct LabelledDocument {
    language: String,
    topic: Option<String>,
    filename: String,
    text: String,
}

/// Counts of how the documents of a group were classified.
#[derive(Debug, Default)]
struct Score {
    /// Documents whose best topic is the labelled one, or that rightly have none.
    right: usize,
    /// Documents for which no topic was found.
    without: usize,
    /// All documents of the group.
    all: usize,
}

/// Scores the documents in one language: those with a labelled topic, or those without one.
fn score(documents: &str, language: &str, labelled: bool) -> Score {
    let set: DocumentSet = serde_json::from_str(documents).unwrap();
    let described: Vec<LabelledTopic> = serde_json::from_str(TOPICS).unwrap();
    let topics: Vec<_> = described
        .iter()
        .map(|topic| TopicDescription { name: &topic.name, description: &topic.description })
        .collect();
    let mut score = Score::default();
    for document in set.documents.iter().filter(|document| document.language == language) {
        if document.topic.is_some() != labelled {
            continue;
        }
        let LabelledDocument { filename, text, .. } = document;
        let found = classify(DocumentContent { filename, content_type: "application/pdf", text }, &topics, 0);
        let best = found.matches.first().map(|best| topics[best.topic].name);
        score.all += 1;
        score.without += usize::from(best.is_none());
        score.right += usize::from(best == document.topic.as_deref());
    }
    score
}

#[test]
fn nine_of_ten_held_out_documents_get_the_right_topic() {
    for (documents, title, minimum) in [(TUNING, "tuning", 0.0), (HELD_OUT, "held out", 0.9)] {
        let scores = ["en", "de"].map(|language| score(documents, language, true));
        let unlabelled = ["en", "de"].map(|language| score(documents, language, false));
        println!("{title}: English and German {scores:?}, with no topic {unlabelled:?}");
        let (right, all) = scores.iter().fold((0, 0), |(right, all), of| (right + of.right, all + of.all));
        assert!(right as f64 >= minimum * all as f64, "{title}: {right} of {all}");
        assert!(all >= 60);
    }
}
