//! The upload of a file. The client requests a presigned URL and sends the file directly to the object store.
//! Then it confirms the upload, which charges the size to the account's quota.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::auth::User;
use crate::config::UploadLimits;
use crate::db::Database;
use crate::db::upload::{Charge, FoundUpload};
use crate::document::Status;
use crate::file::{ContentType, Filename, Sha256};
use crate::id::DocumentId;
use crate::limits::URL_LIFETIME;
use crate::queue::Queue;
use crate::storage::{Extension, Location, ObjectKey, Storage, StoredObject, Stores};
use crate::{Error, Result, db};

/// A file to upload, as the client declares it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUpload {
    /// The file's name.
    pub filename: Filename,
    /// The file's media type.
    pub content_type: ContentType,
    /// The file's size in bytes. If it is given, the store accepts only a file of this size.
    #[schema(minimum = 0, maximum = 5_368_709_120_i64, examples(56))]
    pub size_bytes: Option<i64>,
    /// The file's SHA-256. If it is given, the store accepts only the file with this checksum.
    pub sha256: Option<Sha256>,
}

/// The URL and the headers with which to upload a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct Upload {
    /// The URL to which to send the file.
    #[schema(format = "uri", examples("https://bucket.example.com/...pdf?X-Amz-Signature=..."))]
    pub upload_url: String,
    /// The id of the new document, which must be confirmed after the upload.
    pub document_id: DocumentId,
    /// The method of the upload request; always `PUT`.
    #[schema(value_type = String, pattern = "^PUT$", examples("PUT"))]
    pub method: &'static str,
    /// The headers of the upload request. All of them must be sent, unchanged.
    #[schema(example = json!({
        "content-type": "application/pdf", "content-length": "56", "if-none-match": "*",
        "x-amz-checksum-sha256": "X/qK/yNSFMkr/sXcxUEpGHz98Pq+FrYgEdzhmLSSxrY="
    }))]
    pub headers: BTreeMap<String, String>,
    /// The time at which the URL expires.
    #[schema(examples("2026-01-31T09:45:00.000000Z"))]
    #[serde(serialize_with = "crate::timestamp::write_utc")]
    pub expires_at: OffsetDateTime,
}

/// A confirmed upload.
#[derive(Debug, Serialize, ToSchema)]
pub struct Confirmed {
    /// The document's id.
    pub id: DocumentId,
    /// The size of the stored file in bytes, which was charged to the quota.
    #[schema(minimum = 0, examples(56))]
    pub size_bytes: i64,
    /// The sum of the sizes of your confirmed documents, in bytes.
    #[schema(minimum = 0, examples(1_048_632))]
    pub used_bytes: i64,
    /// Always `uploaded`. To follow the classification, get the document.
    #[schema(value_type = String, pattern = "^uploaded$", examples("uploaded"))]
    pub status: Status,
}

impl Confirmed {
    const fn new(id: DocumentId, size_bytes: i64, used_bytes: i64) -> Self {
        Self { id, size_bytes, used_bytes, status: Status::Uploaded }
    }
}

/// Creates a pending document, and signs a URL for one PUT of its object. The row is written before the URL
/// is signed, so that every object has a row, which names the store and the time at which the URL expires. No
/// quota is reserved.
///
/// # Errors
/// [`Error::Invalid`] if the declared size is negative. [`Error::QuotaExceeded`] if it does not fit into the
/// quota: the client learns this before it uploads in vain. See also [`db::upload::begin`].
pub async fn begin(
    db: &Database,
    stores: &Stores,
    limits: UploadLimits,
    user: User,
    new: NewUpload,
) -> Result<Upload> {
    if new.size_bytes.is_some_and(|size| size < 0) {
        return Err(Error::Invalid("size_bytes must not be negative".into()));
    }
    let id = DocumentId::new();
    let key = ObjectKey::new(user.id, id, Extension::from_filename(new.filename.as_str()));
    // A signature has its time in whole seconds.
    let from = OffsetDateTime::now_utc().truncate_to_second();
    let Location { backend, key } =
        db::upload::begin(db, user, id, &key, &new, from + URL_LIFETIME, limits).await?;
    let NewUpload { content_type, size_bytes, sha256, .. } = new;
    let signed =
        stores.get(backend).presign_put(&key, &content_type, size_bytes, sha256, from, URL_LIFETIME)?;
    Ok(Upload {
        upload_url: signed.url,
        document_id: id,
        method: "PUT",
        headers: signed.headers,
        expires_at: signed.expires_at,
    })
}

