//! Documents: what their owner sees of them, and may do with them.

mod filter;

use std::time::Duration;

use postgres_types::FromSql;
use serde::de::IntoDeserializer as _;
use serde::de::value::StrDeserializer;
use serde::{Deserialize, Serialize, Serializer};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::classification::{FailureCode, WithoutText};
use crate::db::Database;
use crate::db::document::StoredFile;
use crate::id::{DocumentId, TopicId, UserId};
use crate::page::{Page, Paging, Position};
use crate::queue::Queue;
use crate::storage::{Location, Stores};
use crate::{Error, Result, config, db};

pub use filter::{DocumentQuery, Filter, Status};

/// How long a download URL lives (SPEC section 3).
const DOWNLOAD_LIFETIME: Duration = Duration::from_secs(5 * 60);

/// The most topics that an owner may set on one document.
pub const MAX_TOPICS: usize = 100;

/// A document.
#[derive(Debug, Serialize, ToSchema)]
pub struct Document {
    /// The document's id.
    pub id: DocumentId,
    /// The file's name. One with characters that turn the direction of writing stands between U+2068 and
    /// U+2069.
    #[schema(max_length = 511, examples("invoice.pdf"))]
    pub filename: String,
    /// The media type that was declared for the upload.
    #[schema(max_length = 255, examples("application/pdf"))]
    pub content_type: String,
    /// The file's size in bytes: the stored file's, or, while the document is `pending`, the declared one, if
    /// any.
    #[schema(required, minimum = 0, examples(56))]
    pub size_bytes: Option<i64>,
    /// The SHA-256 that was declared for the upload, if any, as lower-case hexadecimal digits.
    #[schema(
        required,
        pattern = "^[0-9a-f]{64}$",
        examples("5ffa8aff235214c92bfec5dcc54129187cfdf0fabe16b62011dce198b492c6b6")
    )]
    pub sha256: Option<String>,
    /// How far the document has come.
    pub status: Status,
    /// Why the classification failed; null unless `status` is `classification_failed`.
    #[schema(required)]
    pub failure: Option<Failure>,
    /// What the document is about, by name.
    pub topics: Vec<DocumentTopic>,
    /// How the document was classified; null: it has not been.
    #[schema(required)]
    pub classification: Option<Classification>,
    /// When the upload began.
    #[schema(examples("2026-01-31T09:30:00.000000Z"))]
    #[serde(with = "crate::timestamp::utc")]
    pub created_at: OffsetDateTime,
    /// When the upload was confirmed; null: it is not yet.
    #[schema(required, examples("2026-01-31T09:30:04.512340Z"))]
    #[serde(with = "crate::timestamp::utc::option")]
    pub confirmed_at: Option<OffsetDateTime>,
}

/// A topic that a document has.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentTopic {
    /// How well the topic fits, if the model said so and no person set it.
    #[schema(required)]
    pub confidence: Option<Confidence>,
    /// The topic's id.
    pub id: TopicId,
    /// Whether a person set it.
    #[schema(examples(false))]
    pub manual: bool,
    /// The topic's name.
    #[schema(max_length = 64, examples("Invoices"))]
    pub name: String,
    /// Whether it is a system topic.
    #[schema(examples(false))]
    pub system: bool,
}

/// How well a topic fits, from 0 to 1.
#[derive(Clone, Copy, Debug, FromSql, ToSchema)]
#[postgres(transparent)]
#[schema(value_type = f32, minimum = 0, maximum = 1, examples(0.875))]
pub struct Confidence(f32);

impl Serialize for Confidence {
    /// Whole numbers have no fraction on the wire, as Postgres writes them.
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        if self.0.fract() == 0.0 {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f32(self.0)
        }
    }
}

/// The topics that a document is to have.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTopics {
    /// All of them. Each is a system topic or one of your own.
    #[schema(max_items = 100)]
    pub topic_ids: Vec<TopicId>,
}

/// Why a document could not be classified.
#[derive(Debug, Serialize, ToSchema)]
pub struct Failure {
    /// What went wrong, for programs.
    pub code: FailureCode,
    /// What went wrong, for people.
    #[schema(examples("the provider did not answer in time"))]
    pub message: String,
    /// The provider that had been asked by then, and may have read the document; null: none had.
    #[schema(required)]
    pub provider: Option<Provider>,
    /// The provider's model.
    #[schema(required, examples("llama3.2"))]
    pub model: Option<String>,
}

