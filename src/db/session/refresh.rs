//! The SQL statement that uses a refresh token.

use super::super::audit_log::EntrySql;
use super::super::limit::{admit, use_sql};
use super::super::mail::MailSql;
use super::super::param::Params;
use super::super::{Database, Retry};
use crate::Result;
use crate::audit_log::Action;
use crate::auth::User;
use crate::config::RequireFactor;
use crate::limit::Attempt;
use crate::limits::{REFRESH_GRACE, SESSION_IDLE};
use crate::mail::Kind;
use crate::token::TokenHash;
use crate::visit::Visit;

/// The result of using a refresh token.
#[derive(Debug, PartialEq, Eq)]
pub enum Refresh {
    /// The session goes on, and the new token is live.
    Renewed {
        /// The account and the session.
        user: User,
        /// See [`Account::password_must_change`](crate::account::Account::password_must_change).
        password_must_change: bool,
    },
    /// The token is unknown, or its session has ended. The session may have ended because of this use.
    Refused,
}

/// An attempt to refresh. Which of the two counts depends on whether the token is accepted.
pub struct RefreshAttempts {
    /// The attempt with a token that is accepted. Its name lacks the id of the session.
    pub renewal: Attempt,
    /// The attempt with any other token.
    pub refusal: Attempt,
}

/// Uses a refresh token: makes the new token live, or ends the session. Each token of a session has a number,
/// its generation. The session's row says which tokens are live (`live_from`), and which token was exchanged
/// for them (`parent`). Times do not decide, except for [`REFRESH_GRACE`].
///
/// - A live token becomes the parent, and the new token is the only live one.
/// - The parent may be used again, because none of the live tokens was used yet: the answer with the live
///   token may be lost. The new token replaces the live ones. Within [`REFRESH_GRACE`] of the first use, the
///   live ones stay live, because two tabs may refresh at once.
/// - Any other token was replaced by a token that was used. Two parties have tokens of this session, so the
///   session ends. The audit log says so, and a mail tells the owner of the account.
///
/// The session owes a second factor if its account must have one (`required`) and has no TOTP, unless the
/// session belongs to a passkey.
///
/// A token that is accepted is counted for its session, and any other one for the address of the client. So
/// nobody can use up the attempts of somebody else at the same address.
///
/// The statement locks the session's row before it decides. Its snapshot is older than that lock, so it
/// trusts only the locked row, the row of the token, which never changes, and `current_user_row`, which reads
/// the account after the lock.
///
/// # Errors
/// [`Error::TooManyAttempts`](crate::Error::TooManyAttempts).
pub async fn refresh(
    db: &Database,
    token: &TokenHash,
    new_token: &TokenHash,
    required: RequireFactor,
    attempts: &RefreshAttempts,
    visit: &Visit,
) -> Result<Refresh> {
    let reused = EntrySql {
        action: Action::SessionReused,
        actor: "null::uuid",
        target: "j.user_id",
        details: "jsonb_build_object('session_id', j.id, 'generation', j.generation)",
        from: "judged j where not j.is_accepted",
    }
    .insert("$3", "$5");
    let mailed = MailSql {
        kind: Kind::SessionReused,
        id: "gen_random_uuid()",
        user: "j.user_id",
        address: "j.email",
        details: "jsonb_build_object('address', $3)",
        from: "judged j where not j.is_accepted",
    }
    .insert();
    let renewal = use_sql(&attempts.renewal, "array[($9)[1] || j.id::text]");
    let refusal = use_sql(&attempts.refusal, "$10");
    let statement = format!(
        "-- session::refresh
        with presented as (
            select session_id, generation from refresh_tokens where token_hash = $1
        ), held as materialized (
            select s.*, p.generation from sessions s join presented p on p.session_id = s.id
            where s.ended_at is null and s.expires_at > now()
            for no key update of s
        ), judged as materialized (
            select h.id, h.user_id, h.generation, h.last_generation + 1 as next, u.email,
                u.password_must_change,
                u.role = any ($8) and not u.totp_enabled and h.passkey_id is null as owes_factor,
                h.generation >= h.live_from or h.generation = h.parent as is_accepted,
                h.generation = h.parent as is_repeated,
                h.generation = h.parent and h.rotated_at > now() - make_interval(secs => $6) as is_early
            from held h cross join lateral current_user_row(h.user_id) u
            where u.active
        ), attempt as materialized (
            select case when j.is_accepted then {renewal} else {refusal} end as until
            from (select) one left join judged j on true
        ), accepted as (
            select j.* from judged j, attempt a where j.is_accepted and a.until is null
        ), renewed as (
            update sessions s set last_used_at = now(), address = $3, user_agent = $4, owes_factor = j.owes_factor,
                expires_at = least(now() + make_interval(secs => $7), s.ends_at),
                last_generation = j.next, parent = j.generation,
                live_from = case when j.is_early then s.live_from else j.next end,
                rotated_at = case when j.is_repeated then s.rotated_at else now() end
            from accepted j where s.id = j.id
        ), made as (
            insert into refresh_tokens (token_hash, session_id, generation)
            select $2, j.id, j.next from accepted j
        ), ended as (
            update sessions s set ended_at = now() from judged j where s.id = j.id and not j.is_accepted
        ), logged as (
            {reused}
        ), mailed as (
            {mailed}
        )
        select now() as now, a.until, j.id as session_id, j.user_id, j.password_must_change
        from attempt a left join accepted j on true"
    );
    let params: Params<'_> = &[
        /* $1 */ token,
        /* $2 */ new_token,
        /* $3 */ &visit.address_text(),
        /* $4 */ &visit.user_agent,
        /* $5 */ &visit.request_id,
        /* $6 */ &REFRESH_GRACE.as_secs_f64(),
        /* $7 */ &SESSION_IDLE.as_secs_f64(),
        /* $8 */ &required.roles(),
        /* $9 */ &attempts.renewal.names,
        /* $10 */ &attempts.refusal.names,
    ];
    let row = db.query_one(Retry::Never, &statement, params).await?;
    admit(&row)?;
    let Some(id) = row.try_get("user_id")? else { return Ok(Refresh::Refused) };
    let user = User { id, session: row.try_get("session_id")? };
    Ok(Refresh::Renewed { user, password_must_change: row.try_get("password_must_change")? })
}
