//! The filters of a list of documents.

use serde::Deserialize;

use crate::id::TopicId;
use crate::{Error, Result, name};

/// The status of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Its upload was begun; nothing is charged.
    Pending,
    /// Confirmed and charged, not yet classified.
    Uploaded,
    /// Classified.
    Classified,
    /// Its classification failed, with a reason.
    ClassificationFailed,
}

impl Status {
    /// As the database and the API write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Uploaded => "uploaded",
            Self::Classified => "classified",
            Self::ClassificationFailed => "classification_failed",
        }
    }
}

/// The filters of one request.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Only documents with this status; none: all that are not pending.
    pub status: Option<Status>,
    /// Only documents with this topic.
    pub topic: Option<TopicId>,
    /// Only documents whose [name key](name::key) contains this key.
    pub q: Option<String>,
}

impl Filter {
    /// Reads the filters of a request.
    pub fn parse(status: Option<Status>, topic: Option<TopicId>, q: Option<String>) -> Result<Self> {
        if q.as_ref().is_some_and(|q| q.chars().count() > 255 || q.contains('\0')) {
            return Err(Error::Invalid("q is a part of a filename: at most 255 characters".into()));
        }
        Ok(Self { status, topic, q: q.map(|q| name::key(&q)).filter(|q| !q.is_empty()) })
    }
}