/// How a document was classified.
#[derive(Debug, Serialize, ToSchema)]
pub struct Classification {
    /// The provider of the model.
    pub provider: Provider,
    /// The model's name.
    #[schema(examples("llama3.2"))]
    pub model: String,
    /// The version of the prompt.
    #[schema(required, examples("prompt-1"))]
    pub prompt_version: Option<String>,
    /// Whether the model read only a part of the document's text, or nothing of it though it may have text.
    #[schema(examples(false))]
    pub truncated: bool,
    /// Why the model read the filename and the media type only; null: it read the document's text.
    #[schema(required)]
    pub without_text: Option<WithoutText>,
    /// When it was classified.
    #[schema(examples("2026-01-31T09:30:06.048000Z"))]
    #[serde(with = "crate::timestamp::utc")]
    pub classified_at: OffsetDateTime,
}

/// Who offers the model that classifies documents. `builtin` is no model: it looks for keywords.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(examples("ollama"))]
pub enum Provider {
    /// Keywords, without a network.
    Builtin,
    /// Ollama.
    Ollama,
    /// OpenAI, or another service with its API.
    OpenAi,
    /// Anthropic.
    Anthropic,
    /// Amazon Bedrock.
    Bedrock,
    /// A provider that this release does not know.
    #[serde(other)]
    Unknown,
}

impl Provider {
    /// The name that the database and the API use.
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
    /// The provider of this name.
    fn from(name: &str) -> Self {
        let name: StrDeserializer<'_, serde::de::value::Error> = name.into_deserializer();
        Self::deserialize(name).unwrap_or(Self::Unknown)
    }
}

/// Where to fetch a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct Download {
    /// Where to fetch the file by `GET`.
    #[schema(format = "uri", examples("https://bucket.example.com/...pdf?X-Amz-Signature=..."))]
    pub download_url: String,
    /// When the URL stops working.
    #[schema(examples("2026-01-31T09:35:00.000000Z"))]
    #[serde(with = "crate::timestamp::utc")]
    pub expires_at: OffsetDateTime,
}

/// The user's documents, newest first.
pub async fn list(db: &Database, user: UserId, query: DocumentQuery) -> Result<Page<Document>> {
    let (filter, page) = Filter::parse(query)?;
    let paging = Paging::parse("documents", user, &page)?;
    let documents = db::document::list(db, user, &filter, &paging).await?;
    Ok(paging.page(documents, |last| Position { created_at: last.created_at, id: last.id.0 }))
}

/// Signs a URL for the bytes of a confirmed document.
pub async fn download(db: &Database, stores: &Stores, user: UserId, id: DocumentId) -> Result<Download> {
    let StoredFile { location, filename, content_type } = db::document::find_stored(db, user, id).await?;
    let storage = stores.get(location.backend);
    let signed = storage.presign_get(&location.key, &filename, &content_type, DOWNLOAD_LIFETIME)?;
    Ok(Download { download_url: signed.url, expires_at: signed.expires_at })
}

/// Sets the document's topics by hand to exactly these. A topic that is taken off is not put back by a later
/// classification. A topic that the owner does not see counts as one that does not exist.
pub async fn set_topics(
    db: &Database,
    user: UserId,
    id: DocumentId,
    mut topics: Vec<TopicId>,
) -> Result<Document> {
    if topics.len() > MAX_TOPICS {
        return Err(Error::Invalid(format!("a document has at most {MAX_TOPICS} topics")));
    }
    topics.sort_unstable();
    topics.dedup();
    db::document::set_topics(db, user, id, &topics).await?;
    db::document::get(db, user, id).await
}

/// Asks for another classification of the document, unless it still waits for one.
pub async fn reclassify(
    db: &Database,
    queue: &Queue,
    limits: config::DocumentLimits,
    user: UserId,
    id: DocumentId,
) -> Result<()> {
    if db::classification::request(db, limits, user, id).await? {
        queue.nudge_or_leave_to_sweep(id).await;
    }
    Ok(())
}

/// Deletes the row and credits its bytes, then removes the object.
pub async fn delete(db: &Database, stores: &Stores, user: UserId, id: DocumentId) -> Result<()> {
    if let Some(Location { backend, key }) = db::document::delete(db, user, id).await? {
        stores.get(backend).delete_buried(&key).await;
    }
    Ok(())
}
