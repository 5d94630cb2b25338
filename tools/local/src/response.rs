//! What a queue function's answer says about its batch, read as Lambda's event source mapping reads it.

use std::collections::HashSet;

use serde_json::Value;

/// The fate of a batch.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The messages with these ids failed, all others succeeded; none failed: all succeeded.
    Failed(HashSet<String>),
    /// The answer can't be understood, so that all failed.
    Unreadable,
}

/// Reads an answer about the messages with these ids. Nothing, an object without the list and an empty list mean success;
/// an unknown or missing id, or what is no JSON, means that nothing is known to have succeeded.
pub fn read(answer: &[u8], known: &HashSet<String>) -> Outcome {
    match serde_json::from_slice(answer) {
        Ok(Value::Null) => Outcome::Failed(HashSet::new()),
        Ok(Value::Object(mut answer)) => match answer.remove("batchItemFailures") {
            None | Some(Value::Null) => Outcome::Failed(HashSet::new()),
            Some(Value::Array(items)) => failures(&items, known),
            Some(_) => Outcome::Unreadable,
        },
        _ => Outcome::Unreadable,
    }
}

fn failures(items: &[Value], known: &HashSet<String>) -> Outcome {
    let ids = items.iter().map(|item| item.get("itemIdentifier")?.as_str().filter(|id| known.contains(*id)));
    match ids.map(|id| id.map(str::to_owned)).collect() {
        Some(ids) => Outcome::Failed(ids),
        None => Outcome::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: &[&str]) -> HashSet<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    fn read_of_two(answer: &str) -> Outcome {
        read(answer.as_bytes(), &ids(&["one", "two"]))
    }

    #[test]
    fn null_an_empty_object_and_an_empty_list_are_success() {
        for answer in ["null", "{}", r#"{"batchItemFailures":null}"#, r#"{"batchItemFailures":[]}"#] {
            assert_eq!(read_of_two(answer), Outcome::Failed(ids(&[])), "{answer}");
        }
    }

    #[test]
    fn a_listed_message_fails_alone() {
        let answer = r#"{"batchItemFailures":[{"itemIdentifier":"two"}]}"#;
        assert_eq!(read_of_two(answer), Outcome::Failed(ids(&["two"])));
    }

    #[test]
    fn an_answer_that_is_not_understood_fails_the_batch() {
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
            assert_eq!(read_of_two(answer), Outcome::Unreadable, "{answer}");
        }
    }
}
