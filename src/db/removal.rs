//! SQL statements that remove accounts. The first one makes the account unusable. The sweep removes what is
//! left in limited steps, each of which can be repeated: documents, sessions, and then the row of the
//! account. Objects are removed because of their tombstones.

use super::audit_log::EntrySql;
use super::factor::ProofParams;
use super::mail::MailSql;
use super::param::Params;
use super::session::end_sessions_by_sql;
use super::standing::admit_anybody;
use super::target::{IS_OTHER, admit_target, target_sql};
use super::tombstone::bury_sql;
use super::{Database, Retry};
use crate::audit_log::Action;
use crate::auth::User;
use crate::id::UserId;
use crate::limits::SLOWEST_PUT;
use crate::mail::Kind;
use crate::visit::Visit;
use crate::{Error, Result};

/// Returns parts of a `with` query that begin the removal of the accounts in the part `removable`, which has
/// locked their rows. The part `removing` has their ids. `actor` is the account that acts, and `address` and
/// `request_id` are parameters, as in [`EntrySql::insert`]. `shown` is the network address in the mail that
/// tells the owner.
///
/// The account is inactive from now on, its address is free, and its sessions have ended. Its quota is
/// deleted: a statement that adds or charges a document locks the row of the quota, so it is either done
/// before, or finds no quota.
fn begin_sql(actor: &str, address: &str, request_id: &str, shown: &str) -> String {
    let told = MailSql {
        kind: Kind::AccountRemoved,
        id: "gen_random_uuid()",
        user: "g.id",
        address: "o.email",
        details: &format!("jsonb_build_object('address', {shown})"),
        // This reads the row as it was before the statement.
        from: "removing g join users o on o.id = g.id",
    }
    .insert();
    let logged = EntrySql {
        action: Action::AccountRemoved,
        actor,
        target: "g.id",
        details: "'{}'::jsonb",
        from: "removing g",
    }
    .insert(address, request_id);
    let ended = end_sessions_by_sql(actor, "removing", "null", address, request_id);
    format!(
        "removing as materialized (
            update users u set removed_at = now(), active = false, email = u.id::text, password_hash = '',
                totp_enabled = false, totp_secret = null, totp_key = null, last_totp_step = null,
                last_login_at = null, password_expires_at = null, unverified = false, new_email = null, address_mail_id = null
            from removable r where u.id = r.id
            returning u.id
        ), no_quota as (
            delete from quotas q using removing g where q.user_id = g.id
        ), no_codes as (
            delete from backup_codes b using removing g where b.user_id = g.id
        ), no_keys as (
            delete from passkeys p using removing g where p.user_id = g.id
        ), no_mails as (
            delete from mails m using removing g
            where m.user_id = g.id and m.kind in ('{reset}', '{verification}')
        ), told as (
            {told}
        ), no_links as (
            delete from password_resets r using removing g where r.user_id = g.id
        ), logged as (
            {logged}
        ), {ended}",
        reset = Kind::PasswordReset.as_str(),
        verification = Kind::VerifyAddress.as_str(),
    )
}

