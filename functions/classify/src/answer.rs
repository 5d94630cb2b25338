//! Parses the answer of a model. The parser is lenient: requests ask for JSON in a given form, but not every
//! model keeps to it.

use docuvault::classification::{ClassificationError, FailureCode};
use serde_json::Value;

/// The topics and suggestions of an answer, as the model wrote them. `vocabulary` checks them.
#[derive(Debug, Default, PartialEq)]
pub struct ModelAnswer {
    /// Names of topics, each with its confidence if the model gave one.
    pub topics: Vec<(String, Option<f32>)>,
    /// Names that the model suggests for new topics.
    pub suggestions: Vec<String>,
}

/// Finds the JSON object with the answer in a text. It may be the whole text, in a Markdown block, or after
/// the model's reasoning. If there are several, the last one counts.
pub fn parse(text: &str) -> Result<ModelAnswer, ClassificationError> {
    let conclusion = text.rsplit_once("</think>").map_or(text, |(_, rest)| rest);
    let mut found = None;
    let mut rest = conclusion;
    while let Some(at) = rest.find('{') {
        rest = rest.get(at..).unwrap_or_default();
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        match values.next() {
            Some(Ok(value)) => {
                found = parse_object(&value).or(found);
                rest = rest.get(values.byte_offset()..).unwrap_or_default();
            }
            _ => rest = rest.get(1..).unwrap_or_default(),
        }
    }
    found
        .filter(|_| !conclusion.trim_start().starts_with("<think>"))
        .ok_or_else(|| FailureCode::AnswerUnreadable.into())
}

/// Reads an answer from a JSON value. Returns `None` if the value has neither topics nor suggestions.
fn parse_object(value: &Value) -> Option<ModelAnswer> {
    let (topics, suggestions) = (array_at(value, "topics"), array_at(value, "suggestions"));
    if topics.is_none() && suggestions.is_none() {
        return None;
    }
    let names = suggestions.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
    Some(ModelAnswer {
        topics: topics.into_iter().flatten().filter_map(parse_topic).collect(),
        suggestions: names.collect(),
    })
}

fn array_at<'a>(value: &'a Value, key: &str) -> Option<&'a Vec<Value>> {
    value.get(key).and_then(Value::as_array)
}

/// Reads one topic: an object with a name and perhaps a confidence, or just a name.
fn parse_topic(value: &Value) -> Option<(String, Option<f32>)> {
    let name = value.as_str().or_else(|| value.get("name")?.as_str())?;
    #[expect(clippy::cast_possible_truncation, reason = "a confidence needs no more digits")]
    let confidence = value.get("confidence").and_then(Value::as_f64).map(|value| value as f32);
    Some((name.to_owned(), confidence))
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r#"{"topics": [{"name": "Invoices", "confidence": 0.9}], "suggestions": ["Taxes"]}"#;

    #[test]
    fn an_answer_is_found_anywhere_in_the_text() {
        let expected =
            ModelAnswer { topics: vec![("Invoices".into(), Some(0.9))], suggestions: vec!["Taxes".into()] };
        for text in [
            JSON.to_owned(),
            format!("```json\n{JSON}\n```"),
            format!("Here you are: {JSON} Anything else?"),
            format!("<think>Perhaps {{\"topics\": [\"Other\"]}}? No {{.</think>\n{JSON}"),
            format!("I first thought of {{\"topics\": [\"Other\"]}}, but: {JSON}"),
            format!("{{\"thought\": 1}} {{{{ {JSON}"),
        ] {
            assert_eq!(parse(&text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn a_topic_may_be_just_a_name_and_malformed_topics_are_dropped() {
        let text = r#"{"topics": ["A", {"name": "B", "confidence": "high"}, 7, null, {"title": "C"}]}"#;
        assert_eq!(parse(text).unwrap().topics, [("A".into(), None), ("B".into(), None)]);
        assert_eq!(parse(r#"{"suggestions": [1, "A", null]}"#).unwrap().suggestions, ["A"]);
    }

    #[test]
    fn a_text_without_an_answer_is_unreadable() {
        let endless = format!("<think>{JSON} or");
        for text in [
            "",
            "It is an invoice.",
            "{}",
            "[1]",
            r#"{"topics": "#,
            r#"{"topics": 7}"#,
            &endless,
            &"{".repeat(100_000),
        ] {
            let problem = parse(text).unwrap_err();
            assert_eq!(problem.code, FailureCode::AnswerUnreadable, "{text:.50}");
        }
    }
}
