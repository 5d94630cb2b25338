//! SQL statements for second factors. Each statement that uses up a code first locks the account's row, so
//! that of several requests with one code, the later ones see that it was used.

mod confirmed;
mod login;

pub use confirmed::{disable, renew};
pub use login::{begin, complete, find_pending, record_wrong_code};

use tokio_postgres::Row;

use super::audit_log::EntrySql;
use super::limit::{Restored, admit, restore_sql, use_sql};
use super::mail::tell_sql;
use super::param::Params;
use super::session::{Beginning, Begun, NewSession, read_begun};
use super::standing::admit_new_factor;
use super::{Database, Retry};
use crate::audit_log::Action;
use crate::auth::User;
use crate::factor::{OwnFactor, Proof, Sealed};
use crate::limit::Attempt;
use crate::mail::Kind;
use crate::visit::Visit;
use crate::{Error, Result};

/// Returns a part of a `with` query: the caller's account, with the newest values of its row, which it locks.
/// `user` and `session` are the numbers of the parameters with the account and the session. There is no row
/// if the caller may not change how somebody signs in to the account. A session that owes a factor may add
/// the first one only: whoever knows nothing but the password must not add one beside those of the owner.
pub(super) fn holder_sql(user: &str, session: &str) -> String {
    format!(
        "holder as materialized (
            select u.id, u.email, u.password_hash, u.role, u.totp_enabled
            from callers c join users u on u.id = c.id
            where c.id = {user} and c.session_id = {session} and (c.standing in ('user', 'admin')
                or c.standing = 'factor_owed' and not u.totp_enabled
                    and not exists (select from passkeys p where p.user_id = u.id))
            for no key update of c, u
        )"
    )
}

/// Counts an attempt to change the caller's second factor, and reads the factor and the password hash.
///
/// # Errors
/// [`Error::TooManyAttempts`].
pub async fn find(db: &Database, user: User, attempt: &Attempt) -> Result<OwnFactor> {
    let until = use_sql(attempt, "$3");
    let statement = format!(
        "-- factor::find
        with caller as materialized (
            select c.id, c.standing, exists (select from passkeys p where p.user_id = c.id) as has_factor
            from callers c where c.id = $1 and c.session_id = $2
        ), attempt as materialized (
            select {until} as until from caller where standing in ('user', 'admin', 'factor_owed')
        )
        select now() as now, c.standing, a.until, u.email, u.password_hash, u.totp_secret, u.totp_key,
            u.totp_enabled, c.has_factor
        from caller c join users u on u.id = c.id left join attempt a on true"
    );
    let params: Params<'_> =
        &[/* $1 */ &user.id, /* $2 */ &user.session, /* $3 */ &attempt.names];
    let row = admit_new_factor(db.query_opt(Retry::Never, &statement, params).await?)?;
    admit(&row)?;
    Ok(OwnFactor {
        email: row.try_get("email")?,
        password_hash: row.try_get("password_hash")?,
        secret: read_secret(&row)?,
        enabled: row.try_get("totp_enabled")?,
    })
}

/// Stores a new TOTP secret, which is not yet in use.
///
/// # Errors
/// [`Error::TotpEnabled`] if a secret is in use. [`Error::InvalidCredentials`] if the password was changed in
/// the meantime.
pub async fn set_up(
    db: &Database,
    user: User,
    password_hash: &str,
    secret: &Sealed,
    attempt: &Attempt,
) -> Result<()> {
    let holder = holder_sql("$1", "$2");
    let (restored, given_back) = (Restored::by(attempt), give_back_sql(attempt, "changed", "$6", "$7"));
    let statement = format!(
        "-- factor::set_up
        with {holder}, changed as (
            update users u set totp_secret = $4, totp_key = $5, last_totp_step = null
            from holder h
            where u.id = h.id and not u.totp_enabled and u.password_hash = $3
            returning u.id
        ), {given_back}
        select h.totp_enabled, g.done from holder h, given_back g"
    );
    let params: Params<'_> = &[
        /* $1 */ &user.id,
        /* $2 */ &user.session,
        /* $3 */ &password_hash,
        /* $4 */ &secret.bytes,
        /* $5 */ &secret.key_id,
        /* $6 */ &restored.whole,
        /* $7 */ &restored.one,
    ];
    let row = db.query_opt(Retry::Safe, &statement, params).await?.ok_or(Error::Unauthenticated)?;
    match (row.try_get("done")?, row.try_get("totp_enabled")?) {
        (true, _) => Ok(()),
        (false, true) => Err(Error::TotpEnabled),
        (false, false) => Err(Error::InvalidCredentials),
    }
}

