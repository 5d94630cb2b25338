//! SQL statements for uploads. Statements that change rows lock them before they decide anything: the parts
//! of a statement share a snapshot, which is outdated as soon as a concurrent confirmation commits, but a
//! locked row shows its newest state. A statement that locks documents and quotas locks the documents first.

use time::OffsetDateTime;

use super::param::Params;
use super::standing::admit_user;
use super::tombstone::bury_sql;
use super::{Database, Retry, read_location, read_time_until};
use crate::auth::User;
use crate::config::UploadLimits;
use crate::error::Refusal;
use crate::file::{Sha256, grams};
use crate::id::{DocumentId, UserId};
use crate::limits::{NUDGE_GRACE, RATE_WINDOW, SLOWEST_PUT};
use crate::storage::{Backend, EntityTag, Location, ObjectKey, StoredObject};
use crate::upload::{Declared, NewUpload};
use crate::{Error, Result};

/// Inserts a pending document, if the user's limits allow another upload and the declared size can fit into
/// the quota. Returns the location that the row states for the object.
///
/// # Errors
/// [`Error::NotFound`] if the account has no quota. [`Error::QuotaExceeded`] if the declared size cannot fit.
/// [`Error::TooManyPending`] if the user's pending and deleted uploads have as many live URLs as allowed.
/// [`Error::TooManyUploads`] if the user has requested as many URLs in an hour as allowed.
pub async fn begin(
    db: &Database,
    user: User,
    id: DocumentId,
    key: &ObjectKey,
    new: &NewUpload,
    url_expires_at: OffsetDateTime,
    limits: UploadLimits,
) -> Result<Location> {
    // The quota row is locked before live URLs and requests are counted. So two concurrent requests cannot
    // both be the last one that is allowed. A request that is refused for another reason is not counted.
    let statement = "-- upload::begin
        with account as (
            select c.id, c.standing from callers c where c.id = $1 and c.session_id = $16
        ), quota as materialized (
            select q.used_bytes, q.limit_bytes,
                coalesce($6 > greatest(least(q.limit_bytes - q.used_bytes, $9), 0), false) as exceeded
            from quotas q join account a on a.id = q.user_id and a.standing = 'user'
            for update of q
        ), held as materialized (
            select url_in_the_way($1, $10) as until from quota where not exceeded
        ), asked as materialized (
            select rate_limit_hit('upload-urls:' || $1, $11, make_interval(secs => $14)) as until
            from held where until is null
        ), begun as (
            insert into documents (id, user_id, object_key, filename, filename_key, filename_grams,
                content_type, size_bytes, sha256, url_expires_at, storage_backend)
            select $2, $1, $3, $4, $12, $13, $5, $6, $7, $8, $15 from asked where until is null
            returning object_key, storage_backend
        )
        select a.standing, q.used_bytes, q.limit_bytes, q.exceeded, now() as now, h.until as held_until,
            r.until as asked_until, b.object_key, b.storage_backend
        from account a left join quota q on true left join held h on true left join asked r on true
        left join begun b on true";
    let filename_key = new.filename.key();
    let params: Params<'_> = &[
        /* $1 */ &user.id,
        /* $2 */ &id,
        /* $3 */ &key.to_string(),
        /* $4 */ &new.filename.as_str(),
        /* $5 */ &new.content_type.as_str(),
        /* $6 */ &new.size_bytes,
        /* $7 */ &new.sha256.map(Sha256::to_hex),
        /* $8 */ &url_expires_at,
        /* $9 */ &limits.max_bytes,
        /* $10 */ &i64::from(limits.max_pending),
        /* $11 */ &i64::from(limits.urls_per_hour),
        /* $12 */ &filename_key,
        /* $13 */ &grams::from_name_key(user.id, &filename_key),
        /* $14 */ &RATE_WINDOW.as_secs_f64(),
        /* $15 */ &Backend::default().as_str(),
        /* $16 */ &user.session,
    ];
    let row = admit_user(db.query_opt(Retry::Never, statement, params).await?)?;
    if row.try_get::<_, Option<bool>>("exceeded")?.ok_or(Error::NotFound)? {
        return Err(Error::QuotaExceeded(Refusal {
            used_bytes: row.try_get("used_bytes")?,
            limit_bytes: row.try_get("limit_bytes")?,
            rejected_bytes: new.size_bytes.unwrap_or_default(),
        }));
    }
    match (read_time_until(&row, "held_until")?, read_time_until(&row, "asked_until")?) {
        (Some(retry_after), _) => Err(Error::TooManyPending { most: limits.max_pending, retry_after }),
        (_, Some(retry_after)) => Err(Error::TooManyUploads { most: limits.urls_per_hour, retry_after }),
        (None, None) => read_location(&row),
    }
}

