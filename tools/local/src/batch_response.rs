//! Parses a function's answer to a batch of messages, with the rules of Lambda's event source mapping.

use std::collections::HashSet;

use serde_json::Value;

/// The outcome of a batch.
#[derive(Debug, PartialEq, Eq)]
pub enum BatchOutcome {
    /// The messages with these ids failed. All others succeeded.
    Failed(HashSet<String>),
    /// The answer is invalid, so all messages count as failed.
    Unreadable,
}

/// Parses the answer to a batch of messages with the ids `known`.
///
/// `null`, an object without `batchItemFailures`, and an empty list mean that all succeeded. The answer is
/// invalid if it is not JSON or if an id is missing or unknown.
pub fn parse(answer: &[u8], known: &HashSet<String>) -> BatchOutcome {
    match serde_json::from_slice(answer) {
        Ok(Value::Null) => BatchOutcome::Failed(HashSet::new()),
        Ok(Value::Object(mut answer)) => match answer.remove("batchItemFailures") {
            None | Some(Value::Null) => BatchOutcome::Failed(HashSet::new()),
            Some(Value::Array(items)) => parse_failures(&items, known),
            Some(_) => BatchOutcome::Unreadable,
        },
        _ => BatchOutcome::Unreadable,
    }
}

fn parse_failures(items: &[Value], known: &HashSet<String>) -> BatchOutcome {
    let ids = items.iter().map(|item| item.get("itemIdentifier")?.as_str().filter(|id| known.contains(*id)));
    match ids.map(|id| id.map(str::to_owned)).collect() {
        Some(ids) => BatchOutcome::Failed(ids),
        None => BatchOutcome::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: &[&str]) -> HashSet<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    fn parse_for_two(answer: &str) -> BatchOutcome {
        parse(answer.as_bytes(), &ids(&["one", "two"]))
    }

    #[test]
    fn null_an_empty_object_and_an_empty_list_mean_success() {
        for answer in ["null", "{}", r#"{"batchItemFailures":null}"#, r#"{"batchItemFailures":[]}"#] {
            assert_eq!(parse_for_two(answer), BatchOutcome::Failed(ids(&[])), "{answer}");
        }
    }

    #[test]
    fn only_a_listed_message_fails() {
        let answer = r#"{"batchItemFailures":[{"itemIdentifier":"two"}]}"#;
        assert_eq!(parse_for_two(answer), BatchOutcome::Failed(ids(&["two"])));
    }

    #[test]
    fn an_invalid_answer_fails_the_whole_batch() {
        for answer in [
            "",
            "ok",
            r#""ok""#,
            "[]",
            r#"{"batchItemFailures":{}}"#,
            r#"{"batchItemFailures":[{}]}"#,
            r#"{"batchItemFailures":["two"]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":"two"},{"itemIdentifier":"three"}]}"#,
        ] {
            assert_eq!(parse_for_two(answer), BatchOutcome::Unreadable, "{answer}");
        }
    }
}