/// Begins the removal of an account by an administrator.
///
/// # Errors
/// [`Error::OwnAccount`] if the account is the caller's own. [`Error::NotFound`] if there is no such account.
pub async fn begin(db: &Database, admin: User, id: UserId, visit: &Visit) -> Result<()> {
    let (target, removal) = (target_sql(IS_OTHER), begin_sql("$1", "$4", "$5", "null::text"));
    let statement = format!(
        "-- removal::begin
        with {target}, removable as (
            select id from target
        ), {removal}
        select a.standing, g.id as target from admitted a left join removing g on true"
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

/// Begins the removal of the caller's own account, if the account still has this password, and if the code
/// is still right.
///
/// The rows of all administrators are locked before they are counted, in the order of their ids, so that of
/// two last administrators who remove themselves at once, one stays. The row of the backup code is locked, so
/// that a code that another request is using up is refused. A code by time is not recorded as used, because
/// the account that would record it goes.
///
/// # Errors
/// [`Error::InvalidCredentials`] if the account has another password now. [`Error::InvalidCode`] if the code
/// was used before, or if TOTP was changed in the meantime. [`Error::LastAdministrator`].
pub async fn begin_own(
    db: &Database,
    user: User,
    password_hash: &str,
    code: &ProofParams<'_>,
    visit: &Visit,
) -> Result<()> {
    let removal = begin_sql("$1", "$7", "$8", "$7");
    let statement = format!(
        "-- removal::begin_own
        with caller as materialized (
            select id, standing from callers where id = $1 and session_id = $2
        ), administrators as materialized (
            select u.id from caller c, users u
            where c.standing = 'admin' and u.standing <> 'user' and u.role = 'admin' and u.active
                and coalesce(u.password_expires_at > now(), true)
            order by u.id
            for no key update of u
        ), held as materialized (
            select u.id, u.password_hash = $3 as knows_password, u.totp_enabled,
                u.totp_secret = $5 and coalesce(u.last_totp_step, -1) < $4 as has_code,
                c.standing = 'admin' and not exists (
                    select from administrators a where a.id <> u.id
                ) as is_last
            from caller c join users u on u.id = c.id
            where c.standing in ('user', 'admin') and u.active and (select count(*) from administrators) >= 0
            for no key update of u
        ), backup_code as materialized (
            select b.user_id from held h join backup_codes b on b.user_id = h.id
            where b.code_hash = $6 and b.used_at is null
            for update of b
        ), proven as materialized (
            select h.*, h.knows_password and (not h.totp_enabled or coalesce(h.has_code, false)
                or exists (select from backup_code)) as is_proven
            from held h
        ), removable as (
            select id from proven where is_proven and not is_last
        ), {removal}
        select c.standing, p.knows_password, p.is_proven, p.is_last from caller c left join proven p on true"
    );
    let params: Params<'_> = &[
        /* $1 */ &user.id,
        /* $2 */ &user.session,
        /* $3 */ &password_hash,
        /* $4 */ &code.step,
        /* $5 */ &code.secret,
        /* $6 */ &code.backup_code,
        /* $7 */ &visit.address_text(),
        /* $8 */ &visit.request_id,
    ];
    let row = admit_anybody(db.query_opt(Retry::Never, &statement, params).await?)?;
    let Some(knows_password) = row.try_get("knows_password")? else { return Err(Error::Unauthenticated) };
    match (knows_password, row.try_get("is_proven")?, row.try_get("is_last")?) {
        (false, ..) => Err(Error::InvalidCredentials),
        (true, false, _) => Err(Error::InvalidCode),
        (true, true, true) => Err(Error::LastAdministrator),
        (true, true, false) => Ok(()),
    }
}

/// Finds up to `most` accounts whose removal has begun, the oldest removal first.
pub async fn find_begun(db: &Database, most: i64) -> Result<Vec<UserId>> {
    let statement = "-- removal::find_begun
        select id from users where standing <> 'user' and removed_at is not null
        order by removed_at, id limit $1";
    let rows = db.query(Retry::Safe, statement, &[/* $1 */ &most]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Deletes the rows of up to `most` documents of an account that is being removed, and buries their object
/// keys. Returns the number of deleted rows. A row that another statement holds is waited for.
pub async fn bury_documents(db: &Database, id: UserId, most: i64) -> Result<i64> {
    let buried = bury_sql("removed", "$3");
    let statement = format!(
        "-- removal::bury_documents
        with taken as materialized (
            select d.id from documents d
            where d.user_id = $1 and exists (select from users u where u.id = $1 and u.removed_at is not null)
            order by d.created_at, d.id limit $2
            for update
        ), removed as (
            delete from documents d using taken t where d.id = t.id
            returning d.object_key, d.storage_backend, d.user_id, d.url_expires_at
        ), buried as (
            {buried}
        )
        select count(*) from removed"
    );
    let params: Params<'_> =
        &[/* $1 */ &id, /* $2 */ &most, /* $3 */ &SLOWEST_PUT.as_secs_f64()];
    Ok(db.query_one(Retry::Safe, &statement, params).await?.try_get(0)?)
}

/// Deletes up to `most` sessions of an account that is being removed, with their refresh tokens. Returns the
/// number of deleted sessions.
pub async fn remove_sessions(db: &Database, id: UserId, most: i64) -> Result<i64> {
    let statement = "-- removal::remove_sessions
        with taken as (
            select s.id from sessions s join users u on u.id = s.user_id and u.removed_at is not null
            where s.user_id = $1 order by s.created_at, s.id limit $2
        ), removed as (
            delete from sessions s using taken t where s.id = t.id returning 1
        )
        select count(*) from removed";
    let params: Params<'_> = &[/* $1 */ &id, /* $2 */ &most];
    Ok(db.query_one(Retry::Safe, statement, params).await?.try_get(0)?)
}

/// Deletes the row of an account that is being removed, with everything that belongs to it, unless it still
/// has documents, or mails that wait. Returns whether the row was deleted.
pub async fn finish(db: &Database, id: UserId) -> Result<bool> {
    let statement = "-- removal::finish
        with removed as (
            delete from users u
            where u.id = $1 and u.removed_at is not null
                and not exists (select from documents d where d.user_id = u.id)
                and not exists (select from mails m where m.user_id = u.id and m.expires_at > now())
            returning u.id
        ), no_counters as (
            delete from rate_limits l using removed r
            where l.key in ('upload-urls:' || r.id, 'classifications:' || r.id)
        )
        select exists (select from removed)";
    Ok(db.query_one(Retry::Safe, statement, &[/* $1 */ &id]).await?.try_get(0)?)
}
