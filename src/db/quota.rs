//! SQL statements for quotas.

use super::param::Params;
use super::standing::admit_user;
use super::{Database, Retry};
use crate::auth::User;
use crate::quota::Quota;
use crate::{Error, Result};

/// Reads the quota of the user.
///
/// # Errors
/// [`Error::NotFound`] if the account has no quota.
pub async fn get(db: &Database, user: User) -> Result<Quota> {
    let statement = "-- quota::get
        select c.standing, q.used_bytes, q.limit_bytes
        from callers c left join quotas q on q.user_id = c.id
        where c.id = $1 and c.session_id = $2";
    let params: Params<'_> = &[/* $1 */ &user.id, /* $2 */ &user.session];
    let row = db.query_opt(Retry::Safe, statement, params).await?;
    let row = admit_user(row)?;
    let (used_bytes, limit_bytes) = (row.try_get("used_bytes")?, row.try_get("limit_bytes")?);
    match (used_bytes, limit_bytes) {
        (Some(used_bytes), Some(limit_bytes)) => Ok(Quota { used_bytes, limit_bytes }),
        _ => Err(Error::NotFound),
    }
}
