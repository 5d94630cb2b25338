//! A user's quota, in bytes.

use serde::Serialize;

use crate::db::Database;
use crate::id::UserId;
use crate::{Result, db};

/// What a user has used, and may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Quota {
    /// The sum of the confirmed documents.
    pub used_bytes: i64,
    /// The most that sum may become.
    pub limit_bytes: i64,
}

/// What a 413 tells: the numbers it was decided on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// As [`Quota::used_bytes`].
    pub used_bytes: i64,
    /// As [`Quota::limit_bytes`].
    pub limit_bytes: i64,
    /// What did not fit.
    pub rejected_bytes: i64,
}

/// The user's quota (STORE-04).
pub async fn get(db: &Database, user: UserId) -> Result<Quota> {
    db::quota::get(db, user).await
}
