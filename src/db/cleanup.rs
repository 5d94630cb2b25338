//! SQL statements for the sweep. Each changes a limited number of rows, and skips rows that are locked.

mod expired;

use std::time::Duration;

use time::OffsetDateTime;

use super::param::Params;
use super::tombstone::bury_sql;
use super::{Database, Retry};
use crate::id::DocumentId;
use crate::limits::{
    FIRST_REMOVAL_DELAY, MAX_REMOVAL_DELAY, NUDGE_REPEAT_DELAY, NUDGE_RETRY_DELAY, SLOWEST_PUT,
};
use crate::storage::Backend;
use crate::{Error, Result};

pub use expired::{remove_devices, remove_sessions, remove_unverified};

/// Buries up to `most` uploads that have been pending for longer than `age`. Returns the number of buried
/// uploads.
pub async fn bury_abandoned(db: &Database, age: Duration, most: i64) -> Result<usize> {
    let buried = bury_sql("removed", "$3");
    let statement = format!(
        "-- cleanup::bury_abandoned
        with abandoned as (
            select id from documents where status = 'pending' and created_at < now() - make_interval(secs => $1)
            order by created_at limit $2 for update skip locked
        ), removed as (
            delete from documents d using abandoned a where d.id = a.id
            returning d.object_key, d.storage_backend, d.user_id, d.url_expires_at
        ), buried as (
            {buried}
        )
        select count(*) from removed"
    );
    let grace = SLOWEST_PUT.as_secs_f64();
    let params: Params<'_> = &[/* $1 */ &age.as_secs_f64(), /* $2 */ &most, /* $3 */ &grace];
    let row = db.query_one(Retry::Safe, &statement, params).await?;
    usize::try_from(row.try_get::<_, i64>(0)?).map_err(Error::internal)
}

/// The backends from which a sweep removes objects.
pub struct DueBackends {
    /// The time at which the sweep began, by the database's clock.
    pub now: OffsetDateTime,
    /// The names of the backends that have due tombstones. A later release may have written a name that this
    /// one does not know.
    pub backends: Vec<String>,
    /// The number of seconds for which the longest overdue tombstone has been due. 0 if none is due.
    pub overdue_s: i64,
}

/// Finds the backends that have due tombstones.
pub async fn find_due_backends(db: &Database) -> Result<DueBackends> {
    let statement = "-- cleanup::find_due_backends
        select now() as now,
            array(select distinct storage_backend from tombstones where due_at <= now()) as backends,
            least(coalesce((
                select extract(epoch from now()) - extract(epoch from min(due_at))
                from tombstones where due_at <= now()
            ), 0), 1e9)::bigint as overdue_s";
    let row = db.query_one(Retry::Safe, statement, &[]).await?;
    Ok(DueBackends {
        now: row.try_get("now")?,
        backends: row.try_get("backends")?,
        overdue_s: row.try_get("overdue_s")?,
    })
}

/// An object to remove, from a due tombstone.
pub struct DueRemoval {
    /// The object's key.
    pub object_key: String,
    /// The time of the next removal, in case an upload stores the object again: when the upload URL expires,
    /// and then when the slowest upload that was begun in time has ended. `None` if both times have passed,
    /// so that this removal is the last.
    pub again_at: Option<OffsetDateTime>,
}

/// Takes up to `most` tombstones of a backend that were due at the time `begun`, and postpones them as if
/// their removal had failed. The delay grows with each failure. So objects that a sweep could not remove come
/// back later, and do not hold up others.
///
/// `begun` is the time at which the sweep began, so that a sweep does not take a tombstone twice.
pub async fn take_due_removals(
    db: &Database,
    backend: Backend,
    begun: OffsetDateTime,
    most: i64,
) -> Result<Vec<DueRemoval>> {
    let statement = "-- cleanup::take_due_removals
        with due as (
            select object_key from tombstones where due_at <= $1 and storage_backend = $5
            order by due_at limit $2 for update skip locked
        )
        update tombstones t set attempts = t.attempts + 1,
            due_at = now() + make_interval(secs => least($3 * power(2, least(t.attempts, 10)), $4))
        from due where t.object_key = due.object_key
        returning t.object_key, case
            when t.url_expires_at > now() then t.url_expires_at
            when t.final_at > now() then t.final_at
        end as again_at";
    let params: Params<'_> = &[
        /* $1 */ &begun,
        /* $2 */ &most,
        /* $3 */ &FIRST_REMOVAL_DELAY.as_secs_f64(),
        /* $4 */ &MAX_REMOVAL_DELAY.as_secs_f64(),
        /* $5 */ &backend.as_str(),
    ];
    let rows = db.query(Retry::Safe, statement, params).await?;
    rows.iter()
        .map(|row| {
            Ok(DueRemoval { object_key: row.try_get("object_key")?, again_at: row.try_get("again_at")? })
        })
        .collect()
}

/// Records that these objects were removed. Deletes the tombstones whose last removal this was, and postpones
/// the others until their next removal. Returns the number of deleted tombstones.
pub async fn record_removals(db: &Database, removed: &[DueRemoval]) -> Result<usize> {
    let statement = "-- cleanup::record_removals
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
    let params: Params<'_> = &[/* $1 */ &keys, /* $2 */ &again_at];
    let row = db.query_one(Retry::Safe, statement, params).await?;
    usize::try_from(row.try_get::<_, i64>(0)?).map_err(Error::internal)
}

/// Takes up to `most` confirmed documents whose nudge is due, and postpones their nudges. If the sweep ends
/// before it has sent them, a later sweep takes them again.
pub async fn take_due_nudges(db: &Database, most: i64) -> Result<Vec<DocumentId>> {
    let statement = "-- cleanup::take_due_nudges
        with due as (
            select id from documents
            where status = 'uploaded' and nudge_due_at <= now() and coalesce(lease_expires_at < now(), true)
            order by nudge_due_at limit $1 for update skip locked
        )
        update documents d set nudge_due_at = now() + make_interval(secs => $2) from due where d.id = due.id
        returning d.id";
    let params: Params<'_> = &[/* $1 */ &most, /* $2 */ &NUDGE_REPEAT_DELAY.as_secs_f64()];
    let rows = db.query(Retry::Safe, statement, params).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Makes the nudges of these documents due at the next sweep, because they could not be sent.
pub async fn make_nudges_due(db: &Database, documents: &[DocumentId]) -> Result<()> {
    let statement = "-- cleanup::make_nudges_due
        update documents set nudge_due_at = least(nudge_due_at, now() + make_interval(secs => $2))
        where id = any($1) and status = 'uploaded'";
    let params: Params<'_> = &[/* $1 */ &documents, /* $2 */ &NUDGE_RETRY_DELAY.as_secs_f64()];
    db.query(Retry::Safe, statement, params).await.map(drop)
}
