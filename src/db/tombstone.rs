//! The parts of SQL statements that bury object keys. Every statement that deletes rows of `documents` must
//! create tombstones with [`bury_sql`].

/// Returns SQL that buries object keys. `removed` is the name of the part of the same statement (a `with`
/// query) that returns the deleted rows. `grace` is the number of the parameter that contains
/// [`SLOWEST_PUT`](crate::limits::SLOWEST_PUT) in seconds, such as `$3`.
pub(super) fn bury_sql(removed: &str, grace: &str) -> String {
    format!(
        "insert into tombstones (object_key, storage_backend, user_id, url_expires_at, final_at)
            select object_key, storage_backend, user_id, url_expires_at,
                url_expires_at + make_interval(secs => {grace})
            from {removed}"
    )
}

/// SQL that buries the key of an object without a row, as parts of a `with` query. `free` tells whether the
/// key had neither a row nor a tombstone, and `buried` has the new tombstone. The parameters are `$1` the
/// key, `$2` the store, `$3` [`URL_LIFETIME`](crate::limits::URL_LIFETIME) and `$4`
/// [`SLOWEST_PUT`](crate::limits::SLOWEST_PUT) in seconds.
///
/// Nobody knows when the upload URL of the key was signed. The tombstone stays as if it was signed now. It
/// has no owner, so that it does not count as one of the account's live URLs.
pub(super) const BURY_ORPHAN: &str = "held as materialized (
            select pg_advisory_xact_lock(hashtextextended($1, 0)) as lock
        ), free as materialized (
            select is_key_free($1) as free from held
        ), buried as (
            insert into tombstones (object_key, storage_backend, url_expires_at, final_at)
            select $1, $2, now() + make_interval(secs => $3), now() + make_interval(secs => $3 + $4)
            from free where free
            returning object_key
        )";
