//! Topics: the vocabulary of classification. All users see system topics; own topics are seen only by their
//! owner (D-08, D-09, D-17).

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::db::Database;
use crate::id::{TopicId, UserId};
use crate::page::{Page, PageQuery, Paging, Position};
use crate::{Result, db, name};

/// Which topics a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Namespace {
    /// The caller's own topics. Lists show system topics, too.
    Own,
    /// System topics, which administrators change.
    System,
}

/// A topic.
#[derive(Debug, Serialize, ToSchema)]
pub struct Topic {
    /// The topic's id.
    pub id: TopicId,
    /// Unique among all topics that an account sees.
    #[schema(max_length = 64, examples("Invoices"))]
    pub name: String,
    /// What the topic is about. The model that classifies documents reads it.
    #[schema(max_length = 1_000, examples("Bills that are still to be paid"))]
    pub description: String,
    /// Whether it is a system topic, which everybody sees.
    #[schema(examples(false))]
    pub system: bool,
    /// When it was created.
    #[schema(examples("2026-01-31T09:30:00.000000Z"))]
    #[serde(with = "crate::timestamp::utc")]
    pub created_at: OffsetDateTime,
}

/// A topic to create.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTopic {
    /// The topic's name.
    pub name: TopicName,
    /// What the topic is about; default empty.
    #[serde(default)]
    pub description: Description,
}

/// What to change about a topic.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TopicChange {
    /// The new name.
    pub name: Option<TopicName>,
    /// The new description.
    pub description: Option<Description>,
}

/// A topic's name: 1 to 64 characters, at least one of them visible, without control characters and invisible
/// ones. White space around it is removed, and white space inside it becomes single spaces.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, min_length = 1, max_length = 64, examples("Invoices"))]
pub struct TopicName(String);

/// What a topic is about: up to 1,000 characters on one or more lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, max_length = 1_000, examples("Bills that are still to be paid"))]
pub struct Description(String);

impl TopicName {
    /// The length of the longest name, in characters.
    pub const MAX_CHARACTERS: usize = 64;

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
    /// The length of the longest description, in characters.
    pub const MAX_CHARACTERS: usize = 1_000;

    /// The text as it is stored and shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for TopicName {
    type Error = &'static str;

    fn try_from(name: String) -> std::result::Result<Self, Self::Error> {
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() || name.chars().count() > Self::MAX_CHARACTERS {
            return Err("a topic's name has 1 to 64 characters");
        }
        if name::has_hidden_character(&name) {
            return Err("a topic's name has no control characters and no invisible ones");
        }
        if !name::has_visible_character(&name) {
            return Err("a topic's name has a character that can be seen");
        }
        Ok(Self(name))
    }
}

impl TryFrom<String> for Description {
    type Error = &'static str;

    fn try_from(text: String) -> std::result::Result<Self, Self::Error> {
        let text = text.trim();
        if text.chars().count() > Self::MAX_CHARACTERS {
            return Err("a topic's description has at most 1000 characters");
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Err("a topic's description has no control characters");
        }
        Ok(Self(text.to_owned()))
    }
}

/// Topics, newest first.
pub async fn list(
    db: &Database,
    user: UserId,
    namespace: Namespace,
    query: PageQuery,
) -> Result<Page<Topic>> {
    let list = if namespace == Namespace::System { "system topics" } else { "topics" };
    let paging = Paging::parse(list, user, &query)?;
    let topics = db::topic::list(db, user, namespace, &paging).await?;
    Ok(paging.page(topics, |last| Position { created_at: last.created_at, id: last.id.0 }))
}
