//! SQL statements for challenges: random bytes that a passkey signs. Each is good for one answer.

use serde_json::Value;

use super::super::factor::{holder_sql, read_secret};
use super::super::limit::{Restored, admit, restore_sql, use_sql};
use super::super::param::Params;
use super::super::standing::{admit_factor_owed, admit_new_factor};
use super::super::{Database, Retry};
use super::proven::{factor_params, proven_sql, read_proven};
use crate::auth::User;
use crate::id::{ChallengeId, UserId};
use crate::limit::Attempt;
use crate::limits::CHALLENGE_LIFETIME;
use crate::passkey::{Holder, KnownPasskey, NewChallenge, Proven};
use crate::{Error, Result};

/// The most challenges that have expired and are removed for each new one.
const REMOVED: u32 = 10;

/// Counts an attempt to prove again who the caller is, and reads what the check and the options of a
/// registration need.
///
/// # Errors
/// [`Error::TooManyAttempts`]. [`Error::FactorOwed`] if the session owes a factor that the account has.
pub async fn find_holder(db: &Database, user: User, attempt: &Attempt) -> Result<Holder> {
    let until = use_sql(attempt, "$3");
    let statement = format!(
        "-- passkey::find_holder
        with caller as materialized (
            select c.id, c.standing from callers c where c.id = $1 and c.session_id = $2
        ), attempt as materialized (
            select {until} as until from caller
        )
        select now() as now, a.until, c.standing, u.email, u.password_hash, u.totp_secret, u.totp_key,
            u.totp_enabled,
            u.totp_enabled or exists (select from passkeys p where p.user_id = u.id) as has_factor,
            array (select p.key_ref from passkeys p where p.user_id = u.id) as credential_ids
        from attempt a cross join caller c join users u on u.id = c.id"
    );
    let params: Params<'_> =
        &[/* $1 */ &user.id, /* $2 */ &user.session, /* $3 */ &attempt.names];
    let row = db.query_opt(Retry::Safe, &statement, params).await?;
    row.as_ref().map(admit).transpose()?;
    let row = admit_new_factor(row)?;
    let totp = read_secret(&row)?;
    Ok(Holder {
        email: row.try_get("email")?,
        password_hash: row.try_get("password_hash")?,
        totp: if row.try_get("totp_enabled")? { totp } else { None },
        credential_ids: row.try_get("credential_ids")?,
    })
}

/// Uses up the code of the proof, and stores a challenge with which the session may register a passkey.
///
/// # Errors
/// [`Error::InvalidCredentials`] if the password was changed in the meantime. [`Error::InvalidCode`] if the
/// code was used before, or if TOTP was changed in the meantime.
pub async fn add_for_registration(
    db: &Database,
    user: User,
    proven: &Proven,
    new: &NewChallenge,
) -> Result<()> {
    let (restored, given_back) = (Restored::by(&proven.attempt), restore_sql(&proven.attempt, "$9", "$10"));
    let (holder, proven_sql, factor) = (holder_sql("$1", "$2"), proven_sql(3), factor_params(proven));
    let statement = format!(
        "-- passkey::add_for_registration
        with {holder}, {proven_sql}, added as (
            insert into passkey_challenges (id, session_id, state, expires_at)
            select $11, $2, $12, now() + make_interval(secs => $13) from proven
        ), given_back as materialized (
            select {given_back} from proven
        )
        select h.password_hash = $3 as knows_password, exists (select from given_back) as is_proven from holder h"
    );
    let params: Params<'_> = &[
        /* $1 */ &user.id,
        /* $2 */ &user.session,
        /* $3 */ &proven.password_hash,
        /* $4 */ &factor.step,
        /* $5 */ &factor.secret,
        /* $6 */ &factor.backup_code,
        /* $7 */ &factor.resealed,
        /* $8 */ &factor.resealed_key,
        /* $9 */ &restored.whole,
        /* $10 */ &restored.one,
        /* $11 */ &new.id,
        /* $12 */ &new.state,
        /* $13 */ &CHALLENGE_LIFETIME.as_secs_f64(),
    ];
    read_proven(db.query_opt(Retry::Never, &statement, params).await?).map(drop)
}

