//! Documents: their form in the API, and the actions of their owner.

mod filter;

use std::time::Duration;

use postgres_types::FromSql;
use serde::de::IntoDeserializer as _;
use serde::de::value::StrDeserializer;
use serde::{Deserialize, Serialize, Serializer};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::auth::User;
use crate::classification::{FailureCode, WithoutText};
use crate::db::Database;
use crate::db::document::StoredFile;
use crate::id::{DocumentId, TopicId};
use crate::page::{Page, PageRequest, Position};
use crate::queue::Queue;
use crate::storage::{Location, Stores};
use crate::{Error, Result, config, db};

pub use filter::{DocumentQuery, Filter, Status};

/// The lifetime of a download URL.
pub(crate) const DOWNLOAD_LIFETIME: Duration = Duration::from_secs(5 * 60);

/// The most topics that an owner may set on one document in one request.
pub const MAX_TOPICS: usize = 100;

/// A document, as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Document {
    /// The document's id.
    pub id: DocumentId,
    /// The file's name. If it contains characters that change the direction of writing, it is enclosed in
    /// U+2068 and U+2069.
    #[schema(max_length = 511, examples("invoice.pdf"))]
    pub filename: String,
    /// The media type that the client declared for the upload.
    #[schema(max_length = 255, examples("application/pdf"))]
    pub content_type: String,
    /// The size of the file in bytes. While the document is `pending`, it is the declared size, or null if
    /// none was declared.
    #[schema(required, minimum = 0, examples(56))]
    pub size_bytes: Option<i64>,
    /// The SHA-256 that the client declared for the upload, as lower-case hexadecimal digits; null if none
    /// was declared.
    #[schema(
        required,
        pattern = "^[0-9a-f]{64}$",
        examples("5ffa8aff235214c92bfec5dcc54129187cfdf0fabe16b62011dce198b492c6b6")
    )]
    pub sha256: Option<String>,
    /// The document's status.
    pub status: Status,
    /// The reason why the classification failed; null unless `status` is `classification_failed`.
    #[schema(required)]
    pub failure: Option<Failure>,
    /// The document's topics, sorted by name.
    pub topics: Vec<DocumentTopic>,
    /// The latest successful classification; null if there was none.
    #[schema(required)]
    pub classification: Option<Classification>,
    /// The time at which the upload URL was requested.
    #[schema(examples("2026-01-31T09:30:00.000000Z"))]
    #[serde(serialize_with = "crate::timestamp::write_utc")]
    pub created_at: OffsetDateTime,
    /// The time at which the upload was confirmed; null while the document is `pending`.
    #[schema(required, examples("2026-01-31T09:30:04.512340Z"))]
    #[serde(serialize_with = "crate::timestamp::write_utc_or_null")]
    pub confirmed_at: Option<OffsetDateTime>,
}

/// A topic of a document.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentTopic {
    /// The model's confidence that the topic fits, from 0 to 1; null if the model stated none, or if the
    /// owner set the topic.
    #[schema(required)]
    pub confidence: Option<Confidence>,
    /// The topic's id.
    pub id: TopicId,
    /// True if the owner set the topic by hand.
    #[schema(examples(false))]
    pub manual: bool,
    /// The topic's name.
    #[schema(max_length = 64, examples("Invoices"))]
    pub name: String,
    /// True if it is a system topic, which all users see.
    #[schema(examples(false))]
    pub system: bool,
}

/// The confidence that a topic fits, from 0 to 1.
#[derive(Clone, Copy, Debug, FromSql, ToSchema)]
#[postgres(transparent)]
#[schema(value_type = f32, minimum = 0, maximum = 1, examples(0.875))]
pub struct Confidence(f32);

impl Serialize for Confidence {
    /// Writes whole numbers without a fraction (`1`, not `1.0`), as Postgres writes them in JSON.
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        if self.0.fract() == 0.0 {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f32(self.0)
        }
    }
}

/// The topics to set on a document.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TopicSelection {
    /// The ids of all topics that the document is to have. Each must be a system topic or one of your own
    /// topics.
    #[schema(max_items = 100)]
    pub topic_ids: Vec<TopicId>,
}

/// The failure of a classification.
#[derive(Debug, Serialize, ToSchema)]
pub struct Failure {
    /// The code of the failure, for programs.
    pub code: FailureCode,
    /// The description of the failure, for people. Its wording may change.
    #[schema(examples("the provider did not answer in time"))]
    pub message: String,
    /// The provider that was asked, and may have read the document; null if no provider was asked.
    #[schema(required)]
    pub provider: Option<Provider>,
    /// The model that was asked; null if no provider was asked.
    #[schema(required, examples("llama3.2"))]
    pub model: Option<String>,
    /// The number of images of the document that were sent to the provider.
    #[schema(minimum = 0, maximum = 3, examples(0))]
    pub images_sent: i32,
}

