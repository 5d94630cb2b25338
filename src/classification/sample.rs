//! What unit tests classify.

use super::{Job, Topic};
use crate::id::{DocumentId, LeaseId, TopicId, UserId};
use crate::storage::{Extension, ObjectKey};

pub fn topic(name: &str, description: &str) -> Topic {
    Topic { id: TopicId::new(), name: name.into(), description: description.into() }
}

pub fn job(filename: &str, content_type: &str) -> Job {
    let (owner, id) = (UserId::new(), DocumentId::new());
    Job {
        id,
        lease: LeaseId::new(),
        owner,
        key: ObjectKey::new(owner, id, Extension::of(filename)),
        filename: filename.into(),
        content_type: content_type.into(),
        provider: "builtin".into(),
        model: "builtin".into(),
        attempts: 1,
    }
}
