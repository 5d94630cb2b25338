//! SQL statements for accounts.

use tokio_postgres::Row;

use super::audit_log::EntrySql;
use super::limit::{admit, use_sql};
use super::mail::{MailSql, tell_sql};
use super::param::Params;
use super::session::end_sessions_by_sql;
use super::{Database, Retry, read_enum};
use crate::account::Account;
use crate::account::login::{Credentials, LoginAttempts};
use crate::audit_log::Action;
use crate::auth::User;
use crate::id::{MailId, UserId};
use crate::language::Language;
use crate::limits::TEMPORARY_PASSWORD_LIFETIME;
use crate::mail::Kind;
use crate::role::Role;
use crate::token::TokenHash;
use crate::visit::Visit;
use crate::{Error, Result};

/// The columns of a new account.
pub struct NewAccount<'a> {
    /// The account's id.
    pub id: UserId,
    /// The e-mail address. No two accounts have addresses that differ only in case.
    pub email: &'a str,
    /// The hash of the password, as a PHC string.
    pub password_hash: &'a str,
    /// The account's role.
    pub role: Role,
    /// True if the password is temporary, so that its owner must change it.
    pub password_must_change: bool,
    /// The language of mails to the account.
    pub language: Language,
}

/// Creates an account, its quota with the default limit, and an entry in the audit log.
///
/// # Errors
/// [`Error::EmailTaken`] if an account has this address. Upper and lower case are the same.
pub async fn create(db: &Database, new: NewAccount<'_>, visit: &Visit) -> Result<Account> {
    let entry = EntrySql {
        action: Action::AccountRegistered,
        actor: "null::uuid",
        target: "a.id",
        details: "'{}'::jsonb",
        from: "account a",
    }
    .insert("$8", "$9");
    let statement = format!(
        "-- account::create
        with account as (
            insert into users (
                id, email, password_hash, role, password_must_change, password_expires_at, language
            )
            values ($1, $2, $3, $4, $5, case when $5 then now() + make_interval(secs => $6) end, $7)
            on conflict (lower(email)) do nothing
            returning *
        ), quota as (
            insert into quotas (user_id) select id from account
        ), entry as (
            {entry}
        )
        select *, 0::bigint as codes_left from account"
    );
    let params: Params<'_> = &[
        /* $1 */ &new.id,
        /* $2 */ &new.email,
        /* $3 */ &new.password_hash,
        /* $4 */ &new.role.as_str(),
        /* $5 */ &new.password_must_change,
        /* $6 */ &TEMPORARY_PASSWORD_LIFETIME.as_secs_f64(),
        /* $7 */ &new.language.as_str(),
        /* $8 */ &visit.address_text(),
        /* $9 */ &visit.request_id,
    ];
    let row = db.query_opt(Retry::Never, &statement, params).await?;
    read_account(&row.ok_or(Error::EmailTaken)?)
}

/// Creates an account. If an account has the address, replaces its password and role, activates it, removes
/// its second factors, passkeys, known browsers and links for new passwords, and ends its sessions. The audit
/// log says which of both happened. No account has acted: the operator invokes this.
pub async fn create_or_revive(db: &Database, new: NewAccount<'_>) -> Result<()> {
    let entry = |action, from| {
        let (actor, target, details) = ("null::uuid", "a.id", "'{}'::jsonb");
        EntrySql { action, actor, target, details, from }.insert("null", "null")
    };
    let created = entry(Action::AccountCreated, "account a where a.is_new");
    let revived = entry(Action::AccountRevived, "account a where not a.is_new");
    let ended = end_sessions_by_sql("null::uuid", "account", "null", "null", "null");
    let statement = format!(
        "-- account::create_or_revive
        with account as (
            insert into users as u (id, email, password_hash, role, password_must_change, password_expires_at)
            values ($1, $2, $3, $4, $5, case when $5 then now() + make_interval(secs => $6) end)
            on conflict (lower(email)) do update set password_hash = excluded.password_hash,
                role = excluded.role, password_must_change = excluded.password_must_change,
                password_expires_at = excluded.password_expires_at, active = true,
                totp_enabled = false, totp_secret = null, totp_key = null, last_totp_step = null,
                unverified = false, new_email = null, address_mail_id = null
            returning u.id, u.id = $1 as is_new
        ), quota as (
            insert into quotas (user_id) select id from account on conflict (user_id) do nothing
        ), codes as materialized (
            select replace_backup_codes(a.id, '{{}}'), remove_passkeys(a.id), forget_devices(a.id, '{{}}'),
                remove_reset_links(a.id)
            from account a
        ), created as (
            {created}
        ), revived as (
            {revived}
        ), {ended}
        select a.id from account a cross join codes"
    );
    let params: Params<'_> = &[
        /* $1 */ &new.id,
        /* $2 */ &new.email,
        /* $3 */ &new.password_hash,
        /* $4 */ &new.role.as_str(),
        /* $5 */ &new.password_must_change,
        /* $6 */ &TEMPORARY_PASSWORD_LIFETIME.as_secs_f64(),
    ];
    db.query(Retry::Never, &statement, params).await.map(drop)
}

