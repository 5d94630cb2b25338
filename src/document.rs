//! A document: its parts, and what its owner may do with it once it is there.

mod filter;

use std::time::Duration;

use serde::Serialize;
use time::OffsetDateTime;

use crate::classification::FailureCode;
use crate::db::Database;
use crate::id::{DocumentId, TopicId, UserId};
use crate::page::{Page, Paging, Place};
use crate::queue::Queue;
use crate::storage::Storage;
use crate::{Error, Result, config, db};

pub use filter::{Filter, Status};

/// How long a download URL lives (SPEC section 3).
const DOWNLOAD_LIFETIME: Duration = Duration::from_secs(5 * 60);

/// The most topics that one document may be given by hand.
const MOST_TOPICS: usize = 100;

/// A document as its owner sees it: never the key.
#[derive(Debug, Serialize)]
pub struct Document {
    /// Its id.
    pub id: DocumentId,
    /// As uploaded; lives in the database only. One that would turn what stands beside it is [isolated](crate::name::isolated).
    pub filename: String,
    /// As declared at upload.
    pub content_type: String,
    /// Bytes: declared while pending, the store's word afterwards.
    pub size_bytes: Option<i64>,
    /// Lower-case hex, where declared.
    pub sha256: Option<String>,
    /// `pending`, `uploaded`, `classified` or `classification_failed`.
    pub status: String,
    /// Why classification failed.
    pub failure: Option<Failure>,
    /// What it is about: `{id, name, system, manual, confidence}` each.
    pub topics: serde_json::Value,
    /// Which model read it.
    pub classification: Option<Classification>,
    /// When the upload URL was minted.
    #[serde(with = "crate::timestamp::utc")]
    pub created_at: OffsetDateTime,
    /// When it was charged.
    #[serde(with = "crate::timestamp::utc::option")]
    pub confirmed_at: Option<OffsetDateTime>,
}

/// Why classification ended without a result.
#[derive(Debug, Serialize)]
pub struct Failure {
    /// What failed; the codes never change.
    pub code: FailureCode,
    /// For people.
    pub message: String,
    /// Who had been asked by then, and may have read the document; none if nobody was.
    pub provider: Option<String>,
    /// Which of its models.
    pub model: Option<String>,
}

/// Who classified, and on what.
#[derive(Debug, Serialize)]
pub struct Classification {
    /// The provider's name.
    pub provider: String,
    /// The model's name.
    pub model: String,
    /// Which of our prompts.
    pub prompt_version: Option<String>,
    /// Whether the model saw only a part, or nothing: of a document that is too large, or has no text in the part that is read.
    pub truncated: bool,
    /// Why it saw filename and type alone; null: it saw the text.
    pub without_text: Option<String>,
    /// When.
    #[serde(with = "crate::timestamp::utc")]
    pub classified_at: OffsetDateTime,
}

/// Where to fetch the bytes.
#[derive(Debug, Serialize)]
pub struct Download {
    /// Presigned GET.
    pub download_url: String,
    /// When it stops working.
    #[serde(with = "crate::timestamp::utc")]
    pub expires_at: OffsetDateTime,
}

/// The user's documents, newest first.
pub async fn list(db: &Database, user: UserId, filter: &Filter, paging: Paging) -> Result<Page<Document>> {
    let documents = db::document::list(db, user, filter, &paging).await?;
    Ok(paging.page(documents, |last| Place { created_at: last.created_at, id: last.id.0 }))
}

/// A URL for the bytes of a confirmed document.
pub async fn download(db: &Database, storage: &Storage, user: UserId, id: DocumentId) -> Result<Download> {
    let stored = db::document::stored(db, user, id).await?;
    let signed =
        storage.presign_get(&stored.key, &stored.filename, &stored.content_type, DOWNLOAD_LIFETIME)?;
    Ok(Download { download_url: signed.url, expires_at: signed.expires_at })
}

/// Makes the document's topics exactly these, by the owner's word: what is not among them is taken off, and no classification
/// puts it back. Topics that the owner does not see are as ones that are not there.
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

/// Has the document classified again, unless that is about to happen anyway.
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

/// Removes the row and gives its bytes back, then removes the object.
pub async fn delete(db: &Database, storage: &Storage, user: UserId, id: DocumentId) -> Result<()> {
    let key = db::document::delete(db, user, id).await?;
    storage.delete_buried(&key).await;
    Ok(())
}
