//! The parts of SQL statements that count attempts. A statement that reads what an action needs counts the
//! attempt, too, so that this takes no round trip of its own. The functions are those of migration 0014.

use std::fmt::Display;

use tokio_postgres::Row;

use super::param::Params;
use super::{Database, Retry, read_time_until};
use crate::limit::{Allowance, Attempt, Per};
use crate::{Error, Result};

/// Returns an SQL expression that uses the attempt's allowances. It is null if the attempt is admitted, or
/// the time at which the next one will be. `names` is the number of the parameter with the names, such as
/// `$3`.
///
/// The expression must be in a part of the statement that is evaluated once (`as materialized`). The
/// statement selects it as `until`, and `now()` as `now`, for [`admit`].
pub(super) fn use_sql(attempt: &Attempt, names: &str) -> String {
    let list = |number: fn(&Allowance) -> u64| join(attempt.allowances.iter().map(number));
    let bursts = list(|one| u64::from(one.burst));
    let (pauses, refills) = (list(|one| one.pause.as_secs()), list(|one| one.refill.as_secs()));
    format!("use_allowances({names}, '{{{bursts}}}', '{{{pauses}}}', '{{{refills}}}')")
}

/// What an attempt gives back because it has succeeded: parameters for [`restore_sql`].
pub(super) struct Restored<'a> {
    /// The names of allowances that are given back altogether: all but that of the address.
    pub whole: Vec<&'a str>,
    /// The name of the address's allowance. It gets one attempt back, so that nobody can use logins to an
    /// account of their own to get more attempts at others.
    pub one: Option<&'a str>,
}

impl<'a> Restored<'a> {
    pub(super) fn by(attempt: &'a Attempt) -> Self {
        Self {
            whole: attempt.names_per(&[
                Per::Account,
                Per::AccountOverDays,
                Per::AccountAtAddress,
                Per::DeviceOfAccount,
            ]),
            one: attempt.names_per(&[Per::Address]).first().copied(),
        }
    }
}

/// Returns an SQL expression that gives back what an attempt has used. `whole` and `one` are the numbers of
/// parameters, as in [`Restored`]. The statement must read the part that contains the expression: Postgres
/// evaluates no other part that only selects.
pub(super) fn restore_sql(attempt: &Attempt, whole: &str, one: &str) -> String {
    let refill =
        attempt.allowances.iter().find(|one| one.per == Per::Address).map(|one| one.refill.as_secs());
    format!("restore_allowances({whole}, {one}, {})", refill.unwrap_or_default())
}

/// Refuses an attempt that was not admitted.
///
/// # Errors
/// [`Error::TooManyAttempts`].
pub(super) fn admit(row: &Row) -> Result<()> {
    match read_time_until(row, "until")? {
        None => Ok(()),
        Some(retry_after) => Err(Error::TooManyAttempts { retry_after }),
    }
}

/// Uses the attempt's allowances in a statement of its own. It is for actions that send no other statement
/// before their expensive part.
///
/// # Errors
/// [`Error::TooManyAttempts`].
pub async fn use_allowances(db: &Database, attempt: &Attempt) -> Result<()> {
    let until = use_sql(attempt, "$1");
    let statement = format!("-- limit::use_allowances\nselect now() as now, {until} as until");
    admit(&db.query_one(Retry::Safe, &statement, &[/* $1 */ &attempt.names]).await?)
}

/// Gives back what an attempt has used, because it has succeeded, though nothing else came of it.
pub async fn give_back(db: &Database, attempt: &Attempt) -> Result<()> {
    let restored = Restored::by(attempt);
    let statement = format!("-- limit::give_back\nselect {}", restore_sql(attempt, "$1", "$2"));
    let params: Params<'_> = &[/* $1 */ &restored.whole, /* $2 */ &restored.one];
    db.query(Retry::Never, &statement, params).await.map(drop)
}

/// Deletes up to `most` allowances that are unused, and up to `most` ended windows of `rate_limits`. Returns
/// the number of deleted rows.
pub async fn delete_unused(db: &Database, most: i64) -> Result<usize> {
    let statement = "-- limit::delete_unused
        with unused as (
            delete from allowances where key = any(array(
                select key from allowances where full_at < now() limit $1 for update skip locked
            )) returning 1
        ), ended as (
            delete from rate_limits where key = any(array(
                select key from rate_limits where window_ends_at < now() limit $1 for update skip locked
            )) returning 1
        )
        select (select count(*) from unused) + (select count(*) from ended)";
    let row = db.query_one(Retry::Safe, statement, &[/* $1 */ &most]).await?;
    usize::try_from(row.try_get::<_, i64>(0)?).map_err(Error::internal)
}

fn join(numbers: impl Iterator<Item = impl Display>) -> String {
    numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(",")
}
