//! SQL statements for documents. Statements on behalf of an account read the view `document_access`
//! (migration 0009), which says which documents the account may see, and with which right.

mod list;
mod row;

use super::param::Params;
use super::standing::admit_user;
use super::tombstone::bury_sql;
use super::{Database, Retry, read_location};
use crate::auth::User;
use crate::document::Document;
use crate::file::{ContentType, Filename};
use crate::id::{DocumentId, TopicId};
use crate::limits::SLOWEST_PUT;
use crate::storage::Location;
use crate::{Error, Result};
use row::{DOCUMENT_COLUMNS, JOIN_TOPICS, read_document};

pub use list::list;

/// Reads a document of the user.
///
/// # Errors
/// [`Error::NotFound`] if the user has no such document.
pub async fn get(db: &Database, user: User, id: DocumentId) -> Result<Document> {
    let statement = format!(
        "-- document::get
        select c.standing, {DOCUMENT_COLUMNS}, t.*
        from callers c left join document_access d on d.account_id = c.id and d.id = $2
        {JOIN_TOPICS}
        where c.id = $1 and c.session_id = $3"
    );
    let params: Params<'_> = &[/* $1 */ &user.id, /* $2 */ &id, /* $3 */ &user.session];
    let row = db.query_opt(Retry::Safe, &statement, params).await?;
    let row = admit_user(row)?;
    row.try_get::<_, Option<DocumentId>>("id")?.ok_or(Error::NotFound)?;
    read_document(&row)
}

/// Sets the topics of a confirmed document by hand, and dismisses all others that it has. The statement locks
/// the document's row. Its snapshot is older than that lock, so the SQL function `hold_topics` (migration
/// 0006) reads the others with a newer one.
///
/// # Errors
/// [`Error::NotFound`] if the user has no such confirmed document. [`Error::Invalid`] if the user does not
/// see one of the topics; nothing is changed then.
pub async fn set_topics(db: &Database, user: User, id: DocumentId, topics: &[TopicId]) -> Result<()> {
    let statement = "-- document::set_topics
        with account as (
            select id, standing from callers where id = $1 and session_id = $4
        ), document as materialized (
            select d.id from document_access d join account a on a.id = d.account_id
            where d.id = $2 and d.access = 'owner' and d.status <> 'pending' and a.standing = 'user'
            for no key update of d
        ), held as materialized (
            select d.id, hold_topics(d.id, $3, '{}') as topics from document d
        ), complete as materialized (
            select * from held where $3 <@ topics
        ), decided as (
            insert into document_topics (document_id, topic_id, manual, dismissed)
            select c.id, t.id, true, t.id <> all($3) from complete c, unnest(c.topics) t (id)
            on conflict (document_id, topic_id) do update set manual = true, dismissed = excluded.dismissed
        )
        select a.standing, d.id, exists (select from complete) as complete
        from account a left join document d on true";
    let params: Params<'_> =
        &[/* $1 */ &user.id, /* $2 */ &id, /* $3 */ &topics, /* $4 */ &user.session];
    let row = admit_user(db.query_opt(Retry::Safe, statement, params).await?)?;
    row.try_get::<_, Option<DocumentId>>("id")?.ok_or(Error::NotFound)?;
    if row.try_get("complete")? {
        Ok(())
    } else {
        Err(Error::Invalid(
            "topic_ids names a topic that does not exist: use ids from GET /api/topics".into(),
        ))
    }
}

/// The location and the headers of a download.
pub struct StoredFile {
    /// The place of the document's object.
    pub location: Location,
    /// The document's filename.
    pub filename: Filename,
    /// The content type that the client declared.
    pub content_type: ContentType,
}

/// Finds the location and the headers for the download of a confirmed document.
///
/// # Errors
/// [`Error::NotFound`] if the user has no such confirmed document.
pub async fn find_stored(db: &Database, user: User, id: DocumentId) -> Result<StoredFile> {
    let statement = "-- document::find_stored
        select c.standing, d.storage_backend, d.object_key, d.filename, d.content_type
        from callers c
        left join document_access d on d.account_id = c.id and d.id = $2 and d.status <> 'pending'
        where c.id = $1 and c.session_id = $3";
    let params: Params<'_> = &[/* $1 */ &user.id, /* $2 */ &id, /* $3 */ &user.session];
    let row = db.query_opt(Retry::Safe, statement, params).await?;
    let row = admit_user(row)?;
    row.try_get::<_, Option<&str>>("object_key")?.ok_or(Error::NotFound)?;
    Ok(StoredFile {
        location: read_location(&row)?,
        filename: Filename::from_database(row.try_get("filename")?),
        content_type: row.try_get::<_, String>("content_type")?.try_into().map_err(Error::internal)?,
    })
}

/// Deletes the row, subtracts its size from the used bytes if it was charged, and buries the object key, in
/// one statement. Returns the location of the object. Returns `None` if this release does not know the
/// backend: the log says so, and the sweep of a release that knows the backend removes the object.
///
/// The rows are locked first, as in [`upload::charge`](super::upload::charge). Otherwise an update that
/// waited for a concurrent one would be checked against the constraints with the outdated `used_bytes` of its
/// snapshot, before it reads the row again.
pub async fn delete(db: &Database, user: User, id: DocumentId) -> Result<Option<Location>> {
    let buried = bury_sql("document", "$3");
    let statement = format!(
        "-- document::delete
        with account as (
            select id, standing from callers where id = $1 and session_id = $4
        ), document as materialized (
            select d.* from document_access d join account a on a.id = d.account_id
            where d.id = $2 and d.access = 'owner' and a.standing = 'user'
            for update of d
        ), ledger as materialized (
            select q.user_id, q.used_bytes - d.size_bytes as left_bytes
            from quotas q join document d on d.user_id = q.user_id
            where d.status <> 'pending'
            for update of q
        ), removed as (
            delete from documents d using document l where d.id = l.id
        ), released as (
            update quotas q set used_bytes = l.left_bytes from ledger l where q.user_id = l.user_id
        ), buried as (
            {buried}
        )
        select a.standing, d.storage_backend, d.object_key from account a left join document d on true"
    );
    let grace = SLOWEST_PUT.as_secs_f64();
    let params: Params<'_> =
        &[/* $1 */ &user.id, /* $2 */ &id, /* $3 */ &grace, /* $4 */ &user.session];
    let row = admit_user(db.query_opt(Retry::Never, &statement, params).await?)?;
    row.try_get::<_, Option<&str>>("object_key")?.ok_or(Error::NotFound)?;
    let log = |error: &Error| {
        tracing::error!(document = %id, %error, "the object of a deleted document was not located");
    };
    Ok(read_location(&row).inspect_err(log).ok())
}
