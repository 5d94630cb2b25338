//! SQL statements for new passwords by mail.

use super::audit_log::EntrySql;
use super::limit::{admit, use_sql};
use super::mail::{MailSql, tell_sql};
use super::param::Params;
use super::session::end_sessions_sql;
use super::{Database, Retry};
use crate::audit_log::Action;
use crate::limit::Attempt;
use crate::mail::Kind;
use crate::token::TokenHash;
use crate::visit::Visit;
use crate::{Error, Result};

/// The account that gets a new password.
pub struct Owner {
    /// The account's e-mail address.
    pub email: String,
    /// The hash of the present password, as a PHC string.
    pub password_hash: String,
}

/// Counts a request, adds the mail with the link, and an entry to the audit log. If no active account has the
/// address, both are about nobody, so that the statement does the same work: the function `mail` drops such a
/// mail.
///
/// # Errors
/// [`Error::TooManyAttempts`].
pub async fn request(db: &Database, email: &str, attempt: &Attempt, visit: &Visit) -> Result<()> {
    let mailed = MailSql {
        kind: Kind::PasswordReset,
        id: "gen_random_uuid()",
        user: "a.user_id",
        address: "a.address",
        details: "jsonb_build_object('address', $2)",
        from: "asked a",
    };
    let entry = EntrySql {
        action: Action::PasswordResetRequested,
        actor: "null::uuid",
        target: "a.user_id",
        details: "'{}'::jsonb",
        from: "asked a",
    };
    let until = use_sql(attempt, "$4");
    let statement = format!(
        "-- reset::request
        with attempt as materialized (
            select {until} as until
        ), asked as materialized (
            select u.id as user_id, coalesce(u.email, '') as address
            from attempt t left join users u on lower(u.email) = lower($1) and u.active
            where t.until is null
        ), mailed as (
            {}
        ), entry as (
            {}
        )
        select now() as now, until from attempt",
        mailed.insert(),
        entry.insert("$2", "$3"),
    );
    let params: Params<'_> = &[
        /* $1 */ &email,
        /* $2 */ &visit.address_text(),
        /* $3 */ &visit.request_id,
        /* $4 */ &attempt.names,
    ];
    admit(&db.query_one(Retry::Never, &statement, params).await?)
}

/// Counts the use of a token, and finds the account to which it belongs. Returns `None` if the token cannot
/// be redeemed now.
///
/// # Errors
/// [`Error::TooManyAttempts`].
pub async fn begin(db: &Database, token: &TokenHash, attempt: &Attempt) -> Result<Option<Owner>> {
    let until = use_sql(attempt, "$2");
    let statement = format!(
        "-- reset::begin
        with attempt as materialized (
            select {until} as until
        )
        select now() as now, t.until, u.email, u.password_hash
        from attempt t left join (password_resets r join users u on u.id = r.user_id and u.active)
            on t.until is null and r.token_hash = $1 and r.expires_at > now()"
    );
    let params: Params<'_> = &[/* $1 */ &token, /* $2 */ &attempt.names];
    let row = db.query_one(Retry::Safe, &statement, params).await?;
    admit(&row)?;
    let Some(email) = row.try_get("email")? else { return Ok(None) };
    Ok(Some(Owner { email, password_hash: row.try_get("password_hash")? }))
}

/// Replaces the password of the account to which the token belongs. All its tokens are used up then, all its
/// sessions end, and a change of its address that is under way is cancelled: the one who has begun it may be
/// an intruder. The address counts as confirmed, because the mail with the token has arrived there. The new
/// password is not a temporary one, because the owner has chosen it.
///
/// The account knows only the device of this request from then on: the `device` that it has sent, if the
/// vault has issued it, and otherwise `new_device`. So its owner can log in, also while strangers use up the
/// attempts to do so. Returns true if it is the one that the request has sent.
///
/// The row of the account is locked first, so that of several tokens of one account one is redeemed.
///
/// # Errors
/// [`Error::LinkInvalid`] if the token is not valid.
pub async fn redeem(
    db: &Database,
    token: &TokenHash,
    password_hash: &str,
    device: Option<&TokenHash>,
    new_device: &TokenHash,
    visit: &Visit,
) -> Result<bool> {
    let entry = EntrySql {
        action: Action::PasswordReset,
        actor: "null::uuid",
        target: "c.id",
        details: "'{}'::jsonb",
        from: "changed c",
    };
    let statement = format!(
        "-- reset::redeem
        with held as materialized (
            select u.id from users u join password_resets r on r.user_id = u.id
            where r.token_hash = $1 and r.expires_at > now() and u.active
            for no key update of u
        ), used as (
            delete from password_resets r using held h where r.token_hash = $1 and r.user_id = h.id
            returning r.user_id
        ), changed as (
            update users u set password_hash = $2, password_must_change = false, password_expires_at = null,
                unverified = false, new_email = null, address_mail_id = null
            from used where u.id = used.user_id
            returning u.id, u.email
        ), {}, told as (
            {}
        ), entry as (
            {}
        ), issued as materialized (
            select exists (select from devices e where e.token_hash = $5) as is_issued
        ), forgotten as materialized (
            select forget_devices(c.id, array[$5, $6]), remove_reset_links(c.id) from changed c
        ), remembered as (
            insert into devices (token_hash, user_id)
            select case when i.is_issued then $5 else $6 end, c.id from changed c, issued i
            on conflict (token_hash, user_id) do update set last_used_at = now()
        )
        select i.is_issued from changed, forgotten, issued i",
        end_sessions_sql("changed", "null::uuid", "$3", "$4"),
        tell_sql(Kind::PasswordChanged, "changed", "$3"),
        entry.insert("$3", "$4"),
    );
    let params: Params<'_> = &[
        /* $1 */ &token,
        /* $2 */ &password_hash,
        /* $3 */ &visit.address_text(),
        /* $4 */ &visit.request_id,
        /* $5 */ &device,
        /* $6 */ &new_device,
    ];
    let row = db.query_opt(Retry::Never, &statement, params).await?.ok_or(Error::LinkInvalid)?;
    Ok(row.try_get("is_issued")?)
}
