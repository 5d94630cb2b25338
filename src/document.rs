//! Documents: what their owner sees of them, and may do with them.

mod filter;

use std::time::Duration;

use serde::Serialize;
use time::OffsetDateTime;

use crate::classification::FailureCode;
use crate::db::Database;
use crate::db::document::Stored;
use crate::id::{DocumentId, TopicId, UserId};
use crate::page::{Page, Paging, Position};
use crate::queue::Queue;
use crate::storage::{Location, Stores};
use crate::{Error, Result, config, db};

pub use filter::{Filter, Status};

/// How long a download URL lives (SPEC section 3).
const DOWNLOAD_LIFETIME: Duration = Duration::from_secs(5 * 60);

/// The most topics that an owner may set on one document.
const MOST_TOPICS: usize = 100;

/// A document as its owner sees it. The object key is never shown.
#[derive(Debug, Serialize)]
pub struct Document {
    /// Its id.
    pub id: DocumentId,
    /// The filename, as uploaded. One that changes the direction of writing is
    /// [isolated](crate::name::isolated).
    pub filename: String,
    /// The content type, as declared.
    pub content_type: String,
    /// The size in bytes: the declared one while pending, then the store's.
    pub size_bytes: Option<i64>,
    /// The checksum in lower-case hex, where declared.
    pub sha256: Option<String>,
    /// `pending`, `uploaded`, `classified` or `classification_failed`.
    pub status: String,
    /// Why classification failed.
    pub failure: Option<Failure>,
    /// Its topics, each as `{id, name, system, manual, confidence}`.
    pub topics: serde_json::Value,
    /// How it was classified.
    pub classification: Option<Classification>,
    /// When the upload URL was signed.
    #[serde(with = "crate::timestamp::utc")]
    pub created_at: OffsetDateTime,
    /// When it was confirmed.
    #[serde(with = "crate::timestamp::utc::option")]
    pub confirmed_at: Option<OffsetDateTime>,
}

/// Why a classification failed.
#[derive(Debug, Serialize)]
pub struct Failure {
    /// What failed, for programs. A code never changes its meaning.
    pub code: FailureCode,
    /// A sentence, for people.
    pub message: String,
    /// The provider that was asked and may have read the document; none if it was not.
    pub provider: Option<String>,
    /// The provider's model.
    pub model: Option<String>,
}

/// How a document was classified.
#[derive(Debug, Serialize)]
pub struct Classification {
    /// The provider's name.
    pub provider: String,
    /// The model's name.
    pub model: String,
    /// The version of the prompt.
    pub prompt_version: Option<String>,
    /// Whether the model saw only a part of the text, or none because the document is too large or was read
    /// only in part.
    pub truncated: bool,
    /// Why the model saw only filename and content type; null: it saw the text.
    pub without_text: Option<String>,
    /// When the classification ended.
    #[serde(with = "crate::timestamp::utc")]
    pub classified_at: OffsetDateTime,
}

/// How to download a document.
#[derive(Debug, Serialize)]
pub struct Download {
    /// The presigned URL for the GET.
    pub download_url: String,
    /// When it stops working.
    #[serde(with = "crate::timestamp::utc")]
    pub expires_at: OffsetDateTime,
}

/// Lists the user's documents, newest first.
pub async fn list(db: &Database, user: UserId, filter: &Filter, paging: Paging) -> Result<Page<Document>> {
    let documents = db::document::list(db, user, filter, &paging).await?;
    Ok(paging.page(documents, |last| Position { created_at: last.created_at, id: last.id.0 }))
}

/// Signs a URL for the bytes of a confirmed document.
pub async fn download(db: &Database, stores: &Stores, user: UserId, id: DocumentId) -> Result<Download> {
    let Stored { location, filename, content_type } = db::document::stored(db, user, id).await?;
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
    if topics.len() > MOST_TOPICS {
        return Err(Error::Invalid(format!("a document has at most {MOST_TOPICS} topics")));
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
    limits: config::Documents,
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
    let Location { backend, key } = db::document::delete(db, user, id).await?;
    stores.get(backend).delete_buried(&key).await;
    Ok(())
}
