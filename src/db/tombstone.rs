//! The part of a statement that buries object keys: whatever deletes rows of `documents` makes tombstones of
//! their keys.

/// Buries the keys of `removed`, a part of the same statement with the deleted rows. `grace` is the parameter
/// with [`SLOWEST_PUT`](crate::limits::SLOWEST_PUT) in seconds.
pub(super) fn bury(removed: &str, grace: &str) -> String {
    format!(
        "insert into tombstones (object_key, storage_backend, user_id, url_expires_at, final_at)
            select object_key, storage_backend, user_id, url_expires_at,
                url_expires_at + make_interval(secs => {grace})
            from {removed}"
    )
}