/// Uses up a challenge with which the session may register a passkey. Returns the state of the library.
///
/// # Errors
/// [`Error::InvalidChallenge`] if the session has no such challenge that is alive.
pub async fn use_for_registration(db: &Database, user: User, id: ChallengeId) -> Result<Value> {
    let statement = "-- passkey::use_for_registration
        with caller as (
            select id, session_id, standing from callers where id = $1 and session_id = $2
        ), used as (
            delete from passkey_challenges p using caller c
            where p.id = $3 and p.session_id = c.session_id and c.standing in ('user', 'admin', 'factor_owed')
            returning p.state, p.expires_at > now() as is_alive
        )
        select c.standing, u.state from caller c left join used u on u.is_alive";
    let params: Params<'_> = &[/* $1 */ &user.id, /* $2 */ &user.session, /* $3 */ &id];
    let row = admit_factor_owed(db.query_opt(Retry::Never, statement, params).await?)?;
    row.try_get::<_, Option<Value>>("state")?.ok_or(Error::InvalidChallenge)
}

/// Counts an attempt to sign in, and stores a challenge for it. Also removes some challenges that have
/// expired: more than it adds, so that they do not pile up.
///
/// # Errors
/// [`Error::TooManyAttempts`].
pub async fn add_for_sign_in(db: &Database, new: &NewChallenge, attempt: &Attempt) -> Result<()> {
    let until = use_sql(attempt, "$1");
    let statement = format!(
        "-- passkey::add_for_sign_in
        with attempt as materialized (
            select {until} as until
        ), added as (
            insert into passkey_challenges (id, state, expires_at)
            select $2, $3, now() + make_interval(secs => $4) from attempt a where a.until is null
        ), removed as (
            delete from passkey_challenges where id in (
                select id from passkey_challenges where expires_at <= now()
                order by expires_at limit {REMOVED} for update skip locked
            )
        )
        select now() as now, until from attempt"
    );
    let params: Params<'_> = &[
        /* $1 */ &attempt.names,
        /* $2 */ &new.id,
        /* $3 */ &new.state,
        /* $4 */ &CHALLENGE_LIFETIME.as_secs_f64(),
    ];
    admit(&db.query_one(Retry::Never, &statement, params).await?)
}

/// Uses up a challenge for a sign-in, and finds the passkey of the answer. `owner` is the account that the
/// answer names. Returns `None` if there is no such challenge that is alive, or if the account has no such
/// passkey. An answer without a challenge is counted as an attempt. Any other was counted with its challenge.
///
/// # Errors
/// [`Error::TooManyAttempts`] if there is no such challenge.
pub async fn use_for_sign_in(
    db: &Database,
    id: ChallengeId,
    credential_id: &[u8],
    owner: UserId,
    attempt: &Attempt,
) -> Result<Option<KnownPasskey>> {
    let until = use_sql(attempt, "$4");
    let statement = format!(
        "-- passkey::use_for_sign_in
        with used as (
            delete from passkey_challenges where id = $1 and session_id is null
            returning state, expires_at > now() as is_alive
        ), attempt as materialized (
            select case when not exists (select from used) then {until} end as until
        ), known as (
            select p.id, p.user_id, p.credential, c.state,
                coalesce(u.password_expires_at <= now(), false) as password_expired
            from used c join passkeys p on p.key_ref = $2 and p.user_id = $3 join users u on u.id = p.user_id
            where c.is_alive
        )
        select now() as now, a.until, k.* from attempt a left join known k on true"
    );
    let params: Params<'_> = &[
        /* $1 */ &id,
        /* $2 */ &credential_id,
        /* $3 */ &owner,
        /* $4 */ &attempt.names,
    ];
    let row = db.query_one(Retry::Never, &statement, params).await?;
    admit(&row)?;
    let Some(id) = row.try_get("id")? else { return Ok(None) };
    Ok(Some(KnownPasskey {
        id,
        owner: row.try_get("user_id")?,
        credential: row.try_get("credential")?,
        state: row.try_get("state")?,
        password_expired: row.try_get("password_expired")?,
    }))
}
