//! How often the first topic is right, on documents whose topic is known: `tests/labelled`.

use serde::Deserialize;

use crate::{Document, Topic, classify};

const TOPICS: &str = include_str!("../../../tests/labelled/topics.json");
const TUNING: &str = include_str!("../../../tests/labelled/tuning.json");
const HELD_OUT: &str = include_str!("../../../tests/labelled/held-out.json");

#[derive(Deserialize)]
struct Described {
    name: String,
    description: String,
}

#[derive(Deserialize)]
struct Half {
    documents: Vec<Labelled>,
}

#[derive(Deserialize)]
struct Labelled {
    language: String,
    topic: Option<String>,
    filename: String,
    text: String,
}

/// What became of some documents.
#[derive(Debug, Default)]
struct Score {
    right: usize,
    without: usize,
    all: usize,
}

/// Of the documents in a language that have a topic, or that have none.
fn score(half: &str, language: &str, labelled: bool) -> Score {
    let half: Half = serde_json::from_str(half).unwrap();
    let described: Vec<Described> = serde_json::from_str(TOPICS).unwrap();
    let topics: Vec<_> =
        described.iter().map(|topic| Topic { name: &topic.name, description: &topic.description }).collect();
    let mut score = Score::default();
    for document in half.documents.iter().filter(|document| document.language == language) {
        if document.topic.is_some() != labelled {
            continue;
        }
        let Labelled { filename, text, .. } = document;
        let found = classify(Document { filename, content_type: "application/pdf", text }, &topics, 0);
        let best = found.matches.first().map(|best| topics[best.topic].name);
        score.all += 1;
        score.without += usize::from(best.is_none());
        score.right += usize::from(best == document.topic.as_deref());
    }
    score
}

#[test]
fn nine_of_ten_documents_that_nothing_was_tuned_on_get_their_topic_first() {
    for (half, title, floor) in [(TUNING, "tuning", 0.0), (HELD_OUT, "held out", 0.9)] {
        let scores = ["en", "de"].map(|language| score(half, language, true));
        let strays = ["en", "de"].map(|language| score(half, language, false));
        println!("{title}: English and German {scores:?}, with no topic {strays:?}");
        let (right, all) = scores.iter().fold((0, 0), |(right, all), of| (right + of.right, all + of.all));
        assert!(right as f64 >= floor * all as f64, "{title}: {right} of {all}");
        assert!(all >= 60);
    }
}
