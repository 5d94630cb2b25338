//! A user's quota, in bytes.

use serde::Serialize;

/// What a user has used, and may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Quota {
    /// The sum of the sizes of the user's confirmed documents.
    pub used_bytes: i64,
    /// The most that this sum may become.
    pub limit_bytes: i64,
}
