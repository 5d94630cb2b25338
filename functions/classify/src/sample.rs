//! Creates topics and a claimed document for unit tests.

use docuvault::classification::{CandidateTopic, Job};
use docuvault::id::{DocumentId, LeaseId, TopicId, UserId};
use docuvault::storage::{Backend, Extension, Location, ObjectKey};

pub fn topic(name: &str, description: &str) -> CandidateTopic {
    CandidateTopic { id: TopicId::new(), name: name.into(), description: description.into() }
}

pub fn job(filename: &str, content_type: &str, topics: &[CandidateTopic]) -> Job {
    let id = DocumentId::new();
    let key = ObjectKey::new(UserId::new(), id, Extension::from_filename(filename));
    Job {
        id,
        lease: LeaseId::new(),
        location: Location { backend: Backend::S3, key },
        etag: None,
        filename: filename.into(),
        content_type: content_type.into(),
        provider: "builtin".into(),
        model: "builtin".into(),
        topics: topics.to_vec(),
        attempts: 1,
    }
}
