//! SQL statements for quotas.

use tokio_postgres::Row;

use super::audit_log::EntrySql;
use super::param::Params;
use super::standing::{admit_admin, admit_user};
use super::target::{admit_target, target_sql};
use super::{Database, Retry};
use crate::audit_log::Action;
use crate::auth::User;
use crate::id::UserId;
use crate::quota::{LimitBytes, ManagedQuota, Quota};
use crate::visit::Visit;
use crate::{Error, Result};

/// Reads the quota of the user.
///
/// # Errors
/// [`Error::NotFound`] if the account has no quota.
pub async fn get(db: &Database, user: User) -> Result<Quota> {
    let statement = "-- quota::get
        select c.standing, q.used_bytes, q.limit_bytes
        from callers c left join quotas q on q.user_id = c.id
        where c.id = $1 and c.session_id = $2";
    let params: Params<'_> = &[/* $1 */ &user.id, /* $2 */ &user.session];
    let row = admit_user(db.query_opt(Retry::Safe, statement, params).await?)?;
    let (used_bytes, limit_bytes) = read_bytes(&row)?;
    Ok(Quota { used_bytes, limit_bytes })
}

/// Reads the quota of an account for an administrator.
///
/// # Errors
/// [`Error::NotFound`] if there is no such account, or if it has no quota.
pub async fn get_of(db: &Database, admin: User, id: UserId) -> Result<ManagedQuota> {
    let statement = "-- quota::get_of
        select c.standing, q.used_bytes, q.limit_bytes
        from callers c left join quotas q on q.user_id = $3
        where c.id = $1 and c.session_id = $2";
    let params: Params<'_> = &[/* $1 */ &admin.id, /* $2 */ &admin.session, /* $3 */ &id];
    read_managed(&admit_admin(db.query_opt(Retry::Safe, statement, params).await?)?)
}

/// Sets the limit of an account, also below the used bytes. Nothing is logged if it was the same before.
///
/// # Errors
/// [`Error::NotFound`] if there is no such account, or if it has no quota.
pub async fn set_limit(
    db: &Database,
    admin: User,
    id: UserId,
    limit: LimitBytes,
    visit: &Visit,
) -> Result<ManagedQuota> {
    let target = target_sql("true");
    let logged = EntrySql {
        action: Action::QuotaChanged,
        actor: "$1",
        target: "l.user_id",
        details: "jsonb_build_object('limit_bytes', $4, 'previous_limit_bytes', l.limit_bytes)",
        from: "ledger l where l.limit_bytes <> $4",
    }
    .insert("$5", "$6");
    let statement = format!(
        "-- quota::set_limit
        with {target}, ledger as materialized (
            select q.user_id, q.used_bytes, q.limit_bytes
            from quotas q join target t on t.id = q.user_id
            for update of q
        ), changed as (
            update quotas q set limit_bytes = $4
            from ledger l where q.user_id = l.user_id
        ), logged as (
            {logged}
        )
        select a.standing, t.id as target, l.used_bytes,
            case when l.user_id is not null then $4 end as limit_bytes
        from admitted a left join target t on true left join ledger l on true"
    );
    let params: Params<'_> = &[
        /* $1 */ &admin.id,
        /* $2 */ &admin.session,
        /* $3 */ &id,
        /* $4 */ &limit.bytes(),
        /* $5 */ &visit.address_text(),
        /* $6 */ &visit.request_id,
    ];
    read_managed(&admit_target(db.query_opt(Retry::Safe, &statement, params).await?, admin, id)?)
}

fn read_managed(row: &Row) -> Result<ManagedQuota> {
    let (used_bytes, limit_bytes) = read_bytes(row)?;
    Ok(ManagedQuota { used_bytes, limit_bytes, warning: used_bytes > limit_bytes })
}

/// Reads the used bytes and the limit.
fn read_bytes(row: &Row) -> Result<(i64, i64)> {
    match (row.try_get("used_bytes")?, row.try_get("limit_bytes")?) {
        (Some(used_bytes), Some(limit_bytes)) => Ok((used_bytes, limit_bytes)),
        _ => Err(Error::NotFound),
    }
}
