//! Topics: the closed vocabulary that documents are classified into. Everybody sees the system's, and nobody another user's
//! (D-08, D-09, D-17).

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::config;
use crate::db::Database;
use crate::id::{TopicId, UserId};
use crate::page::{Page, Paging, Place};
use crate::{Result, db, name};

/// Whose topics are listed or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Namespace {
    /// The caller's own; lists show the system's, too.
    Own,
    /// The system's, which administrators keep.
    System,
}

/// A topic as it is shown.
#[derive(Debug, Serialize)]
pub struct Topic {
    /// Its id.
    pub id: TopicId,
    /// Unique, by its [key](name::key), among all that its reader sees.
    pub name: String,
    /// What it is about; the model is shown it.
    pub description: String,
    /// Whether everybody sees it.
    pub system: bool,
    /// When it was made.
    #[serde(with = "crate::timestamp::utc")]
    pub created_at: OffsetDateTime,
}

/// A topic to be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewTopic {
    /// See [`Topic::name`].
    pub name: TopicName,
    /// See [`Topic::description`]; default empty.
    #[serde(default)]
    pub description: Description,
}

/// What to change; what is not named stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopicChange {
    /// A new name.
    pub name: Option<TopicName>,
    /// A new description.
    pub description: Option<Description>,
}

/// 1 to 64 characters, one at least that is seen and none that hides, without white space around, with single spaces inside.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct TopicName(String);

/// Up to 1,000 characters on one or more lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Description(String);

impl TopicName {
    /// As it is stored and shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it is compared by.
    pub fn key(&self) -> String {
        name::key(&self.0)
    }
}

impl Description {
    /// As it is stored and shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for TopicName {
    type Error = &'static str;

    fn try_from(name: String) -> std::result::Result<Self, Self::Error> {
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() || name.chars().count() > 64 {
            return Err("a topic's name has 1 to 64 characters");
        }
        if name::has_hidden(&name) {
            return Err("a topic's name has no control characters and no invisible ones");
        }
        if !name::is_visible(&name) {
            return Err("a topic's name has a character that can be seen");
        }
        Ok(Self(name))
    }
}

impl TryFrom<String> for Description {
    type Error = &'static str;

    fn try_from(text: String) -> std::result::Result<Self, Self::Error> {
        let text = text.trim();
        if text.chars().count() > 1_000 {
            return Err("a topic's description has at most 1000 characters");
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Err("a topic's description has no control characters");
        }
        Ok(Self(text.to_owned()))
    }
}

/// Makes a topic.
///
/// # Errors
/// [`TopicExists`](crate::Error::TopicExists) if its reader sees one of that name; [`TooManyTopics`](crate::Error::TooManyTopics)
/// if the user has as many as allowed.
pub async fn create(
    db: &Database,
    limits: config::Topics,
    user: UserId,
    namespace: Namespace,
    new: &NewTopic,
) -> Result<Topic> {
    db::topic::create(db, user, namespace, TopicId::new(), new, limits.max_own).await
}

/// Topics, newest first.
pub async fn list(db: &Database, user: UserId, namespace: Namespace, paging: Paging) -> Result<Page<Topic>> {
    let topics = db::topic::list(db, user, namespace, &paging).await?;
    Ok(paging.page(topics, |last| Place { created_at: last.created_at, id: last.id.0 }))
}
