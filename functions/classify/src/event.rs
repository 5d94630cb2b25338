//! Parses the messages of the queue. There are four kinds: an S3 notification, S3's test event, MinIO's
//! envelope around a notification, and the vault's own nudge (SPEC section 2.4).

use docuvault::id::DocumentId;
use docuvault::queue::Nudge;
use docuvault::storage::{Backend, Location};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::Value;

/// One thing that a message from the queue reports: a stored object, a nudge, or nothing to act on.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// An object was stored under one of the vault's keys, in one of its stores.
    Stored(Location),
    /// The vault itself asks for another look at this document.
    Nudged(DocumentId),
    /// There is nothing to do. The text is the reason, for the log.
    Ignored(&'static str),
}

/// Parses a message. A message that cannot be parsed is ignored, because another delivery would not change
/// it. `find_backend` returns the store that a bucket belongs to.
pub fn parse(body: &str, find_backend: impl Fn(&str) -> Option<Backend>) -> Vec<Event> {
    let Ok(body @ Value::Object(_)) = serde_json::from_str(body) else {
        return vec![Event::Ignored("the body is not a JSON object")];
    };
    match body.get("Records") {
        Some(Value::Array(records)) => {
            records.iter().map(|record| parse_record(record, &find_backend)).collect()
        }
        Some(_) => vec![Event::Ignored("Records is not a list")],
        None => vec![parse_single(&body)],
    }
}

/// Parses a message that has no records: the test event of S3, or a nudge.
fn parse_single(body: &Value) -> Event {
    if body.get("Event").and_then(Value::as_str) == Some("s3:TestEvent") {
        return Event::Ignored("it is the store's test event");
    }
    Nudge::deserialize(body)
        .map_or(Event::Ignored("the message has an unknown form"), |nudge| Event::Nudged(nudge.document_id))
}

/// Parses one record of a notification.
fn parse_record(record: &Value, find_backend: impl Fn(&str) -> Option<Backend>) -> Event {
    let text = |pointer| record.pointer(pointer).and_then(Value::as_str);
    let (Some(bucket), Some(key)) = (text("/s3/bucket/name"), text("/s3/object/key")) else {
        return Event::Ignored("a record has an unknown form");
    };
    // AWS writes `ObjectCreated:Put`, MinIO `s3:ObjectCreated:Put`.
    let name = text("/eventName").unwrap_or_default();
    if !name.trim_start_matches("s3:").starts_with("ObjectCreated:") {
        return Event::Ignored("it is not about a stored object");
    }
    let Some(backend) = find_backend(bucket) else {
        return Event::Ignored("it is about another bucket");
    };
    match decode(key).and_then(|key| key.parse().ok()) {
        Some(key) => Event::Stored(Location { backend, key }),
        None => Event::Ignored("the key is not one of the vault's"),
    }
}

/// Decodes a key once: keys arrive form-encoded, with `+` for a space. Returns `None` if the bytes are not
/// UTF-8.
fn decode(key: &str) -> Option<String> {
    let spaced = key.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "019a0000-0000-7000-8000-000000000001/019a0000-0000-7000-8000-000000000002/8c5b1f5e-5d0e-4b77-a3a1-5b9d6e0b7a11.txt";

    fn find_backend(bucket: &str) -> Option<Backend> {
        (bucket == "vault").then_some(Backend::S3)
    }

    fn notification(name: &str, bucket: &str, key: &str) -> String {
        serde_json::json!({"Records": [{"eventName": name, "s3": {"bucket": {"name": bucket}, "object": {"key": key}}}]})
            .to_string()
    }

    #[test]
    fn aws_and_minio_name_the_same_event_differently() {
        for name in ["ObjectCreated:Put", "s3:ObjectCreated:Put", "s3:ObjectCreated:CompleteMultipartUpload"]
        {
            for key in [KEY.to_owned(), KEY.replace('/', "%2F")] {
                let events = parse(&notification(name, "vault", &key), find_backend);
                assert_eq!(
                    events,
                    [Event::Stored(Location { backend: Backend::S3, key: KEY.parse().unwrap() })]
                );
            }
        }
    }

    #[test]
    fn a_nudge_is_parsed_from_the_body_that_the_queue_writes() {
        let nudge = Nudge { document_id: DocumentId::new() };
        assert_eq!(parse(&nudge.to_body(), find_backend), [Event::Nudged(nudge.document_id)]);
    }

    #[test]
    fn keys_are_decoded_once() {
        let twice = KEY.replace('/', "%252F");
        assert!(matches!(
            parse(&notification("ObjectCreated:Put", "vault", &twice), find_backend)[..],
            [Event::Ignored(_)]
        ));
    }

    #[test]
    fn all_other_messages_are_ignored() {
        let bodies = [
            r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"vault"}"#.to_owned(),
            notification("ObjectCreated:Put", "other", KEY),
            notification("ObjectRemoved:Delete", "vault", KEY),
            notification("ObjectCreated:Put", "vault", "backup/a+b.txt"),
            notification("ObjectCreated:Put", "vault", "%FF%FE"),
            notification("ObjectCreated:Put", "vault", "../../etc/passwd"),
            r#"{"Records":[{}, null, 7, {"s3":{}}]}"#.to_owned(),
            r#"{"Records":{}}"#.to_owned(),
            r#"{"document_id":"not-a-uuid"}"#.to_owned(),
            r#"["019a0000-0000-7000-8000-000000000002"]"#.to_owned(),
            "null".to_owned(),
            "[[[[".to_owned(),
            String::new(),
        ];
        for body in bodies {
            let events = parse(&body, find_backend);
            assert!(events.iter().all(|event| matches!(event, Event::Ignored(_))), "{body}: {events:?}");
        }
    }
}
