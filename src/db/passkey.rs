//! SQL statements for the passkeys of an account. Those that add or remove a passkey first lock the account's
//! row, so that they see what others have done.

mod challenge;
mod sign_in;

use tokio_postgres::Row;

use super::audit_log::EntrySql;
use super::factor::ProofParams;
use super::limit::{Restored, restore_sql};
use super::param::Params;
use super::session::end_sessions_sql;
use super::standing::{admit_anybody, admit_factor_owed};
use super::{Database, Retry, read_list};
use crate::audit_log::Action;
use crate::auth::User;
use crate::config::RequireFactor;
use crate::id::PasskeyId;
use crate::page::PageRequest;
use crate::passkey::{MAX_PASSKEYS, NewPasskey, Passkey, PasskeyName, Proven};
use crate::visit::Visit;
use crate::{Error, Result};

pub use challenge::{
    add_for_registration, add_for_sign_in, find_holder, use_for_registration, use_for_sign_in,
};
pub use sign_in::{SignIn, record_refused, sign_in};

/// The caller's account and session, whose rows it locks. `$1` is the account and `$2` the session. There is
/// no row if the caller may not change how somebody signs in to the account. A session that owes a factor may
/// register the first one only: whoever knows nothing but the password must not add a key beside those of the
/// owner.
const HOLDER: &str = "holder as materialized (
        select u.id, u.password_hash, u.role, u.totp_enabled
        from callers c join users u on u.id = c.id
        where c.id = $1 and c.session_id = $2
            and (c.standing in ('user', 'admin') or c.standing = 'factor_owed' and not u.totp_enabled
                and not exists (select from passkeys p where p.user_id = u.id))
        for no key update of c, u
    )";

/// Uses up the code of a [`Proven`], and decides whether it is still right. `$3` is the hash of the password,
/// and `$4` to `$8` are the [`factor_params`]. There is a row in `proven` if it is.
const PROVEN: &str = "stepped as (
        update users u set last_totp_step = $4,
            totp_secret = coalesce($7, u.totp_secret), totp_key = coalesce($8, u.totp_key)
        from holder h
        where u.id = h.id and h.totp_enabled and h.password_hash = $3 and u.totp_secret = $5
            and coalesce(u.last_totp_step, -1) < $4
        returning u.id
    ), spent as (
        update backup_codes b set used_at = now()
        from holder h
        where b.user_id = h.id and b.code_hash = $6 and b.used_at is null and h.totp_enabled and h.password_hash = $3
        returning b.user_id
    ), proven as materialized (
        select h.id from holder h
        where h.password_hash = $3
            and (not h.totp_enabled or exists (select from stepped) or exists (select from spent))
    )";

/// Registers a passkey, and ends all other sessions of the account. The session that has registered it counts
/// as one that was started with it.
///
/// # Errors
/// [`Error::TooManyPasskeys`] if the account has [`MAX_PASSKEYS`]. [`Error::PasskeyExists`] if the key is
/// registered already, to this account or to another.
pub async fn register(db: &Database, user: User, new: &NewPasskey, visit: &Visit) -> Result<Passkey> {
    let entry = entry(Action::PasskeyRegistered, "registered e").insert("$9", "$10");
    let ended = end_sessions_sql("account", "$2", "$9", "$10");
    let statement = format!(
        "-- passkey::register
        with {HOLDER}, room as materialized (
            select h.id, count_passkeys(h.id) < $8 as is_there from holder h
        ), registered as (
            insert into passkeys (id, user_id, key_ref, credential, sign_count, name)
            select $3, r.id, $4, $5, $6, $7 from room r where r.is_there
            on conflict (key_ref) do nothing
            returning *
        ), account as materialized (
            select e.user_id as id from registered e
        ), freed as (
            update sessions s set owes_factor = false, passkey_id = e.id from registered e where s.id = $2
        ), entry as (
            {entry}
        ), {ended}
        select r.is_there, e.* from room r left join registered e on true"
    );
    let params: Params<'_> = &[
        /* $1 */ &user.id,
        /* $2 */ &user.session,
        /* $3 */ &new.id,
        /* $4 */ &new.key.credential_id,
        /* $5 */ &new.key.credential,
        /* $6 */ &i64::from(new.key.sign_count),
        /* $7 */ &new.name.as_str(),
        /* $8 */ &i64::from(MAX_PASSKEYS),
        /* $9 */ &visit.address_text(),
        /* $10 */ &visit.request_id,
    ];
    let row = db.query_opt(Retry::Never, &statement, params).await?.ok_or(Error::Unauthenticated)?;
    if !row.try_get::<_, bool>("is_there")? {
        return Err(Error::TooManyPasskeys(MAX_PASSKEYS));
    }
    if row.try_get::<_, Option<PasskeyId>>("id")?.is_none() {
        return Err(Error::PasskeyExists);
    }
    read_passkey(&row)
}

