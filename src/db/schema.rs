//! SQL statements with which `migrate` prepares its own connection for migrations. That connection holds a
//! lock for the whole run, so the pool cannot send them.

use super::{Database, Retry};
use crate::Result;

/// Takes the lock on the schema for this connection, if it is free. Returns the id of the server process that
/// has the lock then, or no row.
///
/// It does not wait for the lock. While a statement waits, it has a snapshot, and `create index concurrently`
/// waits for all older snapshots: two runs would deadlock.
pub const TRY_LOCK: &str = "-- schema::try_lock
    select pg_backend_pid() where pg_try_advisory_lock(hashtext('docuvault schema'))";

/// Releases the lock. Returns false if this connection did not have it.
pub const UNLOCK: &str = "-- schema::unlock
    select pg_advisory_unlock(hashtext('docuvault schema'))";

/// Finds indexes that are not valid, because `create index concurrently` or `drop index concurrently` has not
/// ended. Returns their names, and whether a session still creates them.
pub const FIND_UNFINISHED_INDEXES: &str = "-- schema::find_unfinished_indexes
    select c.oid::regclass::text, exists (
        select from pg_stat_progress_create_index p where p.index_relid = c.oid and p.datname = current_database()
    )
    from pg_index i join pg_class c on c.oid = i.indexrelid
    where not i.indisvalid and c.relnamespace = 'public'::regnamespace
    order by 1";

/// Returns the statement that drops an index, given its name as [`FIND_UNFINISHED_INDEXES`] returns it.
pub fn drop_index(name: &str) -> String {
    format!("-- schema::drop_index\ndrop index concurrently if exists {name}")
}

/// Removes the record that a migration is applied, so that it is applied again.
pub const FORGET: &str = "-- schema::forget
    delete from _sqlx_migrations where version = $1";

/// Ends a server process that has the lock on the schema, and waits for its end for three seconds. Its open
/// transaction is rolled back. Does nothing if the process does not have the lock any more.
pub async fn end_holder(db: &Database, process: i32) -> Result<()> {
    let statement = "-- schema::end_holder
        select pg_terminate_backend(pid, 3000) from pg_locks
        where pid = $1 and locktype = 'advisory' limit 1";
    db.query(Retry::Safe, statement, &[/* $1 */ &process]).await.map(drop)
}
