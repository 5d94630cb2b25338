//! SQL statements for repairs of what the audit has found. An operator asks for them. Each decides by rows or
//! keys that it has locked, and writes an entry of the audit log.
//!
//! A repair waits for a lock with a snapshot that may be older than what was committed meanwhile. So it reads
//! what the lock protects by volatile SQL functions (migration 0011), which see the newest state.

use uuid::Uuid;

use super::param::Params;
use super::tombstone::{BURY_ORPHAN, bury_sql};
use super::{Database, Retry};
use crate::Result;
use crate::file::{ContentType, Filename, grams};
use crate::id::{DocumentId, UserId};
use crate::limits::{SLOWEST_PUT, URL_LIFETIME};
use crate::storage::{Backend, EntityTag, ObjectKey};

/// Sets an account's used bytes to the sum of its confirmed documents. Returns whether they differed.
///
/// Every statement that changes the sum holds the account's quota row until it commits.
pub async fn correct_ledger(db: &Database, user: UserId, request_id: &str) -> Result<bool> {
    let statement = "-- repair::correct_ledger
        with ledger as materialized (
            select q.user_id, q.used_bytes from quotas q where q.user_id = $1 for update
        ), summed as materialized (
            select l.user_id, l.used_bytes, confirmed_bytes(l.user_id) as confirmed_bytes from ledger l
        ), corrected as (
            update quotas q set used_bytes = s.confirmed_bytes from summed s
            where q.user_id = s.user_id and s.used_bytes <> s.confirmed_bytes
            returning s.used_bytes, s.confirmed_bytes
        ), logged as (
            insert into audit_log (id, action, target_id, request_id, details)
            select $2, 'repair.ledger_corrected', $1, $3,
                jsonb_build_object('used_bytes', c.used_bytes, 'confirmed_bytes', c.confirmed_bytes)
            from corrected c
        )
        select exists (select from corrected)";
    let params: Params<'_> = &[/* $1 */ &user, /* $2 */ &Uuid::now_v7(), /* $3 */ &request_id];
    Ok(db.query_one(Retry::Never, statement, params).await?.try_get(0)?)
}

/// Deletes a confirmed document whose object is absent, as its owner would delete it: subtracts its size from
/// the used bytes, and buries its key. Returns whether the document was still confirmed.
pub async fn remove_document(db: &Database, id: DocumentId, key: &str, request_id: &str) -> Result<bool> {
    let buried = bury_sql("document", "$3");
    let statement = format!(
        "-- repair::remove_document
        with document as materialized (
            select d.* from documents d
            where d.id = $1 and d.object_key = $2 and d.status <> 'pending' for update
        ), ledger as materialized (
            select q.user_id, q.used_bytes - d.size_bytes as left_bytes
            from quotas q join document d on d.user_id = q.user_id for update of q
        ), removed as (
            delete from documents d using document l where d.id = l.id
        ), released as (
            update quotas q set used_bytes = l.left_bytes from ledger l where q.user_id = l.user_id
        ), logged as (
            insert into audit_log (id, action, target_id, request_id, details)
            select $4, 'repair.document_removed', d.id, $5,
                jsonb_build_object('user_id', d.user_id, 'size_bytes', d.size_bytes)
            from document d
        ), buried as (
            {buried}
        )
        select exists (select from document)"
    );
    let params: Params<'_> = &[
        /* $1 */ &id,
        /* $2 */ &key,
        /* $3 */ &SLOWEST_PUT.as_secs_f64(),
        /* $4 */ &Uuid::now_v7(),
        /* $5 */ &request_id,
    ];
    Ok(db.query_one(Retry::Never, &statement, params).await?.try_get(0)?)
}

/// Buries the key of an object without a row, so that the sweep removes the object. Returns false, and
/// changes nothing, if the key has a row or a tombstone.
pub async fn bury_orphan(db: &Database, backend: Backend, key: &ObjectKey, request_id: &str) -> Result<bool> {
    let statement = format!(
        "-- repair::bury_orphan
        with {BURY_ORPHAN}, logged as (
            insert into audit_log (id, action, target_id, request_id, details)
            select $5, 'repair.object_removed', $6, $7, jsonb_build_object('user_id', $8) from buried
        )
        select exists (select from buried)"
    );
    let params: Params<'_> = &[
        /* $1 */ &key.to_string(),
        /* $2 */ &backend.as_str(),
        /* $3 */ &URL_LIFETIME.as_secs_f64(),
        /* $4 */ &SLOWEST_PUT.as_secs_f64(),
        /* $5 */ &Uuid::now_v7(),
        /* $6 */ &key.document(),
        /* $7 */ &request_id,
        /* $8 */ &key.user(),
    ];
    Ok(db.query_one(Retry::Never, &statement, params).await?.try_get(0)?)
}

