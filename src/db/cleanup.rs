//! Statements of the sweep. Each takes a bounded batch and skips what somebody else holds.

use tokio_postgres::types::Type;

use super::{Database, Param, Repeat};
use crate::id::DocumentId;
use crate::upload::SLOWEST_PUT;
use crate::{Error, Result};

/// Buries up to `most` uploads that have been pending for `age_seconds`; returns how many.
pub async fn abandon(db: &Database, age_seconds: f64, most: i64) -> Result<usize> {
    let statement = "-- cleanup::abandon
        with abandoned as (
            select id from documents where status = 'pending' and created_at < now() - make_interval(secs => $1)
            order by created_at limit $2 for update skip locked
        ), removed as (
            delete from documents d using abandoned a where d.id = a.id
            returning d.object_key, d.url_expires_at
        ), buried as (
            insert into tombstones (object_key, final_at)
            select object_key, url_expires_at + make_interval(secs => $3) from removed
        )
        select count(*) from removed";
    let grace = SLOWEST_PUT.as_secs_f64();
    let params: [Param<'_>; 3] = [(&age_seconds, Type::FLOAT8), (&most, Type::INT8), (&grace, Type::FLOAT8)];
    let row = db.query_one(Repeat::Safe, statement, &params).await?;
    usize::try_from(row.try_get::<_, i64>(0)?).map_err(|error| Error::Internal(error.to_string()))
}

/// Takes up to `most` due tombstones. They are put off as though their deletion had failed, the longer the more often it
/// has: what a crashed or failing sweep leaves comes back later and holds up nothing else.
pub async fn take_due(db: &Database, most: i64) -> Result<Vec<String>> {
    let statement = "-- cleanup::take_due
        with due as (
            select object_key from tombstones where due_at <= now()
            order by due_at limit $1 for update skip locked
        )
        update tombstones t set attempts = t.attempts + 1,
            due_at = now() + least(interval '10 minutes' * power(2, least(t.attempts, 10)), interval '1 day')
        from due where t.object_key = due.object_key
        returning t.object_key";
    let rows = db.query(Repeat::Safe, statement, &[(&most, Type::INT8)]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Drops the tombstones of removed objects that no URL can recreate any more; the others are due at the next sweep again.
/// Returns how many were dropped.
pub async fn settle(db: &Database, removed: &[String]) -> Result<usize> {
    let statement = "-- cleanup::settle
        with dropped as (
            delete from tombstones where object_key = any($1) and final_at <= now() returning 1
        ), kept as (
            update tombstones set attempts = 0, due_at = now() + interval '1 minute'
            where object_key = any($1) and final_at > now()
        )
        select count(*) from dropped";
    let row = db.query_one(Repeat::Safe, statement, &[(&removed, Type::TEXT_ARRAY)]).await?;
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
