//! SQL statements for addresses that are confirmed by a link.

use super::audit_log::EntrySql;
use super::limit::{Restored, admit, restore_sql, use_sql};
use super::mail::{MailSql, tell_sql};
use super::param::Params;
use super::query_error::is_unique_violation;
use super::standing::admit_anybody;
use super::{Database, Retry};
use crate::audit_log::Action;
use crate::auth::User;
use crate::id::{MailId, UserId};
use crate::limit::Attempt;
use crate::mail::Kind;
use crate::token::TokenHash;
use crate::visit::Visit;
use crate::{Error, Result};

/// Counts the use of a token, and confirms the address that belongs to it. The account gets the new address,
/// if a change is under way. All its tokens are used up then. Links that set a new password, and were asked
/// for by the old address, become invalid. A registration of the new address that nobody has confirmed goes:
/// the owner of the address has confirmed this change.
///
/// # Errors
/// [`Error::TooManyAttempts`]. [`Error::LinkInvalid`] if the token is not valid. [`Error::EmailTaken`] if
/// another account has the address.
pub async fn redeem(db: &Database, token: &TokenHash, attempt: &Attempt, visit: &Visit) -> Result<()> {
    let told = MailSql {
        kind: Kind::AddressChanged,
        id: "gen_random_uuid()",
        user: "h.id",
        address: "h.email",
        details: "jsonb_build_object('address', $2)",
        from: "held h join changed c on c.id = h.id where h.new_email is not null",
    };
    let entry = |action, condition: &str| {
        let from = format!("held h join changed c on c.id = h.id where {condition}");
        EntrySql { action, actor: "null::uuid", target: "c.id", details: "'{}'::jsonb", from: &from }
            .insert("$2", "$3")
    };
    let until = use_sql(attempt, "$4");
    let statement = format!(
        "-- verification::redeem
        with attempt as materialized (
            select {until} as until
        ), held as materialized (
            select u.id, u.email, u.new_email
            from attempt t join email_verifications v on t.until is null join users u on u.id = v.user_id
            where v.token_hash = $1 and v.expires_at > now() and v.mail_id = u.address_mail_id and u.active
            for no key update of u
        ), displaced as (
            delete from users o using held h
            where lower(o.email) = lower(h.new_email) and o.unverified and o.id <> h.id
            returning o.id
        ), used as (
            delete from email_verifications v using held h where v.token_hash = $1 and v.user_id = h.id
            returning v.user_id
        ), others as (
            delete from email_verifications v using used u where v.user_id = u.user_id and v.token_hash <> $1
        ), changed as (
            update users u set email = coalesce(u.new_email, u.email), new_email = null, unverified = false,
                address_mail_id = null
            from used cross join (select count(*) from displaced) as before where u.id = used.user_id
            returning u.id
        ), forgotten as materialized (
            select remove_reset_links(c.id) from changed c
        ), told as (
            {}
        ), changes as (
            {}
        ), confirmations as (
            {}
        )
        select now() as now, t.until, c.id
        from attempt t left join (changed c cross join forgotten) on true",
        told.insert(),
        entry(Action::EmailChanged, "h.new_email is not null"),
        entry(Action::EmailVerified, "h.new_email is null"),
    );
    let params: Params<'_> = &[
        /* $1 */ &token,
        /* $2 */ &visit.address_text(),
        /* $3 */ &visit.request_id,
        /* $4 */ &attempt.names,
    ];
    let row = match db.query_one(Retry::Never, &statement, params).await {
        Err(error) if is_unique_violation(&error) => return Err(Error::EmailTaken),
        result => result?,
    };
    admit(&row)?;
    row.try_get::<_, Option<UserId>>("id")?.map(drop).ok_or(Error::LinkInvalid)
}

