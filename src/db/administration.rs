//! SQL statements with which administrators manage accounts, and read the audit log. Those that change an
//! account lock its row and the caller's ([`target`](super::target)).

mod change;
mod log;

use tokio_postgres::Row;

use super::audit_log::EntrySql;
use super::param::Params;
use super::standing::admit_admin;
use super::{Database, Retry, read_enum, read_list};
use crate::administration::{ManagedUser, UserFilter};
use crate::audit_log::Action;
use crate::auth::User;
use crate::id::UserId;
use crate::limits::TEMPORARY_PASSWORD_LIFETIME;
use crate::page::PageRequest;
use crate::role::Role;
use crate::visit::Visit;
use crate::{Error, Result};

pub use change::{change, reset_factors, reset_password};
pub use log::list_log;

/// The columns of an account `u` with its quota `q` from which [`read_user`] builds it.
const COLUMNS: &str =
    "u.id, u.email, u.role, u.active, u.password_must_change, u.totp_enabled, u.ai_provider,
    u.ai_model, u.created_at, u.last_login_at, q.used_bytes, q.limit_bytes";

/// Checks that the caller is an administrator.
pub async fn admit(db: &Database, admin: User) -> Result<()> {
    let statement = "-- administration::admit
        select standing from callers where id = $1 and session_id = $2";
    let params: Params<'_> = &[/* $1 */ &admin.id, /* $2 */ &admin.session];
    admit_admin(db.query_opt(Retry::Safe, statement, params).await?).map(drop)
}

/// Reads a page of the accounts, newest first. Ids sort in the order of creation, and never change. So no
/// account is skipped or repeated if others are added or removed between two pages.
pub async fn list(
    db: &Database,
    admin: User,
    filter: &UserFilter,
    paging: &PageRequest,
) -> Result<Vec<ManagedUser>> {
    // An administrator or a deactivated account is found by the index `users_by_standing`.
    let is_rare = filter.role == Some(Role::Admin) || filter.active == Some(false);
    let rare = if is_rare { "and u.standing <> 'user'" } else { "" };
    let statement = format!(
        "-- administration::list
        select c.standing, u.*
        from callers c left join lateral (
            select {COLUMNS}
            from users u left join quotas q on q.user_id = u.id
            where c.standing = 'admin' and u.removed_at is null and ($3::uuid is null or u.id < $3)
                and ($5::text is null or strpos(lower(u.email), lower($5)) > 0)
                and ($6::text is null or u.role = $6) and ($7::boolean is null or u.active = $7) {rare}
            order by u.id desc
            limit $4
        ) u on true
        where c.id = $1 and c.session_id = $2
        order by u.id desc"
    );
    let params: Params<'_> = &[
        /* $1 */ &admin.id,
        /* $2 */ &admin.session,
        /* $3 */ &paging.after().map(|place| place.id),
        /* $4 */ &paging.read_limit(),
        /* $5 */ &filter.q,
        /* $6 */ &filter.role.map(Role::as_str),
        /* $7 */ &filter.active,
    ];
    let mut rows = db.query(Retry::Safe, &statement, params).await?.into_iter();
    read_list(admit_admin(rows.next())?, rows, read_user)
}

/// Reads an account.
///
/// # Errors
/// [`Error::NotFound`] if there is no such account.
pub async fn get(db: &Database, admin: User, id: UserId) -> Result<ManagedUser> {
    let statement = format!(
        "-- administration::get
        select c.standing, {COLUMNS}
        from callers c left join users u on u.id = $3 and u.removed_at is null
        left join quotas q on q.user_id = u.id
        where c.id = $1 and c.session_id = $2"
    );
    let params: Params<'_> = &[/* $1 */ &admin.id, /* $2 */ &admin.session, /* $3 */ &id];
    let row = admit_admin(db.query_opt(Retry::Safe, &statement, params).await?)?;
    row.try_get::<_, Option<UserId>>("id")?.ok_or(Error::NotFound)?;
    read_user(&row)
}

/// The columns of an account that an administrator creates. Its password is a temporary one.
pub struct AccountToCreate<'a> {
    /// The account's id.
    pub id: UserId,
    /// The e-mail address.
    pub email: &'a str,
    /// The hash of the password, as a PHC string.
    pub password_hash: &'a str,
    /// The account's role.
    pub role: Role,
    /// The limit of the quota, in bytes.
    pub limit_bytes: i64,
}

/// Creates an account with its quota.
///
/// # Errors
/// [`Error::EmailTaken`] if an account has this address. Upper and lower case are the same.
pub async fn create(
    db: &Database,
    admin: User,
    new: AccountToCreate<'_>,
    visit: &Visit,
) -> Result<ManagedUser> {
    let logged = EntrySql {
        action: Action::AccountCreated,
        actor: "$1",
        target: "u.id",
        details: "jsonb_build_object('role', u.role)",
        from: "made u",
    }
    .insert("$8", "$9");
    let statement = format!(
        "-- administration::create
        with caller as materialized (
            select standing from callers where id = $1 and session_id = $2
        ), displaced as (
            delete from users o using caller c
            where c.standing = 'admin' and lower(o.email) = lower($4) and o.unverified
            returning o.id
        ), made as (
            insert into users (id, email, password_hash, role, password_must_change, password_expires_at)
            select $3, $4, $5, $6, true, now() + make_interval(secs => $10) from caller cross join (select count(*) from displaced) as before
            where standing = 'admin'
            on conflict (lower(email)) do nothing
            returning *
        ), quota as (
            insert into quotas (user_id, limit_bytes) select id, $7 from made
            returning *
        ), logged as (
            {logged}
        )
        select c.standing, {COLUMNS}
        from caller c left join made u on true left join quota q on true"
    );
    let params: Params<'_> = &[
        /* $1 */ &admin.id,
        /* $2 */ &admin.session,
        /* $3 */ &new.id,
        /* $4 */ &new.email,
        /* $5 */ &new.password_hash,
        /* $6 */ &new.role.as_str(),
        /* $7 */ &new.limit_bytes,
        /* $8 */ &visit.address_text(),
        /* $9 */ &visit.request_id,
        /* $10 */ &TEMPORARY_PASSWORD_LIFETIME.as_secs_f64(),
    ];
    let row = admit_admin(db.query_opt(Retry::Never, &statement, params).await?)?;
    row.try_get::<_, Option<UserId>>("id")?.ok_or(Error::EmailTaken)?;
    read_user(&row)
}

fn read_user(row: &Row) -> Result<ManagedUser> {
    Ok(ManagedUser {
        id: row.try_get("id")?,
        email: row.try_get("email")?,
        role: read_enum(row, "role")?.ok_or_else(|| Error::Database("an account has no role".into()))?,
        active: row.try_get("active")?,
        password_must_change: row.try_get("password_must_change")?,
        totp_enabled: row.try_get("totp_enabled")?,
        ai_provider: read_enum(row, "ai_provider")?,
        ai_model: row.try_get("ai_model")?,
        used_bytes: row.try_get("used_bytes")?,
        limit_bytes: row.try_get("limit_bytes")?,
        created_at: row.try_get("created_at")?,
        last_login_at: row.try_get("last_login_at")?,
    })
}