/// A successful classification.
#[derive(Debug, Serialize, ToSchema)]
pub struct Classification {
    /// The provider that classified the document.
    pub provider: Provider,
    /// The name of the model.
    #[schema(examples("llama3.2"))]
    pub model: String,
    /// The version of the instructions that the model got, or of the keyword classifier; null if it was not
    /// recorded.
    #[schema(required, examples("prompt-2"))]
    pub prompt_version: Option<String>,
    /// True if the model got only a part of the document's text, or nothing of it although the document may
    /// contain text.
    #[schema(examples(false))]
    pub truncated: bool,
    /// The reason why the document was classified without its text: by filename and media type, and by images
    /// if `images_sent` is not 0; null if its text was used.
    #[schema(required)]
    pub without_text: Option<WithoutText>,
    /// The name of the document's format, if `without_text` is `unknown_format` and the format has a name;
    /// else null.
    #[schema(required, examples("Access"))]
    pub unread_format: Option<String>,
    /// The number of pages that were found; null for formats whose pages are not fixed, and if it was not
    /// recorded.
    #[schema(required, minimum = 0, examples(10))]
    pub pages: Option<i32>,
    /// The number of pages on which no text was found, such as scans: the model got no text of them, and no
    /// images unless `images_sent` says so. Null if `pages` is null.
    #[schema(required, minimum = 0, examples(3))]
    pub pages_without_text: Option<i32>,
    /// The number of images of the document that were sent to the provider, because the document has no text:
    /// a picture, or the first pages of a scan. A provider that refused them was asked again without them.
    #[schema(minimum = 0, maximum = 3, examples(0))]
    pub images_sent: i32,
    /// The time of the classification.
    #[schema(examples("2026-01-31T09:30:06.048000Z"))]
    #[serde(serialize_with = "crate::timestamp::write_utc")]
    pub classified_at: OffsetDateTime,
}

/// A service that classifies documents with a language model. `builtin` is an exception: it uses keywords and
/// no model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(examples("ollama"))]
pub enum Provider {
    /// The built-in classifier. It looks for keywords, and sends nothing over the network.
    Builtin,
    /// Models that the operator runs with Ollama.
    Ollama,
    /// OpenAI, or another service with the same API.
    OpenAi,
    /// Anthropic's models, by its own API.
    Anthropic,
    /// Amazon Bedrock.
    Bedrock,
    /// A provider that this release does not know.
    #[serde(other)]
    Unknown,
}

impl Provider {
    /// The name in the database and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Builtin => "builtin",
            Self::Ollama => "ollama",
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Bedrock => "bedrock",
            Self::Unknown => "unknown",
        }
    }
}

impl From<&str> for Provider {
    /// Returns the provider with this name, or [`Self::Unknown`].
    fn from(name: &str) -> Self {
        let name: StrDeserializer<'_, serde::de::value::Error> = name.into_deserializer();
        Self::deserialize(name).unwrap_or(Self::Unknown)
    }
}

/// A URL for downloading a document. It can be used until it expires.
#[derive(Debug, Serialize, ToSchema)]
pub struct Download {
    /// The URL from which `GET` fetches the file, without an access token.
    #[schema(format = "uri", examples("https://bucket.example.com/...pdf?X-Amz-Signature=..."))]
    pub download_url: String,
    /// The time at which the URL expires.
    #[schema(examples("2026-01-31T09:35:00.000000Z"))]
    #[serde(serialize_with = "crate::timestamp::write_utc")]
    pub expires_at: OffsetDateTime,
}

/// Lists the user's documents, newest first.
pub async fn list(db: &Database, user: User, query: DocumentQuery) -> Result<Page<Document>> {
    let (filter, page) = Filter::parse(query)?;
    let paging = PageRequest::parse("documents", user.id, &page)?;
    let documents = db::document::list(db, user, &filter, &paging).await?;
    Ok(paging.page(documents, |last| Position { created_at: last.created_at, id: last.id.0 }))
}

/// Signs a URL from which the file of a confirmed document can be downloaded.
pub async fn download(db: &Database, stores: &Stores, user: User, id: DocumentId) -> Result<Download> {
    let StoredFile { location, filename, content_type } = db::document::find_stored(db, user, id).await?;
    let storage = stores.get(location.backend);
    let signed = storage.presign_get(&location.key, &filename, &content_type, DOWNLOAD_LIFETIME)?;
    Ok(Download { download_url: signed.url, expires_at: signed.expires_at })
}

/// Sets the document's topics by hand to exactly these. Other topics of the document are dismissed: no later
/// classification adds them again.
///
/// # Errors
/// [`Error::Invalid`] if there are too many topics, or if the owner does not see one of them.
pub async fn set_topics(
    db: &Database,
    user: User,
    id: DocumentId,
    mut topics: Vec<TopicId>,
) -> Result<Document> {
    if topics.len() > MAX_TOPICS {
        return Err(Error::Invalid(format!("topic_ids must have at most {MAX_TOPICS} ids")));
    }
    topics.sort_unstable();
    topics.dedup();
    db::document::set_topics(db, user, id, &topics).await?;
    db::document::get(db, user, id).await
}

/// Requests another classification of the document. Does nothing if the document still waits for one.
pub async fn reclassify(
    db: &Database,
    queue: &Queue,
    limits: config::DocumentLimits,
    user: User,
    id: DocumentId,
) -> Result<()> {
    if db::classification::request(db, limits, user, id).await? {
        queue.nudge_or_leave_to_sweep(id).await;
    }
    Ok(())
}

/// Deletes the document's row, subtracts its size from the used bytes, and then removes its object. If the
/// object cannot be removed now, the sweep removes it.
pub async fn delete(db: &Database, stores: &Stores, user: User, id: DocumentId) -> Result<()> {
    if let Some(Location { backend, key }) = db::document::delete(db, user, id).await? {
        stores.get(backend).delete_buried(&key).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_has_one_name() {
        use Provider::{Anthropic, Bedrock, Builtin, Ollama, OpenAi, Unknown};
        for provider in [Builtin, Ollama, OpenAi, Anthropic, Bedrock, Unknown] {
            assert_eq!(serde_json::to_value(provider).unwrap(), provider.as_str());
            assert_eq!(Provider::from(provider.as_str()), provider);
        }
    }
}
