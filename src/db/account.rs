//! Statements about accounts, and the standing that rides in every other statement.

use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::{Database, Param, Repeat};
use crate::account::{Account, Credentials, Role};
use crate::id::UserId;
use crate::{Error, Result};

/// Lets a user in whom the statement's `standing` admits (SPEC section 1, P6). The token alone is not trusted for it: it
/// outlives a deactivation by minutes. No row: no account.
pub(super) fn admit_user(row: Option<Row>) -> Result<Row> {
    let (role, row) = admit(row)?;
    if role == Role::User { Ok(row) } else { Err(Error::WrongRole(Role::User)) }
}

/// Lets an administrator in.
pub(super) fn admit_admin(row: Option<Row>) -> Result<Row> {
    let (role, row) = admit(row)?;
    if role == Role::Admin { Ok(row) } else { Err(Error::WrongRole(Role::Admin)) }
}

/// Lets everybody in whose account may be used.
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

/// An account to be.
pub struct NewAccount<'a> {
    /// Its id.
    pub id: UserId,
    /// Unique without case.
    pub email: &'a str,
    /// PHC string.
    pub password_hash: &'a str,
    /// What it may do.
    pub role: Role,
    /// Whether somebody else knows the password.
    pub password_must_change: bool,
}

/// Makes an account together with its quota.
///
/// # Errors
/// [`Error::EmailTaken`], by whatever case of letters.
pub async fn create(db: &Database, new: NewAccount<'_>) -> Result<Account> {
    let statement = "-- account::create
        with account as (
            insert into users (id, email, password_hash, role, password_must_change)
            values ($1, $2, $3, $4, $5)
            on conflict (lower(email)) do nothing
            returning *
        ), quota as (
            insert into quotas (user_id) select id from account
        )
        select * from account";
    let row = db
        .query_opt(
            Repeat::Never,
            statement,
            &[
                (&new.id, Type::UUID),
                (&new.email, Type::TEXT),
                (&new.password_hash, Type::TEXT),
                (&new.role.as_str(), Type::TEXT),
                (&new.password_must_change, Type::BOOL),
            ],
        )
        .await?;
    account(&row.ok_or(Error::EmailTaken)?)
}

/// What a login is checked against; none: no such address.
pub async fn credentials(db: &Database, email: &str) -> Result<Option<Credentials>> {
    let statement = "-- account::credentials
        select id, password_hash, active, password_must_change from users where lower(email) = lower($1)";
    let row = db.query_opt(Repeat::Safe, statement, &[(&email, Type::TEXT)]).await?;
    row.map(|row| {
        Ok(Credentials {
            id: row.try_get("id")?,
            password_hash: row.try_get("password_hash")?,
            active: row.try_get("active")?,
            password_must_change: row.try_get("password_must_change")?,
        })
    })
    .transpose()
}

/// Puts a new hash of a password in the place of the old one, unless the password has been changed meanwhile.
pub async fn rehash(db: &Database, id: UserId, old: &str, new: &str) -> Result<()> {
    let statement = "-- account::rehash
        update users set password_hash = $3 where id = $1 and password_hash = $2";
    let params: [Param<'_>; 3] = [(&id, Type::UUID), (&old, Type::TEXT), (&new, Type::TEXT)];
    db.query(Repeat::Safe, statement, &params).await.map(drop)
}

/// The signed-in account, whatever its role.
///
/// # Errors
/// [`Error::Unauthenticated`] if it is gone or inactive.
pub async fn get(db: &Database, id: UserId) -> Result<Account> {
    let statement = "-- account::get
        select * from users where id = $1 and active";
    let row = db.query_opt(Repeat::Safe, statement, &[(&id, Type::UUID)]).await?;
    account(&row.ok_or(Error::Unauthenticated)?)
}

fn account(row: &Row) -> Result<Account> {
    Ok(Account {
        id: row.try_get("id")?,
        email: row.try_get("email")?,
        role: row.try_get("role")?,
        totp_enabled: row.try_get("totp_enabled")?,
        password_must_change: row.try_get("password_must_change")?,
        created_at: row.try_get("created_at")?,
    })
}
