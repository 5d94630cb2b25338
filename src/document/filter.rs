//! Which documents a list shows.

use serde::Deserialize;

use crate::id::TopicId;
use crate::{Error, Result, name};

/// Where a document stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The URL is minted, nothing is charged.
    Pending,
    /// Charged, not yet classified.
    Uploaded,
    /// Classified.
    Classified,
    /// Given up, with a reason.
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

/// What to list.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Only these; pending ones are shown only when asked for.
    pub status: Option<Status>,
    /// Only those about this topic.
    pub topic: Option<TopicId>,
    /// Only those whose filename contains this: a key, compared with the [key](name::key) of the name.
    pub q: Option<String>,
}

impl Filter {
    /// Reads the query of a list.
    pub fn parse(status: Option<Status>, topic: Option<TopicId>, q: Option<String>) -> Result<Self> {
        if q.as_ref().is_some_and(|q| q.chars().count() > 255 || q.contains('\0')) {
            return Err(Error::Invalid("q is a part of a filename: at most 255 characters".into()));
        }
        Ok(Self { status, topic, q: q.map(|q| name::key(&q)).filter(|q| !q.is_empty()) })
    }
}