/// What puts a TOTP secret into use.
pub struct Enabling<'a> {
    /// The hash of the password that the account had when the code was checked.
    pub password_hash: &'a str,
    /// The code of the secret.
    pub proof: &'a Proof,
    /// The hashes of the new backup codes.
    pub backup_codes: &'a [Vec<u8>],
}

/// Puts the TOTP secret of the proof into use, stores the hashes of new backup codes, ends all sessions of
/// the account, begins a new one, and tells the owner by mail.
///
/// # Errors
/// [`Error::TotpEnabled`] if a secret is in use. [`Error::InvalidCode`] if the secret or the password was
/// replaced in the meantime.
pub async fn enable(
    db: &Database,
    user: User,
    new: &NewSession,
    visit: &Visit,
    enabling: Enabling<'_>,
    attempt: &Attempt,
) -> Result<Begun> {
    let beginning = Beginning::of(new, attempt, visit);
    let begin = beginning.replacing_sql();
    let entry = entry(Action::FactorEnabled, "account e").insert("$3", "$5");
    let told = tell_sql(Kind::FactorEnabled, "account", "$3");
    let holder = holder_sql("$12", "$13");
    let statement = format!(
        "-- factor::enable
        with {holder}, account as (
            update users u set totp_enabled = true, last_totp_step = $14
            from holder h join sessions s on s.id = $13
            where u.id = h.id and not u.totp_enabled and u.totp_secret = $15 and u.password_hash = $17
            returning u.id, u.email, u.password_must_change, false as owes_factor, s.passkey_id
        ), replaced as materialized (
            select replace_backup_codes(a.id, $16) from account a
        ), entry as ({entry}), told as ({told}), {begin}
        select h.totp_enabled, s.* from holder h left join (started s cross join replaced) on true"
    );
    let proof = ProofParams::new(enabling.proof);
    let others: Params<'_> = &[
        /* $12 */ &user.id,
        /* $13 */ &user.session,
        /* $14 */ &proof.step,
        /* $15 */ &proof.secret,
        /* $16 */ &enabling.backup_codes,
        /* $17 */ &enabling.password_hash,
    ];
    let row = db
        .query_opt(Retry::Never, &statement, &beginning.params(others))
        .await?
        .ok_or(Error::Unauthenticated)?;
    match (read_begun(&row)?, row.try_get("totp_enabled")?) {
        (Some(begun), _) => Ok(begun),
        (None, true) => Err(Error::TotpEnabled),
        (None, false) => Err(Error::InvalidCode),
    }
}

/// Returns a part of a `with` query with one row, whose column `done` is true if the part `from` has a row.
/// In that case it gives back what the attempt has used of the limits. `whole` and `one` are the numbers of
/// parameters, as in [`restore_sql`].
fn give_back_sql(attempt: &Attempt, from: &str, whole: &str, one: &str) -> String {
    let given_back = restore_sql(attempt, whole, one);
    format!(
        "given_back as materialized (
            select count(*) > 0 as done from (select {given_back} from {from}) restored
        )"
    )
}

/// The columns of a [`Proof`], each null if it is of the other kind.
#[derive(Default)]
pub struct ProofParams<'a> {
    /// The time step of the code.
    pub step: Option<i64>,
    /// The encrypted secret that the code matched.
    pub secret: Option<&'a [u8]>,
    /// The secret, encrypted again with the current key.
    pub resealed: Option<&'a [u8]>,
    /// The id of that key.
    pub resealed_key: Option<&'a str>,
    /// The hash of the backup code.
    pub backup_code: Option<&'a [u8]>,
}

impl<'a> ProofParams<'a> {
    /// Returns the columns of this proof.
    pub fn new(proof: &'a Proof) -> Self {
        match proof {
            Proof::BackupCode { hash } => Self { backup_code: Some(hash), ..Self::default() },
            Proof::Totp { step, secret, resealed } => Self {
                step: Some(*step),
                secret: Some(&secret.bytes),
                resealed: resealed.as_ref().map(|sealed| &*sealed.bytes),
                resealed_key: resealed.as_ref().map(|sealed| &*sealed.key_id),
                ..Self::default()
            },
        }
    }
}

/// An entry about an account that acts on itself. `from` gives it the name `e`.
const fn entry(action: Action, from: &str) -> EntrySql<'_> {
    EntrySql { action, actor: "e.id", target: "e.id", details: "'{}'::jsonb", from }
}

pub(super) fn read_secret(row: &Row) -> Result<Option<Sealed>> {
    let (key_id, bytes) = (row.try_get("totp_key")?, row.try_get("totp_secret")?);
    Ok(match (key_id, bytes) {
        (Some(key_id), Some(bytes)) => Some(Sealed { key_id, bytes }),
        _ => None,
    })
}