/// The state of an upload that its owner confirms.
pub enum FoundUpload {
    /// The upload is not charged yet.
    Pending {
        /// The location at which the object should be.
        location: Location,
        /// The size and the checksum that the client declared.
        declared: Declared,
    },
    /// The upload was confirmed before.
    Confirmed {
        /// The charged size, in bytes.
        size_bytes: i64,
        /// The user's used bytes, with this upload charged already.
        used_bytes: i64,
        /// See [`Charge::Repeated`].
        nudge_owed: bool,
    },
}

/// Finds the upload that its owner wants to confirm.
///
/// # Errors
/// [`Error::NotFound`] if the user has no such document.
pub async fn find(db: &Database, user: User, id: DocumentId) -> Result<FoundUpload> {
    let statement = "-- upload::find
        select c.standing, d.storage_backend, d.object_key, d.size_bytes, d.sha256,
            d.status = 'pending' as pending, q.used_bytes,
            d.event_at is not null and d.status = 'uploaded' and d.attempts = 0 as nudge_owed
        from callers c
        left join document_access d on d.account_id = c.id and d.id = $2 and d.access = 'owner'
        left join quotas q on q.user_id = c.id
        where c.id = $1 and c.session_id = $3";
    let params: Params<'_> = &[/* $1 */ &user.id, /* $2 */ &id, /* $3 */ &user.session];
    let row = db.query_opt(Retry::Safe, statement, params).await?;
    let row = admit_user(row)?;
    let size_bytes: Option<i64> = row.try_get("size_bytes")?;
    match (row.try_get("pending")?, size_bytes) {
        (None, _) => Err(Error::NotFound),
        (Some(true), size_bytes) => {
            let sha256 = row.try_get::<_, Option<String>>("sha256")?.and_then(|hex| hex.try_into().ok());
            Ok(FoundUpload::Pending {
                location: read_location(&row)?,
                declared: Declared { size_bytes, sha256 },
            })
        }
        (Some(false), size_bytes) => Ok(FoundUpload::Confirmed {
            size_bytes: size_bytes.unwrap_or_default(),
            used_bytes: row.try_get("used_bytes")?,
            nudge_owed: row.try_get("nudge_owed")?,
        }),
    }
}

/// The result of a charge.
#[derive(Debug, PartialEq, Eq)]
pub enum Charge {
    /// This call has charged the upload.
    Charged {
        /// The user's used bytes after this call.
        used_bytes: i64,
        /// True if the put-notification arrived before this confirmation, which must therefore send a nudge.
        nudge_owed: bool,
    },
    /// An earlier call has charged the upload.
    Repeated {
        /// The charged size, in bytes.
        size_bytes: i64,
        /// The user's used bytes after this call.
        used_bytes: i64,
        /// True if the put-notification arrived before the confirmation, and no attempt to classify has
        /// begun. This call must send the nudge then, because the earlier call may have ended before it sent
        /// one.
        nudge_owed: bool,
    },
    /// The object does not fit into the quota. The row is deleted, and the key is buried.
    Refused(Refusal),
}

