//! SQL statements with which administrators change an account.

use super::super::audit_log::EntrySql;
use super::super::mail::tell_sql;
use super::super::param::Params;
use super::super::session::end_sessions_by_sql;
use super::super::target::{IS_OTHER, admit_target, target_sql};
use super::super::{Database, Retry};
use super::{COLUMNS, read_user};
use crate::Result;
use crate::administration::{ManagedUser, UserChange};
use crate::audit_log::Action;
use crate::auth::User;
use crate::id::UserId;
use crate::limits::TEMPORARY_PASSWORD_LIFETIME;
use crate::mail::Kind;
use crate::role::Role;
use crate::visit::Visit;

/// The network address in a mail about what an administrator did: none. Users do not see the addresses of
/// administrators.
const HIDDEN: &str = "null::text";

/// Changes the role, the state and the model of an account. A new role and a deactivation end its sessions.
/// Nothing is logged if everything was so before.
///
/// # Errors
/// [`Error::OwnAccount`](crate::Error::OwnAccount) if administrators change their own role or state.
/// [`Error::NotFound`](crate::Error::NotFound).
pub async fn change(
    db: &Database,
    admin: User,
    id: UserId,
    change: &UserChange,
    visit: &Visit,
) -> Result<ManagedUser> {
    let target = target_sql("t.id <> $1 or $4::text is null and $5::boolean is null");
    let details = "jsonb_strip_nulls(jsonb_build_object('role', nullif(n.role, o.role),
        'active', case when n.active <> o.active then n.active end,
        'ai_model', case when (n.ai_provider, n.ai_model) is distinct from (o.ai_provider, o.ai_model)
            then coalesce(n.ai_provider || '/' || n.ai_model, 'default') end))";
    let logged = EntrySql {
        action: Action::AccountChanged,
        actor: "$1",
        target: "n.id",
        details,
        from: "changed n join target o on o.id = n.id where (n.role, n.active, n.ai_provider, n.ai_model)
            is distinct from (o.role, o.active, o.ai_provider, o.ai_model)",
    }
    .insert("$9", "$10");
    let ended = end_sessions_by_sql("$1", "stopped", "null", "$9", "$10");
    let statement = format!(
        "-- administration::change
        with {target}, changed as materialized (
            update users u set role = coalesce($4, u.role), active = coalesce($5, u.active),
                ai_provider = case when $8 then $6 else u.ai_provider end,
                ai_model = case when $8 then $7 else u.ai_model end
            from target t where u.id = t.id
            returning u.*
        ), logged as (
            {logged}
        ), stopped as (
            select n.id from changed n join target o on o.id = n.id
            where n.role <> o.role or o.active and not n.active
        ), {ended}
        select a.standing, u.id as target, {COLUMNS}
        from admitted a left join changed u on true left join quotas q on q.user_id = u.id"
    );
    let params: Params<'_> = &[
        /* $1 */ &admin.id,
        /* $2 */ &admin.session,
        /* $3 */ &id,
        /* $4 */ &change.role.map(Role::as_str),
        /* $5 */ &change.active,
        /* $6 */ &change.provider_name(),
        /* $7 */ &change.model_name(),
        /* $8 */ &change.ai_provider.is_some(),
        /* $9 */ &visit.address_text(),
        /* $10 */ &visit.request_id,
    ];
    let row = db.query_opt(Retry::Safe, &statement, params).await?;
    read_user(&admit_target(row, admin, id)?)
}

/// Replaces the password of an account by a temporary one, removes its links for new passwords, cancels a
/// change of its address, forgets the browsers that it knows, ends its sessions, and tells the owner by mail.
///
/// # Errors
/// As [`change`], for every own account.
pub async fn reset_password(
    db: &Database,
    admin: User,
    id: UserId,
    password_hash: &str,
    visit: &Visit,
) -> Result<()> {
    let (target, logged) = (target_sql(IS_OTHER), entry(Action::PasswordAssigned).insert("$5", "$6"));
    let ended = end_sessions_by_sql("$1", "changed", "null", "$5", "$6");
    let told = tell_sql(Kind::PasswordChanged, "changed", HIDDEN);
    let statement = format!(
        "-- administration::reset_password
        with {target}, changed as materialized (
            update users u set password_hash = $4, password_must_change = true,
                password_expires_at = now() + make_interval(secs => $7),
                new_email = null, address_mail_id = case when u.unverified then u.address_mail_id end
            from target t where u.id = t.id
            returning u.id, u.email
        ), told as (
            {told}
        ), forgotten as materialized (
            select forget_devices(c.id, '{{}}'), remove_reset_links(c.id) from changed c
        ), logged as (
            {logged}
        ), {ended}
        select a.standing, c.id as target from admitted a left join (changed c cross join forgotten) on true"
    );
    let params: Params<'_> = &[
        /* $1 */ &admin.id,
        /* $2 */ &admin.session,
        /* $3 */ &id,
        /* $4 */ &password_hash,
        /* $5 */ &visit.address_text(),
        /* $6 */ &visit.request_id,
        /* $7 */ &TEMPORARY_PASSWORD_LIFETIME.as_secs_f64(),
    ];
    admit_target(db.query_opt(Retry::Never, &statement, params).await?, admin, id).map(drop)
}

/// Removes the second factors and the passkeys of an account, ends its sessions, and tells the owner by
/// mail.
///
/// # Errors
/// As [`change`], for every own account.
pub async fn reset_factors(db: &Database, admin: User, id: UserId, visit: &Visit) -> Result<()> {
    let (target, logged) = (target_sql(IS_OTHER), entry(Action::FactorsReset).insert("$4", "$5"));
    let ended = end_sessions_by_sql("$1", "changed", "null", "$4", "$5");
    let told = tell_sql(Kind::FactorDisabled, "changed", HIDDEN);
    let statement = format!(
        "-- administration::reset_factors
        with {target}, changed as materialized (
            update users u set totp_enabled = false, totp_secret = null, totp_key = null,
                last_totp_step = null
            from target t where u.id = t.id
            returning u.id, u.email
        ), told as (
            {told}
        ), codes as materialized (
            select replace_backup_codes(c.id, '{{}}'), remove_passkeys(c.id) from changed c
        ), logged as (
            {logged}
        ), {ended}
        select a.standing, c.id as target from admitted a left join (changed c cross join codes) on true"
    );
    let params: Params<'_> = &[
        /* $1 */ &admin.id,
        /* $2 */ &admin.session,
        /* $3 */ &id,
        /* $4 */ &visit.address_text(),
        /* $5 */ &visit.request_id,
    ];
    admit_target(db.query_opt(Retry::Never, &statement, params).await?, admin, id).map(drop)
}

/// The entry for a changed account `c`.
const fn entry(action: Action) -> EntrySql<'static> {
    EntrySql { action, actor: "$1", target: "c.id", details: "'{}'::jsonb", from: "changed c" }
}