/// Reads a page of the caller's passkeys, newest first.
pub async fn list(db: &Database, user: User, paging: &PageRequest) -> Result<Vec<Passkey>> {
    let statement = "-- passkey::list
        select c.standing, p.*
        from callers c left join lateral (
            select p.id, p.name, p.created_at, p.last_used_at from passkeys p
            where p.user_id = c.id and ($3::timestamptz is null or (p.created_at, p.id) < ($3, $4))
            order by p.created_at desc, p.id desc
            limit $5
        ) p on true
        where c.id = $1 and c.session_id = $2
        order by p.created_at desc, p.id desc";
    let after = paging.after();
    let params: Params<'_> = &[
        /* $1 */ &user.id,
        /* $2 */ &user.session,
        /* $3 */ &after.map(|place| place.created_at),
        /* $4 */ &after.map(|place| place.id),
        /* $5 */ &paging.read_limit(),
    ];
    let mut rows = db.query(Retry::Safe, statement, params).await?.into_iter();
    read_list(admit_factor_owed(rows.next())?, rows, read_passkey)
}

/// Gives a passkey of the caller another name.
///
/// # Errors
/// [`Error::NotFound`] if the caller has no such passkey.
pub async fn rename(db: &Database, user: User, id: PasskeyId, name: &PasskeyName) -> Result<Passkey> {
    let statement = "-- passkey::rename
        with caller as (
            select id, standing from callers where id = $1 and session_id = $2
        ), renamed as (
            update passkeys p set name = $4
            from caller c
            where p.id = $3 and p.user_id = c.id and c.standing in ('user', 'admin')
            returning p.*
        )
        select c.standing, r.* from caller c left join renamed r on true";
    let params: Params<'_> = &[
        /* $1 */ &user.id,
        /* $2 */ &user.session,
        /* $3 */ &id,
        /* $4 */ &name.as_str(),
    ];
    let row = admit_anybody(db.query_opt(Retry::Safe, statement, params).await?)?;
    row.try_get::<_, Option<PasskeyId>>("id")?.ok_or(Error::NotFound)?;
    read_passkey(&row)
}

/// Removes a passkey of the caller, and ends all other sessions of the account. If the account must have a
/// second factor (`required`) and has none now, this session owes one.
///
/// # Errors
/// [`Error::NotFound`] if the caller has no such passkey; the code of the proof is used up. Otherwise as
/// [`add_for_registration`].
pub async fn remove(
    db: &Database,
    user: User,
    id: PasskeyId,
    proven: &Proven,
    required: RequireFactor,
    visit: &Visit,
) -> Result<()> {
    let (restored, given_back) = (Restored::by(&proven.attempt), restore_sql(&proven.attempt, "$9", "$10"));
    let entry = entry(Action::PasskeyRemoved, "removed e").insert("$13", "$14");
    let ended = end_sessions_sql("account", "$2", "$13", "$14");
    let factor = factor_params(proven);
    let statement = format!(
        "-- passkey::remove
        with {HOLDER}, {PROVEN}, removed as (
            delete from passkeys p using proven v
            where p.id = $11 and p.user_id = v.id
            returning p.id, p.user_id
        ), account as materialized (
            select e.user_id as id from removed e
        ), changed as (
            update sessions s set passkey_id = o.id,
                owes_factor = s.owes_factor or o.id is null and h.role = any ($12) and not h.totp_enabled
            from removed e join holder h on h.id = e.user_id, lateral (select other_passkey(h.id, e.id) as id) o
            where s.id = $2 and s.passkey_id = e.id
        ), entry as (
            {entry}
        ), given_back as materialized (
            select {given_back} from proven
        ), {ended}
        select h.password_hash = $3 as knows_password, exists (select from given_back) as is_proven,
            exists (select from removed) as is_removed
        from holder h"
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
        /* $11 */ &id,
        /* $12 */ &required.roles(),
        /* $13 */ &visit.address_text(),
        /* $14 */ &visit.request_id,
    ];
    let row = read_proven(db.query_opt(Retry::Never, &statement, params).await?)?;
    if row.try_get("is_removed")? { Ok(()) } else { Err(Error::NotFound) }
}

/// The parameters of [`PROVEN`] about the code.
fn factor_params(proven: &Proven) -> ProofParams<'_> {
    proven.factor.as_ref().map(ProofParams::new).unwrap_or_default()
}

/// Returns the row of a statement with [`PROVEN`] if the proof was right.
fn read_proven(row: Option<Row>) -> Result<Row> {
    let row = row.ok_or(Error::Unauthenticated)?;
    match (row.try_get("knows_password")?, row.try_get("is_proven")?) {
        (true, true) => Ok(row),
        (true, false) => Err(Error::InvalidCode),
        (false, _) => Err(Error::InvalidCredentials),
    }
}

/// An entry about a passkey of an account that acts on itself. `from` gives the passkey's row the name `e`.
const fn entry(action: Action, from: &str) -> EntrySql<'_> {
    let details = "jsonb_build_object('passkey_id', e.id)";
    EntrySql { action, actor: "e.user_id", target: "e.user_id", details, from }
}

fn read_passkey(row: &Row) -> Result<Passkey> {
    Ok(Passkey {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        created_at: row.try_get("created_at")?,
        last_used_at: row.try_get("last_used_at")?,
    })
}
