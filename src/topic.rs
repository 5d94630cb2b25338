//! Topics, with which documents are labelled. System topics are visible to all users. Own topics are visible
//! only to the account that created them.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

use crate::auth::User;
use crate::db::Database;
use crate::id::TopicId;
use crate::page::{Page, PageQuery, PageRequest, Position};
use crate::{Result, db, name};

/// The kind of topics that a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Namespace {
    /// The caller's own topics. A list of them contains the system topics as well.
    Own,
    /// System topics. Only administrators may change them.
    System,
}

/// A label for documents: a system topic or an own topic.
#[derive(Debug, Serialize, ToSchema)]
pub struct Topic {
    /// The topic's id.
    pub id: TopicId,
    /// The topic's name. It is unique among the topics that an account sees.
    #[schema(max_length = 64, examples("Invoices"))]
    pub name: String,
    /// The topic's description. The model that classifies documents reads it.
    #[schema(max_length = 1_000, examples("Bills that are still to be paid"))]
    pub description: String,
    /// True if it is a system topic, which all users see.
    #[schema(examples(false))]
    pub system: bool,
    /// The time at which the topic was created.
    #[schema(examples("2026-01-31T09:30:00.000000Z"))]
    #[serde(serialize_with = "crate::timestamp::write_utc")]
    pub created_at: OffsetDateTime,
    /// The number of your documents with this topic. Only in lists that were asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, examples(12))]
    pub documents: Option<i64>,
}

/// The parameters of a list of topics.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TopicQuery {
    /// True to count the documents of each topic.
    #[serde(default)]
    #[param(default = false, example = true)]
    pub counts: bool,
    /// The most items on a page.
    #[param(minimum = 1, maximum = 100, default = 50, example = 20)]
    pub limit: Option<usize>,
    /// The `next_cursor` of the previous page. A cursor is valid for one list and one account only.
    #[param(max_length = 100, example = "AZwTY0nAcAC...")]
    pub cursor: Option<String>,
}

/// A topic to create.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTopic {
    /// The topic's name.
    pub name: TopicName,
    /// The topic's description. Default: empty.
    #[serde(default)]
    pub description: Description,
}

/// A change of a topic. Fields that are absent stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TopicChange {
    /// The new name.
    pub name: Option<TopicName>,
    /// The new description.
    pub description: Option<Description>,
}

/// A topic's name: 1 to 64 characters. At least one must be visible. Control characters are not allowed, and
/// invisible characters only where they shape visible ones, such as joiners and variation selectors. White
/// space at both ends is removed, and white space inside becomes single spaces.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, min_length = 1, max_length = 64, examples("Invoices"))]
pub struct TopicName(String);

/// A topic's description: up to 1,000 characters, on one or more lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, max_length = 1_000, examples("Bills that are still to be paid"))]
pub struct Description(String);

impl TopicName {
    /// The length of the longest name, in characters.
    pub const MAX_CHARACTERS: usize = name::MAX_CHARACTERS;

    /// The text that is stored and shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The [name key](name::key), by which names are compared.
    pub fn key(&self) -> String {
        name::key(&self.0)
    }
}

impl Description {
    /// The length of the longest description, in characters.
    pub const MAX_CHARACTERS: usize = 1_000;

    /// The text that is stored and shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for TopicName {
    type Error = String;

    fn try_from(name: String) -> std::result::Result<Self, Self::Error> {
        name::tidy(&name).map(Self).map_err(|problem| format!("a topic's name {problem}"))
    }
}

impl TryFrom<String> for Description {
    type Error = &'static str;

    fn try_from(text: String) -> std::result::Result<Self, Self::Error> {
        let text = text.trim();
        if text.chars().count() > Self::MAX_CHARACTERS {
            return Err("a topic's description must have at most 1000 characters");
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Err("a topic's description must not contain control characters");
        }
        Ok(Self(text.to_owned()))
    }
}

/// Lists the system topics and the user's own, newest first.
pub async fn list(db: &Database, user: User, query: TopicQuery) -> Result<Page<Topic>> {
    let TopicQuery { counts, limit, cursor } = query;
    list_in(db, user, Namespace::Own, PageQuery { limit, cursor }, counts).await
}

/// Lists the system topics for an administrator, newest first.
pub async fn list_system(db: &Database, user: User, query: PageQuery) -> Result<Page<Topic>> {
    list_in(db, user, Namespace::System, query, false).await
}

async fn list_in(
    db: &Database,
    user: User,
    namespace: Namespace,
    query: PageQuery,
    counts: bool,
) -> Result<Page<Topic>> {
    let list = if namespace == Namespace::System { "system topics" } else { "topics" };
    let paging = PageRequest::parse(list, user.id, &query)?;
    let topics = db::topic::list(db, user, namespace, &paging, counts).await?;
    Ok(paging.page(topics, |last| Position { created_at: last.created_at, id: last.id.0 }))
}