/// Counts an attempt to log in, and finds the credentials of the account with this address. Returns `None` if
/// there is none. An account whose address was never confirmed counts as inactive.
///
/// # Errors
/// [`Error::TooManyAttempts`].
pub async fn begin_login(
    db: &Database,
    email: &str,
    device: Option<&TokenHash>,
    attempts: &LoginAttempts,
) -> Result<Option<Credentials>> {
    let on_known_device = use_sql(&attempts.on_known_device, "$3");
    let elsewhere = use_sql(&attempts.elsewhere, "$4");
    let statement = format!(
        "-- account::begin_login
        with known as materialized (
            select u.id, u.password_hash, u.active and not u.unverified as active, u.totp_enabled,
                coalesce(u.password_expires_at <= now(), false) as password_expired,
                exists (
                    select from devices own where own.token_hash = $2 and own.user_id = u.id
                ) as on_known_device
            from users u where lower(u.email) = lower($1)
        ), attempt as materialized (
            select case
                when exists (select from known where on_known_device) then {on_known_device}
                else {elsewhere}
            end as until
        )
        select now() as now, a.until, k.* from attempt a left join known k on a.until is null"
    );
    let params: Params<'_> = &[
        /* $1 */ &email,
        /* $2 */ &device,
        /* $3 */ &attempts.on_known_device.names,
        /* $4 */ &attempts.elsewhere.names,
    ];
    let row = db.query_one(Retry::Safe, &statement, params).await?;
    admit(&row)?;
    let Some(id) = row.try_get("id")? else { return Ok(None) };
    Ok(Some(Credentials {
        id,
        password_hash: row.try_get("password_hash")?,
        active: row.try_get("active")?,
        totp_enabled: row.try_get("totp_enabled")?,
        password_expired: row.try_get("password_expired")?,
        on_known_device: row.try_get("on_known_device")?,
    }))
}

/// Creates an account that nobody can use until its address is confirmed, and adds the mail with the link for
/// that. If an account has the address, a mail tells its owner instead. Nothing in the answer says which of
/// both was done.
///
/// An account that was registered with this address, and was never confirmed, is replaced: its password may
/// be that of somebody else. So the password of the last registration counts, and only the link in its mail.
pub async fn create_unverified(db: &Database, new: NewAccount<'_>, visit: &Visit) -> Result<()> {
    let asked = MailSql {
        kind: Kind::VerifyAddress,
        id: "$6",
        user: "c.id",
        address: "c.email",
        details: "jsonb_build_object('address', $7)",
        from: "created c",
    };
    let entry = EntrySql {
        action: Action::AccountRegistered,
        actor: "null::uuid",
        target: "c.id",
        details: "'{}'::jsonb",
        from: "created c",
    };
    let statement = format!(
        "-- account::create_unverified
        with taken as materialized (
            select u.id, u.email from users u where lower(u.email) = lower($2) and not u.unverified
        ), created as (
            insert into users as u (id, email, password_hash, role, language, unverified, address_mail_id)
            values ($1, $2, $3, $4, $5, true, $6)
            on conflict (lower(email)) do update set email = excluded.email, created_at = now(),
                password_hash = excluded.password_hash, language = excluded.language,
                address_mail_id = excluded.address_mail_id
            where u.unverified
            returning u.id, u.email
        ), quota as (
            insert into quotas (user_id) select id from created on conflict (user_id) do nothing
        ), asked as (
            {}
        ), told as (
            {}
        ), entry as (
            {}
        )
        select",
        asked.insert(),
        tell_sql(Kind::AddressTaken, "taken", "$7"),
        entry.insert("$7", "$8"),
    );
    let params: Params<'_> = &[
        /* $1 */ &new.id,
        /* $2 */ &new.email,
        /* $3 */ &new.password_hash,
        /* $4 */ &new.role.as_str(),
        /* $5 */ &new.language.as_str(),
        /* $6 */ &MailId::new(),
        /* $7 */ &visit.address_text(),
        /* $8 */ &visit.request_id,
    ];
    db.query(Retry::Never, &statement, params).await.map(drop)
}

/// Writes to the audit log that a login has failed. `target` is the account with the address of the login.
/// `None`: there is no such account. The entry is written in either case, so that both take the same time.
pub async fn record_failed_login(db: &Database, target: Option<UserId>, visit: &Visit) -> Result<()> {
    let entry = EntrySql {
        action: Action::LoginFailed,
        actor: "null::uuid",
        target: "a.id",
        details: "'{}'::jsonb",
        from: "(select $1::uuid as id) a",
    };
    let statement = format!("-- account::record_failed_login\n{}", entry.insert("$2", "$3"));
    let params: Params<'_> =
        &[/* $1 */ &target, /* $2 */ &visit.address_text(), /* $3 */ &visit.request_id];
    db.query(Retry::Never, &statement, params).await.map(drop)
}

/// Reads the account of the caller. Every role may do so.
///
/// # Errors
/// [`Error::Unauthenticated`] if the session has ended, or if the account does not exist or is inactive.
pub async fn get(db: &Database, user: User) -> Result<Account> {
    let statement = "-- account::get
        select u.*, (select count(*) from backup_codes b where b.user_id = u.id and b.used_at is null) as codes_left
        from callers c join users u on u.id = c.id
        where c.id = $1 and c.session_id = $2 and c.standing <> 'inactive'";
    let params: Params<'_> = &[/* $1 */ &user.id, /* $2 */ &user.session];
    let row = db.query_opt(Retry::Safe, statement, params).await?;
    read_account(&row.ok_or(Error::Unauthenticated)?)
}

fn read_account(row: &Row) -> Result<Account> {
    Ok(Account {
        id: row.try_get("id")?,
        email: row.try_get("email")?,
        role: read_enum(row, "role")?.ok_or_else(|| Error::Database("an account has no role".into()))?,
        totp_enabled: row.try_get("totp_enabled")?,
        backup_codes_left: row.try_get("codes_left")?,
        password_must_change: row.try_get("password_must_change")?,
        created_at: row.try_get("created_at")?,
    })
}
