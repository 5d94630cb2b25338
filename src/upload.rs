//! The upload protocol (SPEC section 2): a presigned URL, a PUT straight to the store, a confirmation that
//! charges the quota.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::config::UploadLimits;
use crate::db::Database;
use crate::db::upload::{Charge, FoundUpload};
use crate::document::Status;
use crate::file::{ContentType, Filename, Sha256};
use crate::id::{DocumentId, UserId};
use crate::limits::URL_LIFETIME;
use crate::queue::Queue;
use crate::storage::{Extension, Location, ObjectKey, Storage, StoredObject, Stores};
use crate::{Error, Result, db};

/// A file that is about to be uploaded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUpload {
    /// The file's name.
    pub filename: Filename,
    /// The file's media type.
    pub content_type: ContentType,
    /// The file's size in bytes. If it is given, the store takes no file of another size.
    #[schema(minimum = 0, maximum = 5_368_709_120_i64, examples(56))]
    pub size_bytes: Option<i64>,
    /// The file's SHA-256. If it is given, the store takes no other file.
    pub sha256: Option<Sha256>,
}

/// Where and how to send a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct Upload {
    /// Where to send the file.
    #[schema(format = "uri", examples("https://bucket.example.com/...pdf?X-Amz-Signature=..."))]
    pub upload_url: String,
    /// The document to confirm afterwards.
    pub document_id: DocumentId,
    /// Always `PUT`.
    #[schema(value_type = String, pattern = "^PUT$", examples("PUT"))]
    pub method: &'static str,
    /// The headers to send, exactly as they are given here.
    #[schema(example = json!({
        "content-type": "application/pdf", "content-length": "56", "if-none-match": "*",
        "x-amz-checksum-sha256": "X/qK/yNSFMkr/sXcxUEpGHz98Pq+FrYgEdzhmLSSxrY="
    }))]
    pub headers: BTreeMap<String, String>,
    /// When the URL stops working.
    #[schema(examples("2026-01-31T09:45:00.000000Z"))]
    #[serde(with = "crate::timestamp::utc")]
    pub expires_at: OffsetDateTime,
}

/// A confirmed upload.
#[derive(Debug, Serialize, ToSchema)]
pub struct Confirmed {
    /// The document's id.
    pub id: DocumentId,
    /// The document's size, which was charged.
    #[schema(minimum = 0, examples(56))]
    pub size_bytes: i64,
    /// What you have used now, in bytes.
    #[schema(minimum = 0, examples(1_048_632))]
    pub used_bytes: i64,
    /// Always `uploaded`. The document itself says how far its classification has come.
    #[schema(value_type = String, pattern = "^uploaded$", examples("uploaded"))]
    pub status: Status,
}

impl Confirmed {
    const fn new(id: DocumentId, size_bytes: i64, used_bytes: i64) -> Self {
        Self { id, size_bytes, used_bytes, status: Status::Uploaded }
    }
}

/// Signs a URL for one PUT of one new object. The row is written before the URL is signed, so that every
/// object has one: it says which store the URL is for, and when the URL expires. No quota is reserved. A
/// declared size that can't fit is refused now, so that nobody uploads in vain.
pub async fn begin(
    db: &Database,
    stores: &Stores,
    limits: UploadLimits,
    user: UserId,
    new: NewUpload,
) -> Result<Upload> {
    if new.size_bytes.is_some_and(|size| size < 0) {
        return Err(Error::Invalid("size_bytes is not negative".into()));
    }
    let id = DocumentId::new();
    let key = ObjectKey::new(user, id, Extension::from_filename(new.filename.as_str()));
    // A signature's time has whole seconds.
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

/// Charges the quota for a stored object, once. The size comes from the store, never from the client.
pub async fn confirm(
    db: &Database,
    stores: &Stores,
    queue: &Queue,
    limits: UploadLimits,
    user: UserId,
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
        db::upload::refuse(db, user, id).await?;
        storage.delete_buried(&key).await;
        return Err(refusal);
    }
    match db::upload::charge(db, user, id, &stored, limits.max_bytes).await? {
        Charge::Charged { used_bytes, nudge_owed } => {
            nudge_if_owed(queue, id, nudge_owed).await;
            Ok(Confirmed::new(id, stored.size_bytes, used_bytes))
        }
        Charge::Repeated { size_bytes, used_bytes, nudge_owed } => {
            nudge_if_owed(queue, id, nudge_owed).await;
            Ok(Confirmed::new(id, size_bytes, used_bytes))
        }
        Charge::Refused(refusal) => {
            storage.delete_buried(&key).await;
            Err(Error::QuotaExceeded(refusal))
        }
    }
}

/// Sends the nudge if it is owed. One too many does no harm; without it the document would wait for the
/// sweep.
async fn nudge_if_owed(queue: &Queue, id: DocumentId, owed: bool) {
    if owed {
        queue.nudge_or_leave_to_sweep(id).await;
    }
}

/// Asks the store for the object. It enforced a declared size at the PUT; any other size is measured.
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

/// What the client declared about the bytes.
#[derive(Clone, Copy, Debug)]
pub struct Declared {
    /// The size, if declared.
    pub size_bytes: Option<i64>,
    /// The checksum, if declared.
    pub sha256: Option<Sha256>,
}

impl Declared {
    /// Why the stored object is refused, if it is. A checksum that the store does not know was not enforced
    /// by it. An object without a usable entity tag was put with headers that the URL does not allow.
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
