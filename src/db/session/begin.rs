//! The parts of SQL statements that begin a session: the parameters, the SQL, and the columns of the result.

use tokio_postgres::Row;

use super::super::audit_log::EntrySql;
use super::super::limit::{Restored, restore_sql};
use super::super::mail::MailSql;
use super::super::param::{Param, Params};
use super::end_sessions_sql;
use crate::Result;
use crate::audit_log::Action;
use crate::id::SessionId;
use crate::limit::Attempt;
use crate::limits::{SESSION_IDLE, SESSION_LIFETIME};
use crate::mail::Kind;
use crate::token::TokenHash;
use crate::visit::Visit;

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

/// A session that was begun.
pub struct Begun {
    /// See [`Account::password_must_change`](crate::account::Account::password_must_change).
    pub password_must_change: bool,
    /// True if the browser keeps the token that it has sent: the vault has issued it. False if it gets the
    /// new one.
    pub device_was_issued: bool,
}

/// What a statement with [`Beginning::sql`] begins.
pub(in super::super) struct Beginning<'a> {
    new: &'a NewSession,
    visit: &'a Visit,
    address: Option<String>,
    attempt: &'a Attempt,
    restored: Restored<'a>,
}

impl<'a> Beginning<'a> {
    /// Describes the beginning of a session in this request. The attempt that has led to it has succeeded.
    pub(in super::super) fn of(new: &'a NewSession, attempt: &'a Attempt, visit: &'a Visit) -> Self {
        Self { new, visit, address: visit.address_text(), attempt, restored: Restored::by(attempt) }
    }

    /// Returns the parameters of the statement. `others` begin with `$12`.
    pub(in super::super) fn params<'p>(&'p self, others: Params<'p>) -> Vec<&'p dyn Param> {
        let own: [&'p dyn Param; 11] = [
            /* $1 */ &self.new.id,
            /* $2 */ &self.new.refresh,
            /* $3 */ &self.address,
            /* $4 */ &self.visit.user_agent,
            /* $5 */ &self.visit.request_id,
            /* $6 */ &self.new.device,
            /* $7 */ &self.new.new_device,
            /* $8 */ &const { SESSION_IDLE.as_secs_f64() },
            /* $9 */ &const { SESSION_LIFETIME.as_secs_f64() },
            /* $10 */ &self.restored.whole,
            /* $11 */ &self.restored.one,
        ];
        [&own, others].concat()
    }

    /// Like [`Self::sql`], but the session replaces all others of the account, which end.
    pub(in super::super) fn replacing_sql(&self) -> String {
        format!("{}, {}", end_sessions_sql("account", "$1", "$3", "$5"), self.sql())
    }

    /// Returns the last parts of a `with` query that begins a session with its first refresh token. They also
    /// write the browser and an entry in the audit log, and give back what the attempt has used of the
    /// limits. The query has a part `account`, which has locked the account's row, with the columns `id`,
    /// `email`, `password_must_change`, `owes_factor` and `passkey_id`: the passkey with which the session is
    /// started, or null. `$1` to `$11` are the [parameters](Self::params). The part `started` has the columns
    /// for [`read_begun`], and no row if `account` has none.
    ///
    /// Several accounts may log in with one browser, so a browser's token is kept if any account has logged
    /// in with it. A token that the vault has not issued is replaced: somebody could have put it there to be
    /// known later as this browser.
    pub(in super::super) fn sql(&self) -> String {
        let given_back = restore_sql(self.attempt, "$10", "$11");
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
                    (select u.last_login_at is not null from users u where u.id = a.id) as is_later
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
}

/// Returns a part of a `with` query that follows those of [`Beginning::sql`]. It tells the owner of the
/// account by mail that somebody has logged in with another browser than those before. The first login is not
/// mailed. The part `account` has the column `email`, too.
pub(in super::super) fn mail_new_device_sql() -> String {
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

/// Reads the columns of the part `started` of a statement with [`Beginning::sql`]. Returns `None` if they are
/// null: no session was begun.
pub(in super::super) fn read_begun(row: &Row) -> Result<Option<Begun>> {
    let password_must_change: Option<bool> = row.try_get("password_must_change")?;
    let device_was_issued: Option<bool> = row.try_get("was_issued")?;
    Ok(password_must_change
        .zip(device_was_issued)
        .map(|(password_must_change, device_was_issued)| Begun { password_must_change, device_was_issued }))
}
