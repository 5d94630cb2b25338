//! Statements of the sweep. Each takes a bounded batch and skips what somebody else holds.

use time::OffsetDateTime;
use tokio_postgres::types::Type;

use super::{Database, Param, Repeat};
use crate::id::DocumentId;
use crate::upload::SLOWEST_PUT;
use crate::{Error, Result};

/// The part of a statement that buries the keys of `removed`, rows of documents that it removes. `grace` is a parameter: the seconds of
/// [`SLOWEST_PUT`].
pub(super) fn bury(removed: &str, grace: &str) -> String {
    format!(
        "insert into tombstones (object_key, user_id, url_expires_at, final_at)
            select object_key, user_id, url_expires_at, url_expires_at + make_interval(secs => {grace}) from {removed}"
    )
}

/// Buries up to `most` uploads that have been pending for `age_seconds`; returns how many.
pub async fn abandon(db: &Database, age_seconds: f64, most: i64) -> Result<usize> {
    let buried = bury("removed", "$3");
    let statement = format!(
        "-- cleanup::abandon
        with abandoned as (
            select id from documents where status = 'pending' and created_at < now() - make_interval(secs => $1)
            order by created_at limit $2 for update skip locked
        ), removed as (
            delete from documents d using abandoned a where d.id = a.id
            returning d.object_key, d.user_id, d.url_expires_at
        ), buried as (
            {buried}
        )
        select count(*) from removed"
    );
    let grace = SLOWEST_PUT.as_secs_f64();
    let params: [Param<'_>; 3] = [(&age_seconds, Type::FLOAT8), (&most, Type::INT8), (&grace, Type::FLOAT8)];
    let row = db.query_one(Repeat::Safe, &statement, &params).await?;
    usize::try_from(row.try_get::<_, i64>(0)?).map_err(|error| Error::Internal(error.to_string()))
}

/// The database's clock.
pub async fn now(db: &Database) -> Result<OffsetDateTime> {
    let row = db.query_one(Repeat::Safe, "-- cleanup::now\nselect now()", &[]).await?;
    Ok(row.try_get(0)?)
}

/// An object that is to be removed.
pub struct Due {
    /// Its key.
    pub object_key: String,
    /// When it is to be removed again. While its URL lives, that is the URL's end. After that, it is the end of the slowest upload that
    /// was begun in time. None: both are over, and this removal is the last.
    pub again_at: Option<OffsetDateTime>,
}

/// Takes up to `most` tombstones that were due at `begun`. They are put off as though their deletion had failed, the longer the more often it
/// has: what a crashed or failing sweep leaves comes back later and holds up nothing else.
///
/// Counted from its beginning, a sweep never takes the same one twice.
pub async fn take_due(db: &Database, begun: OffsetDateTime, most: i64) -> Result<Vec<Due>> {
    let statement = "-- cleanup::take_due
        with due as (
            select object_key from tombstones where due_at <= $1
            order by due_at limit $2 for update skip locked
        )
        update tombstones t set attempts = t.attempts + 1,
            due_at = now() + least(interval '10 minutes' * power(2, least(t.attempts, 10)), interval '1 day')
        from due where t.object_key = due.object_key
        returning t.object_key, case
            when t.url_expires_at > now() then t.url_expires_at
            when t.final_at > now() then t.final_at
        end as again_at";
    let params: [Param<'_>; 2] = [(&begun, Type::TIMESTAMPTZ), (&most, Type::INT8)];
    let rows = db.query(Repeat::Safe, statement, &params).await?;
    rows.iter()
        .map(|row| Ok(Due { object_key: row.try_get("object_key")?, again_at: row.try_get("again_at")? }))
        .collect()
}

/// Drops the tombstones whose object was removed for the last time, and puts the others off until they are due again. Returns
/// how many were dropped.
pub async fn settle(db: &Database, removed: &[Due]) -> Result<usize> {
    let statement = "-- cleanup::settle
        with removed as (
            select * from unnest($1, $2) as r (object_key, again_at)
        ), dropped as (
            delete from tombstones t using removed r where t.object_key = r.object_key and r.again_at is null returning 1
        ), kept as (
            update tombstones t set attempts = 0, due_at = r.again_at
            from removed r where t.object_key = r.object_key and r.again_at is not null
        )
        select count(*) from dropped";
    let (keys, again_at): (Vec<&str>, Vec<Option<OffsetDateTime>>) =
        removed.iter().map(|due| (due.object_key.as_str(), due.again_at)).unzip();
    let params: [Param<'_>; 2] = [(&keys, Type::TEXT_ARRAY), (&again_at, Type::TIMESTAMPTZ_ARRAY)];
    let row = db.query_one(Repeat::Safe, statement, &params).await?;
    usize::try_from(row.try_get::<_, i64>(0)?).map_err(|error| Error::Internal(error.to_string()))
}

/// Takes up to `most` confirmed documents that nobody has nudged, or whose nudge came to nothing, and puts them off: a sweep
/// that dies before it has sent leaves them to the next.
pub async fn take_unnudged(db: &Database, most: i64) -> Result<Vec<DocumentId>> {
    let statement = "-- cleanup::take_unnudged
        with due as (
            select id from documents
            where status = 'uploaded' and nudge_due_at <= now() and coalesce(lease_expires_at < now(), true)
            order by nudge_due_at limit $1 for update skip locked
        )
        update documents d set nudge_due_at = now() + interval '20 minutes' from due where d.id = due.id
        returning d.id";
    let rows = db.query(Repeat::Safe, statement, &[(&most, Type::INT8)]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Has documents that were taken and whose nudge was not sent taken by the next sweep again.
pub async fn give_back_unnudged(db: &Database, documents: &[DocumentId]) -> Result<()> {
    let statement = "-- cleanup::give_back_unnudged
        update documents set nudge_due_at = least(nudge_due_at, now() + interval '1 minute')
        where id = any($1) and status = 'uploaded'";
    db.query(Repeat::Safe, statement, &[(&documents, Type::UUID_ARRAY)]).await.map(drop)
}
