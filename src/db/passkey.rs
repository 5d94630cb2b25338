//! SQL statements for the passkeys of an account.

mod challenge;
mod change;
mod proven;
mod sign_in;

use tokio_postgres::Row;

use super::param::Params;
use super::standing::{admit_anybody, admit_factor_owed};
use super::{Database, Retry, read_list};
use crate::auth::User;
use crate::id::PasskeyId;
use crate::page::PageRequest;
use crate::passkey::{Passkey, PasskeyName};
use crate::{Error, Result};

pub use challenge::{
    add_for_registration, add_for_sign_in, find_holder, use_for_registration, use_for_sign_in,
};
pub use change::{register, remove};
pub use sign_in::{SignIn, record_refused, sign_in};

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

fn read_passkey(row: &Row) -> Result<Passkey> {
    Ok(Passkey {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        created_at: row.try_get("created_at")?,
        last_used_at: row.try_get("last_used_at")?,
    })
}
