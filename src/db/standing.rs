//! The standing of an account: whether a statement that reads `users.standing` may answer. A token alone is
//! not trusted for that, since it outlives a deactivation by minutes.
//!
//! Each function takes the first row of an answer, which is absent if there is no such account.

use tokio_postgres::Row;

use crate::role::Role;
use crate::{Error, Result};

/// Admits users (SPEC section 1, P6).
pub(super) fn admit_user(row: Option<Row>) -> Result<Row> {
    let (role, row) = admit(row)?;
    if role == Role::User { Ok(row) } else { Err(Error::WrongRole(Role::User)) }
}

/// Admits administrators.
pub(super) fn admit_admin(row: Option<Row>) -> Result<Row> {
    let (role, row) = admit(row)?;
    if role == Role::Admin { Ok(row) } else { Err(Error::WrongRole(Role::Admin)) }
}

/// Admits accounts of every role.
pub(super) fn admit_anybody(row: Option<Row>) -> Result<Row> {
    admit(row).map(|(_, row)| row)
}

fn admit(row: Option<Row>) -> Result<(Role, Row)> {
    let row = row.ok_or(Error::Unauthenticated)?;
    match row.try_get("standing")? {
        "user" => Ok((Role::User, row)),
        "admin" => Ok((Role::Admin, row)),
        "password_owed" => Err(Error::PasswordChangeOwed),
        _ => Err(Error::Unauthenticated),
    }
}
