//! SQL statements for the change of a password.

use super::audit_log::EntrySql;
use super::limit::{admit, use_sql};
use super::mail::tell_sql;
use super::param::Params;
use super::session::{Beginning, Begun, NewSession, read_begun};
use super::standing::admit_password_change;
use super::{Database, Retry};
use crate::audit_log::Action;
use crate::auth::User;
use crate::limit::Attempt;
use crate::mail::Kind;
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

/// Replaces the hash of the caller's password, ends all sessions of the account, begins a new one, writes
/// entries in the audit log, and tells the owner by mail. Gives back what the attempt has used.
///
/// Whoever knew the old password may be an intruder. So a change of the address that is under way is
/// cancelled, links for a new password become invalid, and the account knows only the device of this request
/// from then on.
///
/// # Errors
/// [`Error::InvalidCredentials`] if the password was changed since the current one was checked.
pub async fn change(
    db: &Database,
    user: User,
    new: &NewSession,
    hash: NewHash<'_>,
    attempt: &Attempt,
    visit: &Visit,
) -> Result<Begun> {
    let entry = EntrySql {
        action: Action::PasswordChanged,
        actor: "a.id",
        target: "a.id",
        details: "'{}'::jsonb",
        from: "account a",
    }
    .insert("$3", "$5");
    let beginning = Beginning::of(new, attempt, visit);
    let begin = beginning.replacing_sql();
    let told = tell_sql(Kind::PasswordChanged, "account", "$3");
    let statement = format!(
        "-- password::change
        with caller as materialized (
            select id, session_id, standing from callers where id = $12 and session_id = $13 for no key update
        ), account as (
            update users u set password_hash = $15, password_must_change = false, password_expires_at = null,
                new_email = null, address_mail_id = null
            from caller c join sessions s on s.id = c.session_id
            where u.id = c.id and u.password_hash = $14 and c.standing in ('user', 'admin', 'password_owed')
            returning u.id, u.email, u.password_must_change, s.owes_factor, s.passkey_id
        ), forgotten as materialized (
            select forget_devices(a.id, array[$6, $7]), remove_reset_links(a.id) from account a
        ), entry as (
            {entry}
        ), told as (
            {told}
        ), {begin}
        select c.standing, s.* from caller c left join (started s cross join forgotten) on true"
    );
    let others: Params<'_> = &[
        /* $12 */ &user.id,
        /* $13 */ &user.session,
        /* $14 */ &hash.old,
        /* $15 */ &hash.new,
    ];
    let row =
        admit_password_change(db.query_opt(Retry::Never, &statement, &beginning.params(others)).await?)?;
    read_begun(&row)?.ok_or(Error::InvalidCredentials)
}
