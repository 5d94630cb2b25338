//! SQL statements for accounts.

use tokio_postgres::Row;

use super::param::Params;
use super::{Database, Retry, read_enum};
use crate::account::{Account, Credentials};
use crate::id::UserId;
use crate::role::Role;
use crate::{Error, Result};

/// The columns of a new account.
pub struct NewAccount<'a> {
    /// The account's id.
    pub id: UserId,
    /// The e-mail address. No two accounts have addresses that differ only in case.
    pub email: &'a str,
    /// The hash of the password, as a PHC string.
    pub password_hash: &'a str,
    /// The account's role.
    pub role: Role,
    /// True if the password is temporary, so that its owner must change it.
    pub password_must_change: bool,
}

/// Creates an account, and its quota with the default limit.
///
/// # Errors
/// [`Error::EmailTaken`] if an account has this address. Upper and lower case are the same.
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
    let params: Params<'_> = &[
        /* $1 */ &new.id,
        /* $2 */ &new.email,
        /* $3 */ &new.password_hash,
        /* $4 */ &new.role.as_str(),
        /* $5 */ &new.password_must_change,
    ];
    let row = db.query_opt(Retry::Never, statement, params).await?;
    read_account(&row.ok_or(Error::EmailTaken)?)
}

/// Finds the credentials of the account with this address. Returns `None` if there is none.
pub async fn find_credentials(db: &Database, email: &str) -> Result<Option<Credentials>> {
    let statement = "-- account::find_credentials
        select id, password_hash, active, password_must_change from users where lower(email) = lower($1)";
    let row = db.query_opt(Retry::Safe, statement, &[/* $1 */ &email]).await?;
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

/// Replaces the hash of a password, unless the password was changed in the meantime.
pub async fn rehash(db: &Database, id: UserId, old: &str, new: &str) -> Result<()> {
    let statement = "-- account::rehash
        update users set password_hash = $3 where id = $1 and password_hash = $2";
    let params: Params<'_> = &[/* $1 */ &id, /* $2 */ &old, /* $3 */ &new];
    db.query(Retry::Safe, statement, params).await.map(drop)
}

/// Reads the account of the caller. Every role may do so.
///
/// # Errors
/// [`Error::Unauthenticated`] if the account does not exist or is inactive.
pub async fn get(db: &Database, id: UserId) -> Result<Account> {
    let statement = "-- account::get
        select * from users where id = $1 and active";
    let row = db.query_opt(Retry::Safe, statement, &[/* $1 */ &id]).await?;
    read_account(&row.ok_or(Error::Unauthenticated)?)
}

fn read_account(row: &Row) -> Result<Account> {
    Ok(Account {
        id: row.try_get("id")?,
        email: row.try_get("email")?,
        role: read_enum(row, "role")?.ok_or_else(|| Error::Database("an account has no role".into()))?,
        totp_enabled: row.try_get("totp_enabled")?,
        password_must_change: row.try_get("password_must_change")?,
        created_at: row.try_get("created_at")?,
    })
}
