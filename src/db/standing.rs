//! The standing of an account: whether a statement that reads `users.standing` may answer. A token alone is
//! not trusted for that, since it outlives a deactivation by minutes.
//!
//! Each function takes the first row of an answer, which is absent if there is no such account.

use serde::Deserialize;
use tokio_postgres::Row;

use super::read_enum;
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

/// What an account may do now (migration 0002).
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Standing {
    /// Work as a user.
    User,
    /// Work as an administrator.
    Admin,
    /// Only change its password.
    PasswordOwed,
    /// Nothing: it is inactive, or only a later release knows what it may do.
    #[serde(other)]
    Inactive,
}

fn admit(row: Option<Row>) -> Result<(Role, Row)> {
    let row = row.ok_or(Error::Unauthenticated)?;
    match read_enum(&row, "standing")? {
        Some(Standing::User) => Ok((Role::User, row)),
        Some(Standing::Admin) => Ok((Role::Admin, row)),
        Some(Standing::PasswordOwed) => Err(Error::PasswordChangeOwed),
        Some(Standing::Inactive) | None => Err(Error::Unauthenticated),
    }
}
