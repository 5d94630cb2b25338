//! SQL statements for sessions. A login locks the row of the account, and so does everything that ends all
//! sessions of the account. So a session that a login begins is either ended, too, or begun after that.

mod managed;
mod refresh;

use tokio_postgres::Row;

use super::audit_log::EntrySql;
use super::limit::{Restored, restore_sql};
use super::mail::MailSql;
use super::param::Params;
use super::standing::admit_anybody;
use super::{Database, Retry, read_list};
use crate::audit_log::Action;
use crate::auth::User;
use crate::config::RequireFactor;
use crate::id::{SessionId, UserId};
use crate::limit::Attempt;
use crate::limits::{SESSION_IDLE, SESSION_LIFETIME};
use crate::mail::Kind;
use crate::page::PageRequest;
use crate::session::Session;
use crate::token::TokenHash;
use crate::visit::Visit;
use crate::{Error, Result};

pub use managed::{end_all_of, end_of, list_of};
pub use refresh::{Refresh, RefreshAttempts, refresh};

/// The columns of a new session.
pub struct NewSession {
    /// The session's id.
    pub id: SessionId,
    /// The hash of the refresh token.
    pub refresh: TokenHash,
    /// The hash of the browser's token, if it has sent one.
    pub device: Option<TokenHash>,
    /// The hash of a new token for the browser.
    pub new_device: TokenHash,
}

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

/// A session that was begun.
pub struct Begun {
    /// See [`Account::password_must_change`](crate::account::Account::password_must_change).
    pub password_must_change: bool,
    /// True if the browser keeps the token that it has sent: the vault has issued it. False if it gets the
    /// new one.
    pub device_was_issued: bool,
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
    let (begin, restored) = (begin_sql(password.attempt), Restored::by(password.attempt));
    let mailed = mail_new_device_sql();
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
    let params: Params<'_> = &[
        /* $1 */ &new.id,
        /* $2 */ &new.refresh,
        /* $3 */ &visit.address_text(),
        /* $4 */ &visit.user_agent,
        /* $5 */ &visit.request_id,
        /* $6 */ &new.device,
        /* $7 */ &new.new_device,
        /* $8 */ &SESSION_IDLE.as_secs_f64(),
        /* $9 */ &SESSION_LIFETIME.as_secs_f64(),
        /* $10 */ &restored.whole,
        /* $11 */ &restored.one,
        /* $12 */ &password.user,
        /* $13 */ &password.hash,
        /* $14 */ &password.new_hash,
        /* $15 */ &required.roles(),
    ];
    let row = db.query_opt(Retry::Never, &statement, params).await?;
    row.as_ref().map_or(Ok(None), read_begun)
}

/// Returns the last parts of a `with` query that begins a session with its first refresh token. They also
/// write the browser and an entry in the audit log, and give back what the attempt has used of the limits.
/// The query has a part `account`, which has locked the account's row, with the columns `id`, `email`,
/// `password_must_change`, `owes_factor` and `passkey_id`: the passkey with which the session is started, or
/// null. `$1` to `$11` are the parameters of [`start`]. The part `started` has the columns for
/// [`read_begun`], and no row if `account` has none.
///
/// Several accounts may log in with one browser, so a browser's token is kept if any account has logged in
/// with it. A token that the vault has not issued is replaced: somebody could have put it there to be known
/// later as this browser.
pub(super) fn begin_sql(attempt: &Attempt) -> String {
    let given_back = restore_sql(attempt, "$10", "$11");
    let logged = EntrySql {
        action: Action::SessionStarted,
        actor: "b.user_id",
        target: "b.user_id",
        details: "jsonb_strip_nulls(jsonb_build_object(
            'session_id', b.id, 'new_device', not d.is_known, 'passkey_id', b.passkey_id))",
        from: "begun b, device d",
    }
    .insert("$3", "$5");
    format!(
        "begun as (
            insert into sessions (id, user_id, address, user_agent, expires_at, ends_at, owes_factor, passkey_id)
            select $1, a.id, $3, $4, now() + make_interval(secs => $8), now() + make_interval(secs => $9),
                a.owes_factor, a.passkey_id
            from account a
            returning id, user_id, passkey_id
        ), refreshed as (
            insert into refresh_tokens (token_hash, session_id, generation) select $2, b.id, 1 from begun b
        ), device as materialized (
            select a.id as account_id, exists (select from devices e where e.token_hash = $6) as was_issued,
                exists (select from devices e where e.token_hash = $6 and e.user_id = a.id) as is_known,
                exists (select from devices e where e.user_id = a.id) as is_later
            from account a
        ), remembered as (
            insert into devices (token_hash, user_id)
            select case when d.was_issued then $6 else $7 end, d.account_id from device d
            on conflict (token_hash, user_id) do update set last_used_at = now()
        ), logged as (
            {logged}
        ), given_back as materialized (
            select {given_back} from account
        ), started as (
            select a.password_must_change, d.was_issued from account a, device d, given_back
        )"
    )
}

/// Returns a part of a `with` query that follows those of [`begin_sql`]. It tells the owner of the account by
/// mail that somebody has logged in with another browser than those before. The first login is not mailed.
/// The part `account` has the column `email`, too.
pub(super) fn mail_new_device_sql() -> String {
    let mailed = MailSql {
        kind: Kind::NewDevice,
        id: "gen_random_uuid()",
        user: "a.id",
        address: "a.email",
        details: "jsonb_build_object('address', $3)",
        from: "account a join device d on d.account_id = a.id where d.is_later and not d.is_known",
    }
    .insert();
    format!("mailed as ({mailed})")
}

/// Reads the columns of the part `started` of a statement with [`begin_sql`]. Returns `None` if they are
/// null: no session was begun.
pub(super) fn read_begun(row: &Row) -> Result<Option<Begun>> {
    let password_must_change: Option<bool> = row.try_get("password_must_change")?;
    let device_was_issued: Option<bool> = row.try_get("was_issued")?;
    Ok(password_must_change
        .zip(device_was_issued)
        .map(|(password_must_change, device_was_issued)| Begun { password_must_change, device_was_issued }))
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
pub(super) fn end_sessions_sql(accounts: &str, kept: &str, address: &str, request_id: &str) -> String {
    end_sessions_by_sql("e.user_id", accounts, kept, address, request_id)
}

/// Like [`end_sessions_sql`], but `actor` is the account that ends the sessions `e` of another one, as an SQL
/// expression.
pub(super) fn end_sessions_by_sql(
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
fn ended_entry<'a>(actor: &'a str, from: &'a str) -> EntrySql<'a> {
    let details = "jsonb_build_object('session_id', e.id)";
    EntrySql { action: Action::SessionEnded, actor, target: "e.user_id", details, from }
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
