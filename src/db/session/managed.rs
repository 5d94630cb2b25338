//! SQL statements with which administrators manage the sessions of an account.

use super::super::param::Params;
use super::super::standing::admit_admin;
use super::super::target::{admit_target, target_sql};
use super::super::{Database, Retry, read_list};
use super::{end_sessions_by_sql, ended_entry, read_session};
use crate::auth::User;
use crate::id::{SessionId, UserId};
use crate::page::PageRequest;
use crate::session::Session;
use crate::visit::Visit;
use crate::{Error, Result};

/// Reads a page of an account's sessions that are alive, newest first.
///
/// # Errors
/// [`Error::NotFound`] if there is no such account.
pub async fn list_of(db: &Database, admin: User, id: UserId, paging: &PageRequest) -> Result<Vec<Session>> {
    let statement = "-- session::list_of
        select c.standing, t.id as target, s.*, s.id = c.session_id as current
        from callers c left join users t on t.id = $3 and t.removed_at is null
        left join lateral (
            select s.id, s.created_at, s.last_used_at, s.address, s.user_agent from sessions s
            where c.standing = 'admin' and s.user_id = t.id and s.ended_at is null and s.expires_at > now()
                and ($4::timestamptz is null or (s.created_at, s.id) < ($4, $5))
            order by s.created_at desc, s.id desc
            limit $6
        ) s on true
        where c.id = $1 and c.session_id = $2
        order by s.created_at desc, s.id desc";
    let after = paging.after();
    let params: Params<'_> = &[
        /* $1 */ &admin.id,
        /* $2 */ &admin.session,
        /* $3 */ &id,
        /* $4 */ &after.map(|place| place.created_at),
        /* $5 */ &after.map(|place| place.id),
        /* $6 */ &paging.read_limit(),
    ];
    let mut rows = db.query(Retry::Safe, statement, params).await?.into_iter();
    let first = admit_admin(rows.next())?;
    first.try_get::<_, Option<UserId>>("target")?.ok_or(Error::NotFound)?;
    read_list(first, rows, read_session)
}

/// Ends a session of an account.
///
/// # Errors
/// [`Error::NotFound`] if the account has no such session that is alive.
pub async fn end_of(db: &Database, admin: User, id: UserId, session: SessionId, visit: &Visit) -> Result<()> {
    let logged = ended_entry("$1", "ended e").insert("$5", "$6");
    let statement = format!(
        "-- session::end_of
        with caller as materialized (
            select standing from callers where id = $1 and session_id = $2
        ), ended as (
            update sessions s set ended_at = now()
            from caller c, users t
            where c.standing = 'admin' and t.id = $3 and t.removed_at is null
                and s.id = $4 and s.user_id = t.id and s.ended_at is null and s.expires_at > now()
            returning s.id, s.user_id
        ), logged as (
            {logged}
        )
        select c.standing, e.id from caller c left join ended e on true"
    );
    let params: Params<'_> = &[
        /* $1 */ &admin.id,
        /* $2 */ &admin.session,
        /* $3 */ &id,
        /* $4 */ &session,
        /* $5 */ &visit.address_text(),
        /* $6 */ &visit.request_id,
    ];
    let row = admit_admin(db.query_opt(Retry::Never, &statement, params).await?)?;
    row.try_get::<_, Option<SessionId>>("id")?.map(drop).ok_or(Error::NotFound)
}

/// Ends all sessions of an account.
///
/// # Errors
/// [`Error::NotFound`] if there is no such account.
pub async fn end_all_of(db: &Database, admin: User, id: UserId, visit: &Visit) -> Result<()> {
    let target = target_sql("true");
    let ended = end_sessions_by_sql("$1", "target", "null", "$4", "$5");
    let statement = format!(
        "-- session::end_all_of
        with {target}, {ended}
        select a.standing, t.id as target from admitted a left join target t on true"
    );
    let params: Params<'_> = &[
        /* $1 */ &admin.id,
        /* $2 */ &admin.session,
        /* $3 */ &id,
        /* $4 */ &visit.address_text(),
        /* $5 */ &visit.request_id,
    ];
    admit_target(db.query_opt(Retry::Safe, &statement, params).await?, admin, id).map(drop)
}
