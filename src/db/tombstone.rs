//! The part of an SQL statement that buries object keys. Every statement that deletes rows of `documents`
//! must create tombstones with it.

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
