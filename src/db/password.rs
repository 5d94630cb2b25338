//! SQL statements for the change of a password.

use super::audit_log::EntrySql;
use super::limit::{Restored, admit, restore_sql, use_sql};
use super::param::Params;
use super::session::end_sessions_sql;
use super::standing::admit_password_change;
use super::{Database, Retry};
use crate::audit_log::Action;
use crate::auth::User;
use crate::limit::Attempt;
use crate::visit::Visit;
use crate::{Error, Result};

/// The caller's password, and what a new one is compared with.
pub struct StoredPassword {
    /// The account's e-mail address.
    pub email: String,
    /// The hash of the password, as a PHC string.
    pub hash: String,
    /// True if the password is a temporary one that was not changed in time.
    pub expired: bool,
}

/// The hash that replaces another one.
pub struct NewHash<'a> {
    /// The hash that the account had when the current password was checked.
    pub old: &'a str,
    /// The hash of the new password.
    pub new: &'a str,
}

/// Counts an attempt to change the caller's password, and reads the stored one.
///
/// # Errors
/// [`Error::TooManyAttempts`].
pub async fn begin_change(db: &Database, user: User, attempt: &Attempt) -> Result<StoredPassword> {
    let until = use_sql(attempt, "$3");
    let statement = format!(
        "-- password::begin_change
        with caller as materialized (
            select c.id, c.standing from callers c where c.id = $1 and c.session_id = $2
        ), attempt as materialized (
            select {until} as until from caller where standing in ('user', 'admin', 'password_owed')
        )
        select now() as now, c.standing, a.until, u.email, u.password_hash,
            coalesce(u.password_expires_at <= now(), false) as password_expired
        from caller c join users u on u.id = c.id left join attempt a on true"
    );
    let params: Params<'_> =
        &[/* $1 */ &user.id, /* $2 */ &user.session, /* $3 */ &attempt.names];
    let row = admit_password_change(db.query_opt(Retry::Safe, &statement, params).await?)?;
    admit(&row)?;
    Ok(StoredPassword {
        email: row.try_get("email")?,
        hash: row.try_get("password_hash")?,
        expired: row.try_get("password_expired")?,
    })
}

/// Replaces the hash of the caller's password, ends all other sessions of the account, and writes entries in
/// the audit log. Gives back what the attempt has used.
///
/// # Errors
/// [`Error::InvalidCredentials`] if the password was changed since the current one was checked.
pub async fn change(
    db: &Database,
    user: User,
    hash: NewHash<'_>,
    attempt: &Attempt,
    visit: &Visit,
) -> Result<()> {
    let logged = EntrySql {
        action: Action::PasswordChanged,
        actor: "c.id",
        target: "c.id",
        details: "'{}'::jsonb",
        from: "changed c",
    }
    .insert("$5", "$6");
    let ended = end_sessions_sql("changed", "$2", "$5", "$6");
    let (restored, given_back) = (Restored::by(attempt), restore_sql(attempt, "$7", "$8"));
    let statement = format!(
        "-- password::change
        with caller as materialized (
            select id, standing from callers where id = $1 and session_id = $2 for no key update
        ), changed as (
            update users u set password_hash = $4, password_must_change = false, password_expires_at = null
            from caller c
            where u.id = c.id and u.password_hash = $3 and c.standing in ('user', 'admin', 'password_owed')
            returning u.id
        ), {ended}, logged as (
            {logged}
        ), given_back as materialized (
            select {given_back} from changed
        )
        select c.standing, h.id is not null as is_changed
        from caller c left join changed h on true left join given_back on true"
    );
    let params: Params<'_> = &[
        /* $1 */ &user.id,
        /* $2 */ &user.session,
        /* $3 */ &hash.old,
        /* $4 */ &hash.new,
        /* $5 */ &visit.address_text(),
        /* $6 */ &visit.request_id,
        /* $7 */ &restored.whole,
        /* $8 */ &restored.one,
    ];
    let row = admit_password_change(db.query_opt(Retry::Never, &statement, params).await?)?;
    if row.try_get("is_changed")? { Ok(()) } else { Err(Error::InvalidCredentials) }
}
