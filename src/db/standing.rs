//! Checks of what a caller may do. Every statement on behalf of an account reads the standing from the view
//! `callers` (migration 0013), and the functions here check it. An access token is not enough: it stays valid
//! for some minutes after its session was ended, or after the account was deactivated or has got another
//! role.
//!
//! Each function takes the first row of an answer. There is no row if the account does not exist, or if the
//! session has ended.

use serde::Deserialize;
use tokio_postgres::Row;

use super::read_enum;
use crate::role::Role;
use crate::{Error, Result};

/// Returns the row if the account has the role `user`.
///
/// # Errors
/// [`Error::Unauthenticated`], [`Error::PasswordChangeOwed`], [`Error::FactorOwed`] or [`Error::WrongRole`].
pub(super) fn admit_user(row: Option<Row>) -> Result<Row> {
    let (role, row) = admit(row)?;
    if role == Role::User { Ok(row) } else { Err(Error::WrongRole(Role::User)) }
}

/// Returns the row if the account has the role `admin`.
///
/// # Errors
/// [`Error::Unauthenticated`], [`Error::PasswordChangeOwed`], [`Error::FactorOwed`] or [`Error::WrongRole`].
pub(super) fn admit_admin(row: Option<Row>) -> Result<Row> {
    let (role, row) = admit(row)?;
    if role == Role::Admin { Ok(row) } else { Err(Error::WrongRole(Role::Admin)) }
}

/// Returns the row if the account is active, whatever its role.
///
/// # Errors
/// [`Error::Unauthenticated`], [`Error::PasswordChangeOwed`] or [`Error::FactorOwed`].
pub(super) fn admit_anybody(row: Option<Row>) -> Result<Row> {
    admit(row).map(|(_, row)| row)
}

/// Returns the row if the account may change its password: that of any role, also if it has to.
///
/// # Errors
/// [`Error::Unauthenticated`] or [`Error::FactorOwed`].
pub(super) fn admit_password_change(row: Option<Row>) -> Result<Row> {
    let row = row.ok_or(Error::Unauthenticated)?;
    match read_enum(&row, "standing")? {
        Some(Standing::PasswordOwed) => Ok(row),
        _ => admit_anybody(Some(row)),
    }
}

/// Returns the row if the account is active, whatever its role, and even if the session owes a second factor.
///
/// # Errors
/// [`Error::Unauthenticated`] or [`Error::PasswordChangeOwed`].
pub(super) fn admit_factor_owed(row: Option<Row>) -> Result<Row> {
    let row = row.ok_or(Error::Unauthenticated)?;
    match read_enum(&row, "standing")? {
        Some(Standing::FactorOwed) => Ok(row),
        _ => admit_anybody(Some(row)),
    }
}

/// Returns the row if the account may get a second factor, whatever its role. In a session that owes one, it
/// may get the first one only: whoever knows nothing but the password must not add a factor to those of the
/// owner. The row says in the column `has_factor` whether there is one.
///
/// # Errors
/// [`Error::Unauthenticated`], [`Error::PasswordChangeOwed`] or [`Error::FactorOwed`].
pub(super) fn admit_new_factor(row: Option<Row>) -> Result<Row> {
    let row = row.ok_or(Error::Unauthenticated)?;
    match read_enum(&row, "standing")? {
        Some(Standing::FactorOwed) if !row.try_get("has_factor")? => Ok(row),
        _ => admit_anybody(Some(row)),
    }
}

/// The values of `callers.standing` (migration 0013), which say what an account may do now.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Standing {
    /// The account is active, and has the role `user`.
    User,
    /// The account is active, and has the role `admin`.
    Admin,
    /// The account may only change its temporary password.
    PasswordOwed,
    /// The account has to get a second factor first.
    FactorOwed,
    /// The account may do nothing: it is inactive, or has a standing that only a later release knows.
    #[serde(other)]
    Inactive,
}

fn admit(row: Option<Row>) -> Result<(Role, Row)> {
    let row = row.ok_or(Error::Unauthenticated)?;
    match read_enum(&row, "standing")? {
        Some(Standing::User) => Ok((Role::User, row)),
        Some(Standing::Admin) => Ok((Role::Admin, row)),
        Some(Standing::PasswordOwed) => Err(Error::PasswordChangeOwed),
        Some(Standing::FactorOwed) => Err(Error::FactorOwed),
        Some(Standing::Inactive) | None => Err(Error::Unauthenticated),
    }
}
