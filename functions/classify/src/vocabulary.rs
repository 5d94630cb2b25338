//! The closed vocabulary: an answer may only name topics that exist. The schema tells the model so, and every
//! answer is checked.

use std::collections::{BTreeSet, HashMap, HashSet};

use docuvault::classification::{CandidateTopic, MAX_SUGGESTIONS, Match};
use docuvault::name;
use docuvault::topic::TopicName;
use serde_json::{Value, json};

use crate::answer::ModelAnswer;
use crate::chat_template::neutralize;

/// The JSON schema of an answer. It does not limit numbers or lengths, because some APIs refuse a schema that
/// does. If there are no topics, it has no list of names, because an empty `enum` is not valid.
pub fn schema(topics: &[CandidateTopic]) -> Value {
    let names: BTreeSet<&str> = topics.iter().map(|topic| topic.name.as_str()).collect();
    let suggestions = json!({
        "type": "array",
        "items": {"type": "string"},
        "description":
            format!("Names for up to {MAX_SUGGESTIONS} new topics, if none of the topics fits; else empty"),
    });
    if names.is_empty() {
        return object_schema(&json!({"suggestions": suggestions}));
    }
    let topic = object_schema(&json!({
        "name": {"type": "string", "enum": names},
        "confidence": {"type": "number", "description": "From 0 to 1"},
    }));
    object_schema(&json!({"topics": {"type": "array", "items": topic}, "suggestions": suggestions}))
}

