//! SQL statements for the sweep of sessions, browsers, and registrations that nobody has confirmed.

use super::super::param::Params;
use super::super::{Database, Retry};
use crate::limits::{DEVICE_LIFETIME, VERIFICATION_LIFETIME};
use crate::{Error, Result};

/// Removes up to `most` sessions that have reached the end of their longest life, with their refresh tokens.
/// Sessions that were ended earlier stay until then. Returns the number of removed sessions.
pub async fn remove_sessions(db: &Database, most: i64) -> Result<usize> {
    let statement = "-- cleanup::remove_sessions
        with old as (
            select id from sessions where ends_at < now() order by ends_at limit $1 for update skip locked
        ), removed as (
            delete from sessions s using old where s.id = old.id returning 1
        )
        select count(*) from removed";
    let row = db.query_one(Retry::Safe, statement, &[/* $1 */ &most]).await?;
    usize::try_from(row.try_get::<_, i64>(0)?).map_err(Error::internal)
}

/// Removes up to `most` browsers that were not used for [`DEVICE_LIFETIME`]. Returns the number of removed
/// browsers.
pub async fn remove_devices(db: &Database, most: i64) -> Result<usize> {
    let statement = "-- cleanup::remove_devices
        with old as (
            select token_hash, user_id from devices where last_used_at < now() - make_interval(secs => $2)
            order by last_used_at limit $1 for update skip locked
        ), removed as (
            delete from devices d using old where d.token_hash = old.token_hash and d.user_id = old.user_id
            returning 1
        )
        select count(*) from removed";
    let params: Params<'_> = &[/* $1 */ &most, /* $2 */ &DEVICE_LIFETIME.as_secs_f64()];
    let row = db.query_one(Retry::Safe, statement, params).await?;
    usize::try_from(row.try_get::<_, i64>(0)?).map_err(Error::internal)
}

/// Removes up to `most` accounts whose address nobody has confirmed within [`VERIFICATION_LIFETIME`], so that
/// the address is free. Returns the number of removed accounts.
pub async fn remove_unverified(db: &Database, most: i64) -> Result<usize> {
    let statement = "-- cleanup::remove_unverified
        with old as (
            select id from users where unverified and created_at < now() - make_interval(secs => $2)
            order by created_at limit $1 for update skip locked
        ), removed as (
            delete from users u using old where u.id = old.id returning 1
        )
        select count(*) from removed";
    let params: Params<'_> = &[/* $1 */ &most, /* $2 */ &VERIFICATION_LIFETIME.as_secs_f64()];
    let row = db.query_one(Retry::Safe, statement, params).await?;
    usize::try_from(row.try_get::<_, i64>(0)?).map_err(Error::internal)
}
