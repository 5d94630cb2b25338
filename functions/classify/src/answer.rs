//! Parses what a model answers. It is lenient: a schema is asked for, and not every model keeps to it.

use docuvault::classification::{ClassificationError, FailureCode};
use serde_json::Value;

/// What an answer names. Nothing of it is checked yet.
#[derive(Debug, Default, PartialEq)]
pub struct ModelAnswer {
    /// Names of topics, each with its confidence if one is given.
    pub topics: Vec<(String, Option<f32>)>,
    /// Names of new topics.
    pub suggestions: Vec<String>,
}

/// Finds the answer in a text: it may stand alone, in a block of Markdown, or after reasoning. The last of
/// several counts.
pub fn parse(text: &str) -> Result<ModelAnswer, ClassificationError> {
    let conclusion = text.rsplit_once("</think>").map_or(text, |(_, rest)| rest);
    let mut found = None;
    let mut rest = conclusion;
    while let Some(at) = rest.find('{') {
        rest = rest.get(at..).unwrap_or_default();
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        match values.next() {
            Some(Ok(value)) => {
                found = answer(&value).or(found);
                rest = rest.get(values.byte_offset()..).unwrap_or_default();
            }
            _ => rest = rest.get(1..).unwrap_or_default(),
        }
    }
    found
        .filter(|_| !conclusion.trim_start().starts_with("<think>"))
        .ok_or_else(|| FailureCode::AnswerUnreadable.into())
}

/// None if the value is some other JSON.
fn answer(value: &Value) -> Option<ModelAnswer> {
    let (topics, suggestions) = (list(value, "topics"), list(value, "suggestions"));
    if topics.is_none() && suggestions.is_none() {
        return None;
    }
    let names = suggestions.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
    Some(ModelAnswer {
        topics: topics.into_iter().flatten().filter_map(topic).collect(),
        suggestions: names.collect(),
    })
}

fn list<'a>(value: &'a Value, key: &str) -> Option<&'a Vec<Value>> {
    value.get(key).and_then(Value::as_array)
}

/// A topic may be an object with a confidence, or a name alone.
fn topic(value: &Value) -> Option<(String, Option<f32>)> {
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
    fn an_answer_is_found_wherever_it_stands() {
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
    fn a_topic_may_be_a_name_alone_and_other_values_are_left_out() {
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