/// Confirms an upload: charges the size of the stored object to the quota, once. The size comes from the
/// store and not from the client. An upload is logged, and counted by the metrics, when the database charges
/// or refuses it, so at most once.
///
/// # Errors
/// [`Error::UploadNotFound`] if the store has no object yet. [`Error::UploadMismatch`],
/// [`Error::UploadAltered`] and [`Error::QuotaExceeded`] if the upload is refused; its row and its object are
/// removed then.
pub async fn confirm(
    db: &Database,
    stores: &Stores,
    queue: &Queue,
    limits: UploadLimits,
    user: User,
    id: DocumentId,
) -> Result<Confirmed> {
    let (Location { backend, key }, declared) = match db::upload::find(db, user, id).await? {
        FoundUpload::Confirmed { size_bytes, used_bytes, nudge_owed } => {
            nudge_if_owed(queue, id, nudge_owed).await;
            return Ok(Confirmed::new(id, size_bytes, used_bytes));
        }
        FoundUpload::Pending { location, declared } => (location, declared),
    };
    let storage = stores.get(backend);
    let stored = find_stored_object(storage, &key, declared).await?.ok_or(Error::UploadNotFound)?;
    if let Some(refusal) = declared.find_mismatch(&stored) {
        db::upload::refuse(db, user.id, id).await?;
        log_refusal(id, "upload_mismatch", stored.size_bytes);
        storage.delete_buried(&key).await;
        return Err(refusal);
    }
    match db::upload::charge(db, user.id, id, &stored, limits.max_bytes).await? {
        Charge::Charged { used_bytes, nudge_owed } => {
            tracing::info!(
                document = %id,
                metric.confirmed_uploads = 1,
                metric.confirmed_bytes = stored.size_bytes,
                "an upload was confirmed"
            );
            nudge_if_owed(queue, id, nudge_owed).await;
            Ok(Confirmed::new(id, stored.size_bytes, used_bytes))
        }
        Charge::Repeated { size_bytes, used_bytes, nudge_owed } => {
            nudge_if_owed(queue, id, nudge_owed).await;
            Ok(Confirmed::new(id, size_bytes, used_bytes))
        }
        Charge::Refused(refusal) => {
            log_refusal(id, "quota_exceeded", stored.size_bytes);
            storage.delete_buried(&key).await;
            Err(Error::QuotaExceeded(refusal))
        }
    }
}

/// Logs that an upload was refused, and that its object is removed. `code` is the code of the answer.
fn log_refusal(id: DocumentId, code: &'static str, refused_bytes: i64) {
    tracing::info!(
        document = %id,
        dimension.code = code,
        metric.refused_uploads = 1,
        metric.refused_bytes = refused_bytes,
        "an upload was refused"
    );
}

/// Sends a nudge if `owed` is true. A superfluous nudge does no harm; without the nudge, the document would
/// wait for the sweep.
async fn nudge_if_owed(queue: &Queue, id: DocumentId, owed: bool) {
    if owed {
        queue.nudge_or_leave_to_sweep(id).await;
    }
}

/// Asks the store for the object's size, checksum and entity tag. A declared size was enforced by the store
/// at the PUT, so `HEAD` reports it correctly; any other size is measured. Returns `None` if there is no
/// object.
async fn find_stored_object(
    storage: &Storage,
    key: &ObjectKey,
    declared: Declared,
) -> Result<Option<StoredObject>> {
    if declared.size_bytes.is_some() {
        return storage.head(key).await;
    }
    let measured = storage.measure(key).await?;
    if declared.sha256.is_none() {
        return Ok(measured);
    }
    let told = storage.head(key).await?;
    Ok(measured.zip(told).map(|(measured, told)| StoredObject { sha256: told.sha256, ..measured }))
}

/// The size and the checksum that the client declared.
#[derive(Clone, Copy, Debug)]
pub struct Declared {
    /// The declared size in bytes, if any.
    pub size_bytes: Option<i64>,
    /// The declared checksum, if any.
    pub sha256: Option<Sha256>,
}

impl Declared {
    /// Compares the stored object with the declaration. Returns the error with which the upload is refused,
    /// or `None`. If the store reports no checksum, it did not enforce the declared one. If the object has no
    /// usable entity tag, the client sent headers that the URL does not allow.
    fn find_mismatch(self, stored: &StoredObject) -> Option<Error> {
        if stored.etag.is_none() {
            return Some(Error::UploadAltered);
        }
        if self.size_bytes.is_some_and(|size| size != stored.size_bytes) {
            return Some(Error::UploadMismatch("size"));
        }
        (self.sha256.is_some() && self.sha256 != stored.sha256).then_some(Error::UploadMismatch("checksum"))
    }
}
