//! The part of an SQL statement that buries object keys. Every statement that deletes rows of `documents`
//! must create tombstones with it.

/// Returns SQL that buries the object keys of `removed`, a part of the same statement with the deleted rows.
/// `grace` is the number of the parameter that contains [`SLOWEST_PUT`](crate::limits::SLOWEST_PUT) in
/// seconds, such as `$3`.
pub(super) fn bury(removed: &str, grace: &str) -> String {
    format!(
        "insert into tombstones (object_key, storage_backend, user_id, url_expires_at, final_at)
            select object_key, storage_backend, user_id, url_expires_at,
                url_expires_at + make_interval(secs => {grace})
            from {removed}"
    )
}
