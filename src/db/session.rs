//! SQL statements for sessions. A login locks the row of the account, and so does everything that ends all
//! sessions of the account. So a session that a login begins is either ended, too, or begun after that.

mod begin;
mod end;
mod managed;
mod refresh;

use tokio_postgres::Row;

use super::param::Params;
use super::standing::admit_anybody;
use super::{Database, Retry, read_list};
use crate::Result;
use crate::auth::User;
use crate::config::RequireFactor;
use crate::id::UserId;
use crate::limit::Attempt;
use crate::page::PageRequest;
use crate::session::Session;
use crate::visit::Visit;

pub(super) use begin::{Beginning, mail_new_device_sql, read_begun};
pub use begin::{Begun, NewSession};
use end::ended_entry;
pub use end::{end, end_all, end_by_token};
pub(super) use end::{end_sessions_by_sql, end_sessions_sql};
pub use managed::{end_all_of, end_of, list_of};
pub use refresh::{Refresh, RefreshAttempts, refresh};

/// The password of an account, which was found to be right.
pub struct CheckedPassword<'a> {
    /// The account's id.
    pub user: UserId,
    /// The hash that the password matched.
    pub hash: &'a str,
    /// A new hash of the same password, if the old one is to be replaced.
    pub new_hash: Option<&'a str>,
    /// The attempt to log in, which has succeeded.
    pub attempt: &'a Attempt,
}

/// Begins a session for an account whose password was checked, and which has no second factor. Also writes
/// the time of the login, and a new hash of the same password if there is one. `required` says which accounts
/// owe a second factor. A login with another browser than those before is mailed to the owner of the account.
/// Returns `None` if the account has another hash of its password now, is inactive, or has got a second
/// factor.
pub async fn start(
    db: &Database,
    new: &NewSession,
    password: &CheckedPassword<'_>,
    required: RequireFactor,
    visit: &Visit,
) -> Result<Option<Begun>> {
    let beginning = Beginning::of(new, password.attempt, visit);
    let (begin, mailed) = (beginning.sql(), mail_new_device_sql());
    let statement = format!(
        "-- session::start
        with account as materialized (
            select u.id, u.email, u.password_must_change, u.role = any ($15) as owes_factor,
                null::uuid as passkey_id
            from users u
            where u.id = $12 and u.password_hash = $13 and u.active and not u.totp_enabled
            for no key update
        ), updated as (
            update users u set last_login_at = now(), password_hash = coalesce($14, u.password_hash)
            from account a where u.id = a.id
        ), {begin}, {mailed}
        select s.* from started s"
    );
    let others: Params<'_> = &[
        /* $12 */ &password.user,
        /* $13 */ &password.hash,
        /* $14 */ &password.new_hash,
        /* $15 */ &required.roles(),
    ];
    let row = db.query_opt(Retry::Never, &statement, &beginning.params(others)).await?;
    row.as_ref().map_or(Ok(None), read_begun)
}

/// Reads a page of the account's sessions that are alive, newest first.
pub async fn list(db: &Database, user: User, paging: &PageRequest) -> Result<Vec<Session>> {
    let statement = "-- session::list
        select c.standing, s.*, s.id = c.session_id as current
        from callers c left join lateral (
            select s.id, s.created_at, s.last_used_at, s.address, s.user_agent from sessions s
            where s.user_id = c.id and s.ended_at is null and s.expires_at > now()
                and ($3::timestamptz is null or (s.created_at, s.id) < ($3, $4))
            order by s.created_at desc, s.id desc
            limit $5
        ) s on true
        where c.id = $1 and c.session_id = $2
        order by s.created_at desc, s.id desc";
    let after = paging.after();
    let params: Params<'_> = &[
        /* $1 */ &user.id,
        /* $2 */ &user.session,
        /* $3 */ &after.map(|place| place.created_at),
        /* $4 */ &after.map(|place| place.id),
        /* $5 */ &paging.read_limit(),
    ];
    let mut rows = db.query(Retry::Safe, statement, params).await?.into_iter();
    read_list(admit_anybody(rows.next())?, rows, read_session)
}

fn read_session(row: &Row) -> Result<Session> {
    Ok(Session {
        id: row.try_get("id")?,
        created_at: row.try_get("created_at")?,
        last_used_at: row.try_get("last_used_at")?,
        address: row.try_get("address")?,
        user_agent: row.try_get("user_agent")?,
        current: row.try_get("current")?,
    })
}