/// Charges the size of the stored object and confirms its row. If it does not fit into the quota, deletes the
/// row and buries the key. One statement does this, and decides by the rows that it has locked.
///
/// # Errors
/// [`Error::NotFound`] if the row does not exist any more.
pub async fn charge(
    db: &Database,
    user: UserId,
    id: DocumentId,
    stored: &StoredObject,
    max_bytes: i64,
) -> Result<Charge> {
    let size_bytes = stored.size_bytes;
    let buried = bury_sql("refused", "$6");
    let statement = format!(
        "-- upload::charge
        with document as materialized (
            select d.* from document_access d
            where d.id = $1 and d.account_id = $2 and d.access = 'owner'
            for update
        ), ledger as materialized (
            select q.user_id, q.used_bytes, q.limit_bytes, d.status = 'pending' as pending,
                $3 <= greatest(least(q.limit_bytes - q.used_bytes, $4), 0) as fits
            from quotas q join document d on d.user_id = q.user_id
            for update of q
        ), charged as (
            update quotas q set used_bytes = l.used_bytes + $3
            from ledger l where q.user_id = l.user_id and l.pending and l.fits
            returning q.used_bytes
        ), confirmed as (
            update documents d
            set status = 'uploaded', size_bytes = $3, etag = $7, confirmed_at = now(),
                nudge_due_at = now() + make_interval(secs => $5)
            from ledger l where d.id = $1 and l.pending and l.fits
        ), refused as (
            delete from documents d using ledger l where d.id = $1 and l.pending and not l.fits
            returning d.object_key, d.storage_backend, d.user_id, d.url_expires_at
        ), buried as (
            {buried}
        )
        select l.pending, l.fits, l.used_bytes, l.limit_bytes, d.size_bytes,
            d.event_at is not null and d.status in ('pending', 'uploaded') and d.attempts = 0 as nudge_owed,
            (select c.used_bytes from charged c) as charged_to
        from document d, ledger l"
    );
    let params: Params<'_> = &[
        /* $1 */ &id,
        /* $2 */ &user,
        /* $3 */ &size_bytes,
        /* $4 */ &max_bytes,
        /* $5 */ &NUDGE_GRACE.as_secs_f64(),
        /* $6 */ &SLOWEST_PUT.as_secs_f64(),
        /* $7 */ &stored.etag.as_ref().map(EntityTag::as_str),
    ];
    let row = db.query_opt(Retry::Safe, &statement, params).await?.ok_or(Error::NotFound)?;
    let used_bytes = row.try_get("used_bytes")?;
    match (row.try_get("pending")?, row.try_get("fits")?) {
        (true, true) => Ok(Charge::Charged {
            used_bytes: row.try_get("charged_to")?,
            nudge_owed: row.try_get("nudge_owed")?,
        }),
        (true, false) => Ok(Charge::Refused(Refusal {
            used_bytes,
            limit_bytes: row.try_get("limit_bytes")?,
            rejected_bytes: size_bytes,
        })),
        (false, _) => Ok(Charge::Repeated {
            size_bytes: row.try_get("size_bytes")?,
            used_bytes,
            nudge_owed: row.try_get("nudge_owed")?,
        }),
    }
}

/// Deletes the row of a pending upload whose object differs from the declaration, and buries the key.
///
/// # Errors
/// [`Error::NotFound`] if there is no such pending row. The object must not be removed then.
pub async fn refuse(db: &Database, user: UserId, id: DocumentId) -> Result<()> {
    let buried = bury_sql("refused", "$3");
    let statement = format!(
        "-- upload::refuse
        with document as materialized (
            select d.id from document_access d
            where d.id = $1 and d.account_id = $2 and d.access = 'owner' and d.status = 'pending'
            for update
        ), refused as (
            delete from documents d using document l where d.id = l.id
            returning d.object_key, d.storage_backend, d.user_id, d.url_expires_at
        )
        {buried}
        returning object_key"
    );
    let grace = SLOWEST_PUT.as_secs_f64();
    let params: Params<'_> = &[/* $1 */ &id, /* $2 */ &user, /* $3 */ &grace];
    db.query_opt(Retry::Safe, &statement, params).await?.map(drop).ok_or(Error::NotFound)
}
