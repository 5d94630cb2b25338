//! SQL statements that the caller has confirmed with the password and a code.

use tokio_postgres::Row;

use super::super::limit::Restored;
use super::super::mail::tell_sql;
use super::super::param::Params;
use super::super::{Database, Retry};
use super::{ProofParams, entry, give_back_sql, holder_sql};
use crate::audit_log::Action;
use crate::auth::User;
use crate::config::RequireFactor;
use crate::factor::Confirmed;
use crate::mail::Kind;
use crate::visit::Visit;
use crate::{Error, Result};

/// Uses up the code of the proof, removes the account's TOTP secret and backup codes, and tells the owner by
/// mail. If the account must have a second factor, its sessions owe one then, except those that belong to a
/// passkey.
///
/// # Errors
/// [`Error::InvalidCode`] if the code was used before, or if the password or the factor was changed in the
/// meantime.
pub async fn disable(
    db: &Database,
    user: User,
    visit: &Visit,
    confirmed: &Confirmed,
    required: RequireFactor,
) -> Result<()> {
    let attempt = &confirmed.attempt;
    let holder = holder_sql("$1", "$2");
    let (restored, given_back) = (Restored::by(attempt), give_back_sql(attempt, "disabled", "$10", "$11"));
    let entry = entry(Action::FactorDisabled, "disabled e").insert("$8", "$9");
    let told = tell_sql(Kind::FactorDisabled, "disabled", "$8");
    let statement = format!(
        "-- factor::disable
        with {holder}, {SPENT_CODE}, disabled as (
            update users u
            set totp_enabled = false, totp_secret = null, totp_key = null, last_totp_step = null
            from holder h
            where u.id = h.id and u.totp_enabled and u.password_hash = $3
                and (exists (select from spent) or u.totp_secret = $5 and coalesce(u.last_totp_step, -1) < $4)
            returning u.id, u.email, u.role
        ), removed as materialized (
            select replace_backup_codes(d.id, '{{}}') from disabled d
        ), owing as materialized (
            select owe_factor(d.id) from disabled d where d.role = any ($7)
        ), entry as ({entry}), told as ({told}), {given_back}
        select g.done from holder cross join given_back g left join removed on true left join owing on true"
    );
    let proof = ProofParams::new(&confirmed.proof);
    let params: Params<'_> = &[
        /* $1 */ &user.id,
        /* $2 */ &user.session,
        /* $3 */ &confirmed.password_hash,
        /* $4 */ &proof.step,
        /* $5 */ &proof.secret,
        /* $6 */ &proof.backup_code,
        /* $7 */ &required.roles(),
        /* $8 */ &visit.address_text(),
        /* $9 */ &visit.request_id,
        /* $10 */ &restored.whole,
        /* $11 */ &restored.one,
    ];
    read_done(db.query_opt(Retry::Never, &statement, params).await?)
}

/// Uses up the code of the proof, and replaces the account's backup codes by those with these hashes. Tells
/// the owner by mail.
///
/// # Errors
/// As [`disable`].
pub async fn renew(
    db: &Database,
    user: User,
    visit: &Visit,
    confirmed: &Confirmed,
    backup_codes: &[Vec<u8>],
) -> Result<()> {
    let attempt = &confirmed.attempt;
    let holder = holder_sql("$1", "$2");
    let (restored, given_back) = (Restored::by(attempt), give_back_sql(attempt, "proven", "$12", "$13"));
    let entry = entry(Action::BackupCodesRenewed, "proven e").insert("$10", "$11");
    let told = tell_sql(Kind::BackupCodesRenewed, "proven", "$10");
    let statement = format!(
        "-- factor::renew
        with {holder}, {SPENT_CODE}, stepped as (
            update users u set last_totp_step = $4,
                totp_secret = coalesce($7, u.totp_secret), totp_key = coalesce($8, u.totp_key)
            from holder h
            where u.id = h.id and u.totp_secret = $5 and coalesce(u.last_totp_step, -1) < $4
                and u.totp_enabled and u.password_hash = $3
            returning u.id, u.email
        ), proven as (
            select s.id, s.email from stepped s
            union all
            select h.id, h.email from spent s join holder h on h.id = s.id where h.totp_enabled and h.password_hash = $3
        ), replaced as materialized (
            select replace_backup_codes(p.id, $9) from proven p
        ), entry as ({entry}), told as ({told}), {given_back}
        select g.done from holder cross join given_back g left join replaced on true"
    );
    let proof = ProofParams::new(&confirmed.proof);
    let params: Params<'_> = &[
        /* $1 */ &user.id,
        /* $2 */ &user.session,
        /* $3 */ &confirmed.password_hash,
        /* $4 */ &proof.step,
        /* $5 */ &proof.secret,
        /* $6 */ &proof.backup_code,
        /* $7 */ &proof.resealed,
        /* $8 */ &proof.resealed_key,
        /* $9 */ &backup_codes,
        /* $10 */ &visit.address_text(),
        /* $11 */ &visit.request_id,
        /* $12 */ &restored.whole,
        /* $13 */ &restored.one,
    ];
    read_done(db.query_opt(Retry::Never, &statement, params).await?)
}

/// The unused backup code with the hash `$6`, whose row it locks. The rest of the statement deletes it.
const SPENT_CODE: &str = "spent as (
        select b.user_id as id
        from backup_codes b join holder h on h.id = b.user_id
        where b.code_hash = $6 and b.used_at is null
        for update of b
    )";

/// Reads whether the code was accepted.
fn read_done(row: Option<Row>) -> Result<()> {
    let done = row.ok_or(Error::Unauthenticated)?.try_get("done")?;
    if done { Ok(()) } else { Err(Error::InvalidCode) }
}
