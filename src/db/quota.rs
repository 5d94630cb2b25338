//! SQL statements for quotas.

use super::standing::admit_user;
use super::{Database, Retry};
use crate::id::UserId;
use crate::quota::Quota;
use crate::{Error, Result};

/// Reads the quota of the user.
///
/// # Errors
/// [`Error::NotFound`] if the account has no quota.
pub async fn get(db: &Database, user: UserId) -> Result<Quota> {
    let statement = "-- quota::get
        select u.standing, q.used_bytes, q.limit_bytes
        from users u left join quotas q on q.user_id = u.id
        where u.id = $1";
    let row = db.query_opt(Retry::Safe, statement, &[/* $1 */ &user]).await?;
    let row = admit_user(row)?;
    let (used_bytes, limit_bytes) = (row.try_get("used_bytes")?, row.try_get("limit_bytes")?);
    match (used_bytes, limit_bytes) {
        (Some(used_bytes), Some(limit_bytes)) => Ok(Quota { used_bytes, limit_bytes }),
        _ => Err(Error::NotFound),
    }
}
