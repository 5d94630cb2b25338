//! Which documents a list shows, and how it goes on.

use serde::{Deserialize, Serialize};

use super::Document;
use crate::cursor;
use crate::id::{DocumentId, TopicId, UserId};
use crate::{Error, Result};

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
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only these; pending ones are shown only when asked for.
    pub status: Option<Status>,
    /// Only those about this topic.
    pub topic: Option<TopicId>,
    /// Only those whose filename contains this, without case.
    pub q: Option<String>,
    /// Only those older than this one.
    pub before: Option<DocumentId>,
    limit: Option<usize>,
}

impl Filter {
    /// Reads the query of a list. `limit` is 1 to 100, default 50; a cursor means nothing to another user.
    pub fn parse(
        user: UserId,
        status: Option<Status>,
        topic: Option<TopicId>,
        q: Option<String>,
        limit: Option<usize>,
        cursor: Option<&str>,
    ) -> Result<Self> {
        if limit.is_some_and(|limit| !(1..=100).contains(&limit)) {
            return Err(Error::Invalid("limit is 1 to 100".into()));
        }
        if q.as_ref().is_some_and(|q| q.chars().count() > 255 || q.contains('\0')) {
            return Err(Error::Invalid("q is a part of a filename: at most 255 characters".into()));
        }
        let before = cursor.map(|cursor| cursor::read(user, cursor)).transpose()?;
        Ok(Self { status, topic, q, before, limit })
    }

    /// The most items on a page.
    pub fn limit(&self) -> usize {
        self.limit.unwrap_or(50)
    }
}

/// A part of a list.
#[derive(Debug, Serialize)]
pub struct Page {
    /// The documents.
    pub items: Vec<Document>,
    /// What to ask for the next page with; null: this was the last.
    pub next_cursor: Option<String>,
}