/// A document that is made from an object without a row.
pub struct Recovered<'a> {
    /// The object's key, which names the owner and the document.
    pub key: &'a ObjectKey,
    /// The store that has the object.
    pub backend: Backend,
    /// The object's size in bytes, which is charged.
    pub size_bytes: i64,
    /// The object's entity tag.
    pub etag: &'a EntityTag,
    /// The document's name, because the object has none.
    pub filename: &'a Filename,
    /// The object's content type.
    pub content_type: &'a ContentType,
}

/// The result of a recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// The document is confirmed and charged.
    Recovered,
    /// The document does not fit into the owner's quota.
    OverQuota,
    /// The owner does not exist any more.
    NoAccount,
    /// The key or the document's id has a row, or the key has a tombstone.
    Taken,
}

/// Makes a confirmed document from an object without a row, and charges it, if it fits into its owner's
/// quota. The next sweep sends a nudge, so that it is classified.
///
/// Other statements lock a document before its owner's quota, and this one locks the quota before it inserts
/// the document. So it locks nothing if the document's id has a row, which its owner may be deleting.
pub async fn recover_document(db: &Database, new: Recovered<'_>, request_id: &str) -> Result<Recovery> {
    let statement = "-- repair::recover_document
        with held as materialized (
            select pg_advisory_xact_lock(hashtextextended($1, 0)) as lock
        ), free as materialized (
            select is_key_free($1) and not exists (select from documents d where d.id = $2) as free from held
        ), ledger as materialized (
            select q.user_id, q.used_bytes, $5 <= greatest(q.limit_bytes - q.used_bytes, 0) as fits
            from quotas q join free f on f.free where q.user_id = $3
            for update of q
        ), recovered as (
            insert into documents (id, user_id, object_key, storage_backend, size_bytes, etag, filename,
                filename_key, filename_grams, content_type, status, url_expires_at, confirmed_at, nudge_due_at)
            select $2, $3, $1, $4, $5, $6, $7, $8, $9, $10, 'uploaded', now(), now(), now()
            from ledger where fits
            on conflict (id) do nothing
            returning id, user_id
        ), charged as (
            update quotas q set used_bytes = l.used_bytes + $5
            from ledger l join recovered r on r.user_id = l.user_id where q.user_id = l.user_id
        ), logged as (
            insert into audit_log (id, action, target_id, request_id, details)
            select $11, 'repair.document_recovered', r.id, $12,
                jsonb_build_object('user_id', r.user_id, 'size_bytes', $5)
            from recovered r
        )
        select f.free, l.fits, exists (select from recovered) as recovered
        from free f left join ledger l on true";
    let filename_key = new.filename.key();
    let user = new.key.user();
    let params: Params<'_> = &[
        /* $1 */ &new.key.to_string(),
        /* $2 */ &new.key.document(),
        /* $3 */ &user,
        /* $4 */ &new.backend.as_str(),
        /* $5 */ &new.size_bytes,
        /* $6 */ &new.etag.as_str(),
        /* $7 */ &new.filename.as_str(),
        /* $8 */ &filename_key,
        /* $9 */ &grams::from_name_key(user, &filename_key),
        /* $10 */ &new.content_type.as_str(),
        /* $11 */ &Uuid::now_v7(),
        /* $12 */ &request_id,
    ];
    let row = db.query_one(Retry::Never, statement, params).await?;
    Ok(match (row.try_get("free")?, row.try_get("fits")?, row.try_get("recovered")?) {
        (true, Some(true), true) => Recovery::Recovered,
        (true, Some(false), _) => Recovery::OverQuota,
        (true, None, _) => Recovery::NoAccount,
        _ => Recovery::Taken,
    })
}
