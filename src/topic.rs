//! Topics: the vocabulary of classification. All users see system topics; own topics are seen only by their
//! owner (D-08, D-09, D-17).

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::config;
use crate::db::Database;
use crate::id::{TopicId, UserId};
use crate::page::{Page, Paging, Position};
use crate::{Result, db, name};

/// Which topics a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Namespace {
    /// The caller's own topics. Lists show system topics, too.
    Own,
    /// System topics, which administrators change.
    System,
}

/// A topic as its reader sees it.
#[derive(Debug, Serialize)]
pub struct Topic {
    /// Its id.
    pub id: TopicId,
    /// Its name. The [name key](name::key) is unique among the topics that its reader sees.
    pub name: String,
    /// What it is about, for people and for the model.
    pub description: String,
    /// Whether it is a system topic.
    pub system: bool,
    /// When it was created.
    #[serde(with = "crate::timestamp::utc")]
    pub created_at: OffsetDateTime,
}

/// The body of a request to create a topic.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewTopic {
    /// See [`Topic::name`].
    pub name: TopicName,
    /// See [`Topic::description`]; default: empty.
    #[serde(default)]
    pub description: Description,
}

/// The body of a request to change a topic. What is absent stays as it is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopicChange {
    /// A new name.
    pub name: Option<TopicName>,
    /// A new description.
    pub description: Option<Description>,
}

/// A topic's name: 1 to 64 characters, at least one of them visible and none hidden. White space is reduced
/// to single spaces.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct TopicName(String);

/// A topic's description: up to 1,000 characters, on one or more lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Description(String);

impl TopicName {
    /// The text as it is stored and shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key by which it is compared.
    pub fn key(&self) -> String {
        name::key(&self.0)
    }
}

impl Description {
    /// The text as it is stored and shown.
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

/// Creates a topic.
///
/// # Errors
/// [`TopicExists`](crate::Error::TopicExists) if its reader sees one with that name;
/// [`TooManyTopics`](crate::Error::TooManyTopics) if the user has as many as allowed.
pub async fn create(
    db: &Database,
    limits: config::Topics,
    user: UserId,
    namespace: Namespace,
    new: &NewTopic,
) -> Result<Topic> {
    db::topic::create(db, user, namespace, TopicId::new(), new, limits.max_own).await
}

/// Lists topics, newest first.
pub async fn list(db: &Database, user: UserId, namespace: Namespace, paging: Paging) -> Result<Page<Topic>> {
    let topics = db::topic::list(db, user, namespace, &paging).await?;
    Ok(paging.page(topics, |last| Position { created_at: last.created_at, id: last.id.0 }))
}