/// Counts an attempt to change the caller's address, and reads the hash of the caller's password. Every role
/// may do so.
///
/// # Errors
/// [`Error::TooManyAttempts`].
pub async fn begin_change(db: &Database, user: User, attempt: &Attempt) -> Result<String> {
    let until = use_sql(attempt, "$3");
    let statement = format!(
        "-- verification::begin_change
        with caller as materialized (
            select c.id, c.standing from callers c where c.id = $1 and c.session_id = $2
        ), attempt as materialized (
            select {until} as until from caller where standing in ('user', 'admin')
        )
        select now() as now, c.standing, t.until, u.password_hash
        from caller c join users u on u.id = c.id left join attempt t on true"
    );
    let params: Params<'_> =
        &[/* $1 */ &user.id, /* $2 */ &user.session, /* $3 */ &attempt.names];
    let row = admit_anybody(db.query_opt(Retry::Safe, &statement, params).await?)?;
    admit(&row)?;
    Ok(row.try_get("password_hash")?)
}

/// A change of the address, whose password was found to be right.
pub struct Change<'a> {
    /// The new address.
    pub email: &'a str,
    /// The hash that the password matched.
    pub password_hash: &'a str,
    /// The attempt to give the password. It is given back.
    pub proof: &'a Attempt,
    /// The attempt to have a link sent to the new address.
    pub attempt: &'a Attempt,
}

/// Counts a request for a link, and begins a change of the address, which a mail tells to the old one. Adds
/// the mail with the link for the new address; links of earlier changes become invalid. If another account
/// has the new address, a mail tells its owner instead. Nothing that the caller can see is different then.
///
/// # Errors
/// [`Error::InvalidCredentials`] if the password was changed since its hash was read, or if the session has
/// ended. [`Error::TooManyAttempts`].
pub async fn request_change(db: &Database, user: User, change: &Change<'_>, visit: &Visit) -> Result<()> {
    let asked = MailSql {
        kind: Kind::VerifyAddress,
        id: "$5",
        user: "c.id",
        address: "$4",
        details: "jsonb_build_object('address', $6)",
        from: "changed c where not exists (select from taken)",
    };
    let entry = EntrySql {
        action: Action::EmailChangeRequested,
        actor: "a.id",
        target: "a.id",
        details: "'{}'::jsonb",
        from: "admitted a",
    };
    let (until, restored) = (use_sql(change.attempt, "$8"), Restored::by(change.proof));
    let statement = format!(
        "-- verification::request_change
        with account as materialized (
            select u.id, u.email from callers c join users u on u.id = c.id
            where c.id = $1 and c.session_id = $2 and c.standing in ('user', 'admin') and u.password_hash = $3
            for no key update of u
        ), attempt as materialized (
            select {until} as until from account
        ), admitted as (
            select a.id, a.email from account a, attempt t where t.until is null
        ), taken as materialized (
            select o.id, o.email from users o, admitted a
            where lower(o.email) = lower($4) and o.id <> a.id and not o.unverified
        ), changed as (
            update users u set new_email = $4, address_mail_id = $5
            from admitted a where u.id = a.id
            returning u.id
        ), asked as (
            {asked}
        ), told as (
            {told}
        ), warned as (
            {warned}
        ), entry as (
            {entry}
        ), given_back as materialized (
            select {given_back} from account
        )
        select now() as now, t.until from attempt t, given_back",
        asked = asked.insert(),
        told = tell_sql(Kind::AddressTaken, "taken", "$6"),
        warned = tell_sql(Kind::AddressChangeRequested, "admitted", "$6"),
        entry = entry.insert("$6", "$7"),
        given_back = restore_sql(change.proof, "$9", "$10"),
    );
    let params: Params<'_> = &[
        /* $1 */ &user.id,
        /* $2 */ &user.session,
        /* $3 */ &change.password_hash,
        /* $4 */ &change.email,
        /* $5 */ &MailId::new(),
        /* $6 */ &visit.address_text(),
        /* $7 */ &visit.request_id,
        /* $8 */ &change.attempt.names,
        /* $9 */ &restored.whole,
        /* $10 */ &restored.one,
    ];
    admit(&db.query_opt(Retry::Never, &statement, params).await?.ok_or(Error::InvalidCredentials)?)
}
