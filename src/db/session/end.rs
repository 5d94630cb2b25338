//! SQL statements that end sessions, and the part of other statements that does.

use super::super::audit_log::EntrySql;
use super::super::param::Params;
use super::super::standing::admit_anybody;
use super::super::{Database, Retry};
use crate::audit_log::Action;
use crate::auth::User;
use crate::id::SessionId;
use crate::token::TokenHash;
use crate::visit::Visit;
use crate::{Error, Result};

/// Ends a session of the account.
///
/// # Errors
/// [`Error::NotFound`] if the account has no such session that is alive.
pub async fn end(db: &Database, user: User, id: SessionId, visit: &Visit) -> Result<()> {
    let logged = ended_entry("c.id", "ended e, caller c").insert("$4", "$5");
    let statement = format!(
        "-- session::end
        with caller as (
            select id, standing from callers where id = $1 and session_id = $2
        ), ended as (
            update sessions s set ended_at = now()
            from caller c
            where s.id = $3 and s.user_id = c.id and s.ended_at is null and s.expires_at > now()
                and c.standing in ('user', 'admin')
            returning s.id, s.user_id
        ), logged as (
            {logged}
        )
        select c.standing, e.id from caller c left join ended e on true"
    );
    let params: Params<'_> = &[
        /* $1 */ &user.id,
        /* $2 */ &user.session,
        /* $3 */ &id,
        /* $4 */ &visit.address_text(),
        /* $5 */ &visit.request_id,
    ];
    let row = admit_anybody(db.query_opt(Retry::Never, &statement, params).await?)?;
    row.try_get::<_, Option<SessionId>>("id")?.map(drop).ok_or(Error::NotFound)
}

/// Ends the session to which a refresh token belongs, also if the token was replaced before. Does nothing if
/// there is no such session that is alive.
pub async fn end_by_token(db: &Database, token: &TokenHash, visit: &Visit) -> Result<()> {
    let logged = ended_entry("e.user_id", "ended e").insert("$2", "$3");
    let statement = format!(
        "-- session::end_by_token
        with ended as (
            update sessions s set ended_at = now()
            from refresh_tokens t
            where t.token_hash = $1 and s.id = t.session_id and s.ended_at is null and s.expires_at > now()
            returning s.id, s.user_id
        )
        {logged}"
    );
    let params: Params<'_> =
        &[/* $1 */ token, /* $2 */ &visit.address_text(), /* $3 */ &visit.request_id];
    db.query(Retry::Safe, &statement, params).await.map(drop)
}

/// Ends all sessions of the account, also the one that sends the request.
pub async fn end_all(db: &Database, user: User, visit: &Visit) -> Result<()> {
    let ended = end_sessions_sql("allowed", "null", "$3", "$4");
    let statement = format!(
        "-- session::end_all
        with caller as materialized (
            select id, standing from callers where id = $1 and session_id = $2 for no key update
        ), allowed as (
            select id from caller where standing in ('user', 'admin')
        ), {ended}
        select standing from caller"
    );
    let params: Params<'_> = &[
        /* $1 */ &user.id,
        /* $2 */ &user.session,
        /* $3 */ &visit.address_text(),
        /* $4 */ &visit.request_id,
    ];
    admit_anybody(db.query_opt(Retry::Never, &statement, params).await?).map(drop)
}

/// Returns parts of a `with` query that end the sessions of accounts, and write an entry for each to the
/// audit log. `accounts` is the name of a part with the column `id`, which has locked the rows of these
/// accounts in `users` (`for no key update`). `kept` is the session that stays, as an SQL expression; `null`:
/// none stays. `address` and `request_id` are parameters, as in [`EntrySql::insert`].
pub(in super::super) fn end_sessions_sql(
    accounts: &str,
    kept: &str,
    address: &str,
    request_id: &str,
) -> String {
    end_sessions_by_sql("e.user_id", accounts, kept, address, request_id)
}

/// Like [`end_sessions_sql`], but `actor` is the account that ends the sessions `e` of another one, as an SQL
/// expression.
pub(in super::super) fn end_sessions_by_sql(
    actor: &str,
    accounts: &str,
    kept: &str,
    address: &str,
    request_id: &str,
) -> String {
    let logged = ended_entry(actor, "ended e").insert(address, request_id);
    format!(
        "ended as materialized (
            select a.id as user_id, s.id from {accounts} a, end_sessions(a.id, {kept}) s (id)
        ), ended_logged as (
            {logged}
        )"
    )
}

/// The entry for a session that was ended before its time.
pub(super) fn ended_entry<'a>(actor: &'a str, from: &'a str) -> EntrySql<'a> {
    let details = "jsonb_build_object('session_id', e.id)";
    EntrySql { action: Action::SessionEnded, actor, target: "e.user_id", details, from }
}
