//! The part of SQL statements that uses up the code of a [`Proven`], and decides whether it is still right.

use tokio_postgres::Row;

use super::super::factor::ProofParams;
use crate::passkey::Proven;
use crate::{Error, Result};

/// Returns parts of a `with` query that follow that of `holder_sql`. `first` is the number of the parameter
/// with the hash of the password. The five after it are the [`factor_params`]. There is a row in `proven` if
/// the proof is right.
pub(super) fn proven_sql(first: usize) -> String {
    let [hash, step, secret, code, resealed, key] =
        std::array::from_fn(|index| format!("${}", first + index));
    format!(
        "stepped as (
            update users u set last_totp_step = {step},
                totp_secret = coalesce({resealed}, u.totp_secret), totp_key = coalesce({key}, u.totp_key)
            from holder h
            where u.id = h.id and h.totp_enabled and h.password_hash = {hash} and u.totp_secret = {secret}
                and coalesce(u.last_totp_step, -1) < {step}
            returning u.id
        ), spent as (
            update backup_codes b set used_at = now()
            from holder h
            where b.user_id = h.id and b.code_hash = {code} and b.used_at is null
                and h.totp_enabled and h.password_hash = {hash}
            returning b.user_id
        ), proven as materialized (
            select h.id from holder h
            where h.password_hash = {hash}
                and (not h.totp_enabled or exists (select from stepped) or exists (select from spent))
        )"
    )
}

/// The parameters of [`proven_sql`] about the code.
pub(super) fn factor_params(proven: &Proven) -> ProofParams<'_> {
    proven.factor.as_ref().map(ProofParams::new).unwrap_or_default()
}

/// Returns the row of a statement with [`proven_sql`] if the proof was right. The row says so in its columns
/// `knows_password` and `is_proven`.
pub(super) fn read_proven(row: Option<Row>) -> Result<Row> {
    let row = row.ok_or(Error::Unauthenticated)?;
    match (row.try_get("knows_password")?, row.try_get("is_proven")?) {
        (true, true) => Ok(row),
        (true, false) => Err(Error::InvalidCode),
        (false, _) => Err(Error::InvalidCredentials),
    }
}
