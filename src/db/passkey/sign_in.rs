//! The SQL statements that begin a session with a passkey. They act for nobody who is signed in.

use serde_json::Value;

use super::super::audit_log::EntrySql;
use super::super::param::Params;
use super::super::session::{Beginning, Begun, NewSession, mail_new_device_sql, read_begun};
use super::super::{Database, Retry};
use crate::audit_log::Action;
use crate::id::PasskeyId;
use crate::limit::Attempt;
use crate::passkey::KnownPasskey;
use crate::visit::Visit;
use crate::{Error, Result};

/// A passkey whose answer was right.
pub struct SignIn {
    /// The passkey's id.
    pub passkey: PasskeyId,
    /// What the library keeps of the key from now on.
    pub credential: Value,
    /// The number of signatures that the key has counted. 0 if it does not count.
    pub sign_count: u32,
}

/// Begins a session with a passkey. The session owes no other factor. The statement first locks the rows of
/// the account and of the passkey, so that it sees the number of signatures of an earlier sign-in.
///
/// # Errors
/// [`Error::PasskeyRefused`] if the passkey was removed or used in the meantime, or if the account is
/// inactive.
pub async fn sign_in(
    db: &Database,
    new: &NewSession,
    given: &SignIn,
    attempt: &Attempt,
    visit: &Visit,
) -> Result<Begun> {
    let beginning = Beginning::of(new, attempt, visit);
    let (begin, mailed) = (beginning.sql(), mail_new_device_sql());
    let statement = format!(
        "-- passkey::sign_in
        with account as materialized (
            select u.id, u.email, u.password_must_change, false as owes_factor, p.id as passkey_id
            from users u join passkeys p on p.user_id = u.id
            where p.id = $12 and u.active and not u.unverified and (p.sign_count < $14 or p.sign_count = 0 and $14 = 0)
            for no key update of u, p
        ), used as (
            update passkeys p set credential = $13, sign_count = $14, last_used_at = now()
            from account a where p.id = a.passkey_id
        ), updated as (
            update users u set last_login_at = now() from account a where u.id = a.id
        ), {begin}, {mailed}
        select s.* from started s"
    );
    let others: Params<'_> = &[
        /* $12 */ &given.passkey,
        /* $13 */ &given.credential,
        /* $14 */ &i64::from(given.sign_count),
    ];
    let row = db
        .query_opt(Retry::Never, &statement, &beginning.params(others))
        .await?
        .ok_or(Error::PasskeyRefused)?;
    read_begun(&row)?.ok_or(Error::PasskeyRefused)
}

/// Writes to the audit log that an answer of a passkey was refused: because it is wrong, or because it may
/// come from a copy of the passkey. `known` is the passkey that the answer names.
pub async fn record_refused(
    db: &Database,
    known: Option<&KnownPasskey>,
    is_copied: bool,
    visit: &Visit,
) -> Result<()> {
    let entry = EntrySql {
        action: if is_copied { Action::PasskeyRefused } else { Action::LoginFailed },
        actor: "null::uuid",
        target: "e.owner",
        details: "jsonb_strip_nulls(jsonb_build_object('step', 'passkey', 'passkey_id', e.id))",
        from: "(select $1::uuid as id, $2::uuid as owner) e",
    };
    let statement = format!("-- passkey::record_refused\n{}", entry.insert("$3", "$4"));
    let params: Params<'_> = &[
        /* $1 */ &known.map(|known| known.id),
        /* $2 */ &known.map(|known| known.owner),
        /* $3 */ &visit.address_text(),
        /* $4 */ &visit.request_id,
    ];
    db.query(Retry::Never, &statement, params).await.map(drop)
}
