//! The SQL statements that add or remove a passkey. They first lock the account's row, so that they see what
//! others have done. They end all sessions of the account and begin a new one, so that nobody else can go on
//! in a session of the time before.

use super::super::audit_log::EntrySql;
use super::super::factor::holder_sql;
use super::super::limit::give_back;
use super::super::mail::tell_sql;
use super::super::param::Params;
use super::super::session::{Beginning, Begun, NewSession, read_begun};
use super::super::{Database, Retry};
use super::proven::{factor_params, proven_sql, read_proven};
use super::read_passkey;
use crate::audit_log::Action;
use crate::auth::User;
use crate::config::RequireFactor;
use crate::id::PasskeyId;
use crate::limit::Attempt;
use crate::mail::Kind;
use crate::passkey::{MAX_PASSKEYS, NewPasskey, Passkey, Proven};
use crate::visit::Visit;
use crate::{Error, Result};

/// Registers a passkey, and begins a session that counts as one that was started with it. Tells the owner by
/// mail.
///
/// # Errors
/// [`Error::TooManyPasskeys`] if the account has [`MAX_PASSKEYS`]. [`Error::PasskeyExists`] if the key is
/// registered already, to this account or to another.
pub async fn register(
    db: &Database,
    user: User,
    key: &NewPasskey,
    new: &NewSession,
    visit: &Visit,
) -> Result<(Passkey, Begun)> {
    // What the attempt has used was given back when its challenge was made.
    let nothing = Attempt::default();
    let beginning = Beginning::of(new, &nothing, visit);
    let (holder, begin) = (holder_sql("$12", "$13"), beginning.replacing_sql());
    let entry = entry(Action::PasskeyRegistered, "registered e").insert("$3", "$5");
    let told = tell_sql(Kind::PasskeyRegistered, "account", "$3");
    // Two requests cannot pass the maximum together: the first one ends the session of the other.
    let statement = format!(
        "-- passkey::register
        with {holder}, room as materialized (
            select h.id, (select count(*) from passkeys p where p.user_id = h.id) < $19 as is_there
            from holder h
        ), registered as (
            insert into passkeys (id, user_id, key_ref, credential, sign_count, name)
            select $14, r.id, $15, $16, $17, $18 from room r where r.is_there
            on conflict (key_ref) do nothing
            returning *
        ), account as materialized (
            select h.id, h.email, false as password_must_change, false as owes_factor, e.id as passkey_id
            from registered e join holder h on h.id = e.user_id
        ), entry as ({entry}), told as ({told}), {begin}
        select r.is_there, e.*, s.password_must_change, s.was_issued
        from room r left join (registered e cross join started s) on true"
    );
    let others: Params<'_> = &[
        /* $12 */ &user.id,
        /* $13 */ &user.session,
        /* $14 */ &key.id,
        /* $15 */ &key.key.credential_id,
        /* $16 */ &key.key.credential,
        /* $17 */ &i64::from(key.key.sign_count),
        /* $18 */ &key.name.as_str(),
        /* $19 */ &i64::from(MAX_PASSKEYS),
    ];
    let row = db.query_opt(Retry::Never, &statement, &beginning.params(others)).await?;
    let row = row.ok_or(Error::Unauthenticated)?;
    if !row.try_get::<_, bool>("is_there")? {
        return Err(Error::TooManyPasskeys(MAX_PASSKEYS));
    }
    let begun = read_begun(&row)?.ok_or(Error::PasskeyExists)?;
    Ok((read_passkey(&row)?, begun))
}

/// Removes a passkey of the caller, and tells the owner by mail. If the account must have a second factor
/// (`required`) and has none now, the new session owes one. If the passkey was that of the caller's session,
/// the new one belongs to another passkey of the account.
///
/// # Errors
/// [`Error::NotFound`] if the caller has no such passkey; the code of the proof is used up. Otherwise as
/// [`add_for_registration`](super::add_for_registration).
pub async fn remove(
    db: &Database,
    user: User,
    id: PasskeyId,
    proven: &Proven,
    new: &NewSession,
    required: RequireFactor,
    visit: &Visit,
) -> Result<Begun> {
    let beginning = Beginning::of(new, &proven.attempt, visit);
    let (holder, begin) = (holder_sql("$12", "$13"), beginning.replacing_sql());
    let entry = entry(Action::PasskeyRemoved, "removed e").insert("$3", "$5");
    let told = tell_sql(Kind::PasskeyRemoved, "account", "$3");
    let (proven_sql, factor) = (proven_sql(14), factor_params(proven));
    let statement = format!(
        "-- passkey::remove
        with {holder}, {proven_sql}, removed as (
            delete from passkeys p using proven v
            where p.id = $20 and p.user_id = v.id
            returning p.id, p.user_id
        ), account as materialized (
            select h.id, h.email, false as password_must_change, k.id as passkey_id,
                s.owes_factor or k.id is null and h.role = any ($21) and not h.totp_enabled as owes_factor
            from removed e join holder h on h.id = e.user_id join sessions s on s.id = $13
            left join lateral (
                select p.id from passkeys p
                where p.user_id = h.id and p.id <> e.id and (p.id = s.passkey_id or s.passkey_id = e.id)
                limit 1
            ) k on true
        ), entry as ({entry}), told as ({told}), {begin}
        select h.password_hash = $14 as knows_password, exists (select from proven) as is_proven, s.*
        from holder h left join started s on true"
    );
    let others: Params<'_> = &[
        /* $12 */ &user.id,
        /* $13 */ &user.session,
        /* $14 */ &proven.password_hash,
        /* $15 */ &factor.step,
        /* $16 */ &factor.secret,
        /* $17 */ &factor.backup_code,
        /* $18 */ &factor.resealed,
        /* $19 */ &factor.resealed_key,
        /* $20 */ &id,
        /* $21 */ &required.roles(),
    ];
    let row = db.query_opt(Retry::Never, &statement, &beginning.params(others)).await?;
    let begun = read_begun(&read_proven(row)?)?;
    if begun.is_none() {
        give_back(db, &proven.attempt).await?;
    }
    begun.ok_or(Error::NotFound)
}

/// An entry about a passkey of an account that acts on itself. `from` gives the passkey's row the name `e`.
const fn entry(action: Action, from: &str) -> EntrySql<'_> {
    let details = "jsonb_build_object('passkey_id', e.id)";
    EntrySql { action, actor: "e.user_id", target: "e.user_id", details, from }
}
