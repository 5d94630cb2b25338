//! SQL statements for the second step of a login. They act for nobody who is signed in.

use super::super::audit_log::EntrySql;
use super::super::limit::{Restored, admit, restore_sql, use_sql};
use super::super::param::Params;
use super::super::session::{Beginning, Begun, CheckedPassword, NewSession, mail_new_device_sql, read_begun};
use super::super::{Database, Retry};
use super::{ProofParams, read_secret};
use crate::audit_log::Action;
use crate::factor::{PendingLogin, Proof};
use crate::id::UserId;
use crate::limit::Attempt;
use crate::limits::CHALLENGE_LIFETIME;
use crate::token::TokenHash;
use crate::visit::Visit;
use crate::{Error, Result};

/// The condition under which the challenge `c` of the account `u` is valid.
const IS_VALID: &str = "c.expires_at > now() and u.active and u.totp_enabled
            and c.password_digest = sha256(convert_to(u.password_hash, 'UTF8'))";

/// Stores the hash of a challenge, and removes those of the account that have expired. Also writes a new hash
/// of the same password if there is one. Gives back what the attempt to log in has used of the limits,
/// because its password was right. Returns false if the account has another hash of its password now, is
/// inactive, or has no second factor any more.
pub async fn begin(db: &Database, password: &CheckedPassword<'_>, challenge: &TokenHash) -> Result<bool> {
    let (restored, given_back) = (Restored::by(password.attempt), restore_sql(password.attempt, "$6", "$7"));
    let statement = format!(
        "-- factor::begin
        with account as materialized (
            select u.id from users u
            where u.id = $1 and u.password_hash = $2 and u.active and u.totp_enabled
            for no key update
        ), updated as (
            update users u set password_hash = $3 from account a where u.id = a.id and $3 is not null
        ), expired as (
            delete from login_challenges c using account a where c.user_id = a.id and c.expires_at <= now()
        ), begun as (
            insert into login_challenges (token_hash, user_id, password_digest, expires_at)
            select $4, a.id, sha256(convert_to(coalesce($3, $2), 'UTF8')), now() + make_interval(secs => $5)
            from account a
        ), given_back as materialized (
            select {given_back} from account
        )
        select a.id from account a, given_back"
    );
    let params: Params<'_> = &[
        /* $1 */ &password.user,
        /* $2 */ &password.hash,
        /* $3 */ &password.new_hash,
        /* $4 */ challenge,
        /* $5 */ &CHALLENGE_LIFETIME.as_secs_f64(),
        /* $6 */ &restored.whole,
        /* $7 */ &restored.one,
    ];
    Ok(db.query_opt(Retry::Never, &statement, params).await?.is_some())
}

/// Finds the login that waits under this challenge, and counts an attempt to complete it. The names of the
/// attempt are those of an empty account: the statement adds the account, which it finds. Returns `None` if
/// the challenge is unknown, expired or used, or if the account was changed in the meantime.
///
/// # Errors
/// [`Error::TooManyAttempts`].
pub async fn find_pending(
    db: &Database,
    challenge: &TokenHash,
    attempt: &Attempt,
) -> Result<Option<PendingLogin>> {
    // The first name is that of the address, and the others are those of the account.
    let names = "($2)[1:1] || array(
            select n.name || p.id::text from unnest(($2)[2:]) with ordinality n (name, place) order by n.place)";
    let until = use_sql(attempt, names);
    let statement = format!(
        "-- factor::find_pending
        with pending as materialized (
            select u.id, u.totp_secret, u.totp_key
            from login_challenges c join users u on u.id = c.user_id
            where c.token_hash = $1 and {IS_VALID}
        ), attempt as materialized (
            select {until} as until from pending p
        )
        select now() as now, a.until, p.* from pending p, attempt a"
    );
    let params: Params<'_> = &[/* $1 */ challenge, /* $2 */ &attempt.names];
    let Some(row) = db.query_opt(Retry::Never, &statement, params).await? else { return Ok(None) };
    admit(&row)?;
    let secret =
        read_secret(&row)?.ok_or_else(|| Error::Database("TOTP is enabled without a secret".into()))?;
    Ok(Some(PendingLogin { user: row.try_get("id")?, secret }))
}

/// Uses up a challenge and the code of the proof, and begins a session. Neither is used up without the other.
/// A login with another browser than those before is mailed to the owner of the account.
///
/// The statement first locks the rows of the challenge and of the account, so that it sees what others have
/// used up.
///
/// # Errors
/// [`Error::InvalidCode`] if the code or the challenge was used before, or if the account was changed in the
/// meantime.
pub async fn complete(
    db: &Database,
    new: &NewSession,
    challenge: &TokenHash,
    proof: &Proof,
    attempt: &Attempt,
    visit: &Visit,
) -> Result<Begun> {
    let beginning = Beginning::of(new, attempt, visit);
    let (begin, mailed) = (beginning.sql(), mail_new_device_sql());
    let statement = format!(
        "-- factor::complete
        with pending as materialized (
            select u.id, u.email, u.password_must_change,
                u.totp_secret = $14 and coalesce(u.last_totp_step, -1) < $13 as has_code
            from login_challenges c join users u on u.id = c.user_id
            where c.token_hash = $12 and {IS_VALID}
            for no key update of c, u
        ), spent as (
            update backup_codes b set used_at = now() from pending p
            where b.user_id = p.id and b.code_hash = $17 and b.used_at is null
            returning b.user_id
        ), account as materialized (
            select p.id, p.email, p.password_must_change, false as owes_factor, null::uuid as passkey_id
            from pending p where p.has_code or exists (select from spent)
        ), updated as (
            update users u set last_login_at = now(), last_totp_step = coalesce($13, u.last_totp_step),
                totp_secret = coalesce($15, u.totp_secret), totp_key = coalesce($16, u.totp_key)
            from account a where u.id = a.id
        ), used as (
            delete from login_challenges c using account a where c.token_hash = $12 and c.user_id = a.id
        ), {begin}, {mailed}
        select s.* from started s"
    );
    let proof = ProofParams::new(proof);
    let others: Params<'_> = &[
        /* $12 */ challenge,
        /* $13 */ &proof.step,
        /* $14 */ &proof.secret,
        /* $15 */ &proof.resealed,
        /* $16 */ &proof.resealed_key,
        /* $17 */ &proof.backup_code,
    ];
    let row =
        db.query_opt(Retry::Never, &statement, &beginning.params(others)).await?.ok_or(Error::InvalidCode)?;
    read_begun(&row)?.ok_or(Error::InvalidCode)
}

/// Writes to the audit log that the code in the second step of a login was wrong.
pub async fn record_wrong_code(db: &Database, user: UserId, visit: &Visit) -> Result<()> {
    let entry = EntrySql {
        action: Action::LoginFailed,
        actor: "null::uuid",
        target: "u.id",
        details: "jsonb_build_object('step', 'factor')",
        from: "users u where u.id = $1",
    };
    let statement = format!("-- factor::record_wrong_code\n{}", entry.insert("$2", "$3"));
    let params: Params<'_> =
        &[/* $1 */ &user, /* $2 */ &visit.address_text(), /* $3 */ &visit.request_id];
    db.query(Retry::Never, &statement, params).await.map(drop)
}
