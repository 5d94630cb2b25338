//! What unit tests classify.

use docuvault::classification::{Job, Topic};
use docuvault::id::{DocumentId, LeaseId, TopicId, UserId};
use docuvault::storage::{Extension, ObjectKey};

pub fn topic(name: &str, description: &str) -> Topic {
    Topic { id: TopicId::new(), name: name.into(), description: description.into() }
}

pub fn job(filename: &str, content_type: &str, topics: &[Topic]) -> Job {
    let id = DocumentId::new();
    Job {
        id,
        lease: LeaseId::new(),
        key: ObjectKey::new(UserId::new(), id, Extension::from_filename(filename)),
        etag: None,
        filename: filename.into(),
        content_type: content_type.into(),
        provider: "builtin".into(),
        model: "builtin".into(),
        topics: topics.to_vec(),
        attempts: 1,
    }
}