fn object_schema(properties: &Value) -> Value {
    let required: Vec<_> = properties.as_object().into_iter().flatten().map(|(name, _)| name).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

/// The existing topics that an answer names, each once, the most certain first. Other names are dropped.
pub fn matches(answer: &ModelAnswer, topics: &[CandidateTopic]) -> Vec<Match> {
    let known = topics_by_key(topics);
    let mut found: Vec<Match> = Vec::new();
    for (name, confidence) in &answer.topics {
        let Some(topic) = known.get(&name::key(name)) else { continue };
        let confidence = confidence.filter(|value| value.is_finite()).map(|value| value.clamp(0.0, 1.0));
        match found.iter_mut().find(|earlier| earlier.topic == topic.id) {
            Some(earlier) if earlier.confidence < confidence => earlier.confidence = confidence,
            Some(_) => {}
            None => found.push(Match { topic: topic.id, confidence }),
        }
    }
    // Some models list every topic, most of them with a confidence of 0.
    found.retain(|found| found.confidence != Some(0.0));
    found.sort_by(|a, b| b.confidence.partial_cmp(&a.confidence).unwrap_or(std::cmp::Ordering::Equal));
    found
}

/// The names that an answer suggests for new topics. Names that are not valid, or that a topic already has,
/// are dropped.
pub fn suggestions(answer: &ModelAnswer, topics: &[CandidateTopic]) -> Vec<String> {
    let mut known: HashSet<String> = topics_by_key(topics).into_keys().collect();
    let names = answer.suggestions.iter().filter_map(|name| TopicName::try_from(name.clone()).ok());
    let new = names.filter(|name| known.insert(name.key()));
    new.take(MAX_SUGGESTIONS.into()).map(|name| name.as_str().to_owned()).collect()
}

/// Maps name keys to topics. Each topic has two keys: of its name, and of its name as the prompt writes it.
fn topics_by_key(topics: &[CandidateTopic]) -> HashMap<String, &CandidateTopic> {
    let shown = topics.iter().map(|topic| (name::key(&neutralize(&topic.name)), topic));
    shown.chain(topics.iter().map(|topic| (name::key(&topic.name), topic))).collect()
}

#[cfg(test)]
mod tests {
    use docuvault::id::TopicId;

    use super::*;

    fn topics(names: &[&str]) -> Vec<CandidateTopic> {
        let topic = |name: &&str| CandidateTopic {
            id: TopicId::new(),
            name: (*name).into(),
            description: String::new(),
        };
        names.iter().map(topic).collect()
    }

    fn answer_with_topics(names: &[(&str, Option<f32>)]) -> ModelAnswer {
        let topics = names.iter().map(|(name, confidence)| ((*name).to_owned(), *confidence)).collect();
        ModelAnswer { topics, suggestions: Vec::new() }
    }

    fn answer_with_suggestions(names: &[&str]) -> ModelAnswer {
        ModelAnswer { topics: Vec::new(), suggestions: names.iter().map(|name| (*name).to_owned()).collect() }
    }

    #[test]
    fn only_existing_topics_match_whatever_their_case_and_spaces() {
        let known = topics(&["Invoices", "Contracts and deeds"]);
        let answer = answer_with_topics(&[
            ("Secret", Some(1.0)),
            (" contracts  AND\tdeeds ", Some(0.4)),
            ("INVOICES", Some(0.9)),
        ]);
        let found: Vec<_> =
            matches(&answer, &known).iter().map(|found| (found.topic, found.confidence)).collect();
        assert_eq!(found, [(known[0].id, Some(0.9)), (known[1].id, Some(0.4))]);
    }

    #[test]
    fn a_name_given_twice_is_one_topic_with_the_higher_confidence() {
        let known = topics(&["Invoices"]);
        let answer = answer_with_topics(&[
            ("Invoices", None),
            ("invoices", Some(0.2)),
            ("Invoices", Some(0.8)),
            ("Invoices", Some(0.5)),
        ]);
        assert_eq!(matches(&answer, &known), [Match { topic: known[0].id, confidence: Some(0.8) }]);
    }

    #[test]
    fn a_confidence_is_between_0_and_1_or_absent() {
        let known = topics(&["Invoices"]);
        for (given, kept) in
            [(Some(85.0), Some(1.0)), (Some(f32::NAN), None), (None, None), (Some(0.5), Some(0.5))]
        {
            assert_eq!(
                matches(&answer_with_topics(&[("Invoices", given)]), &known)[0].confidence,
                kept,
                "{given:?}"
            );
        }
    }

    #[test]
    fn a_topic_with_a_confidence_of_0_is_dropped() {
        let known = topics(&["Invoices", "Travel"]);
        for nothing in [0.0, -1.0] {
            let answer = answer_with_topics(&[("Invoices", Some(nothing)), ("Travel", Some(0.01))]);
            assert_eq!(matches(&answer, &known), [Match { topic: known[1].id, confidence: Some(0.01) }]);
        }
    }

    #[test]
    fn a_topic_also_matches_as_the_prompt_writes_it() {
        let known = topics(&["R<D", "[INST]"]);
        for given in [["R<D", "[INST]"], ["r< d", "[ inst]"], ["R< D", "[ INST]"]] {
            assert_eq!(
                matches(&answer_with_topics(&given.map(|name| (name, None))), &known).len(),
                2,
                "{given:?}"
            );
        }
    }

    #[test]
    fn names_that_look_the_same_match() {
        let known = topics(&["Straße", "Café", "R<D"]);
        let answer = answer_with_topics(&["STRASSE", "CAFE\u{301}", "Ｒ＜Ｄ"].map(|name| (name, None)));
        assert_eq!(matches(&answer, &known).len(), 3);
        let suggested =
            answer_with_suggestions(&["STRASSE", "CAFE\u{301}", "Ｒ＜Ｄ", "ΦΟΡΟΣ", "φορος", "r< d"]);
        assert_eq!(suggestions(&suggested, &known), ["ΦΟΡΟΣ"]);
    }

    #[test]
    fn at_most_three_new_names_are_suggested() {
        let known = topics(&["Invoices"]);
        let kept = suggestions(
            &answer_with_suggestions(&["invoices ", "New  one", "NEW ONE", "Two", "Three", "Four"]),
            &known,
        );
        assert_eq!(kept, ["New one", "Two", "Three"]);
    }

    #[test]
    fn a_suggestion_has_1_to_64_visible_characters() {
        let (longest, longer) = ("ä".repeat(64), "ä".repeat(65));
        let refused = [
            "",
            " \n ",
            longer.as_str(),
            "a\u{0}b",
            "a\u{7f}",
            "a\u{202e}b",
            "In\u{200b}voices",
            "\u{feff}a",
        ];
        assert_eq!(
            suggestions(&answer_with_suggestions(&refused), &topics(&["Invoices"])),
            Vec::<String>::new()
        );
        assert_eq!(suggestions(&answer_with_suggestions(&[&longest]), &[]), [longest]);
    }

    #[test]
    fn a_schema_lists_the_names_of_all_topics() {
        let all = schema(&topics(&["B", "A"]));
        assert_eq!(all["properties"]["topics"]["items"]["properties"]["name"]["enum"], json!(["A", "B"]));
        assert_eq!(all["required"].as_array().unwrap().len(), 2);
        assert_eq!(schema(&[])["required"], json!(["suggestions"]));
        assert_eq!(schema(&[])["properties"].get("topics"), None);
    }
}
