//! The sweep. It removes abandoned uploads, the objects of tombstones and old sessions, sends nudges for
//! documents that were not classified in time, and deletes counters of attempts that are not needed any more.
//! Nudges come after the removals, so that a queue that is down delays no removal.

use docuvault::db::Database;
use docuvault::deadline::Deadline;
use docuvault::limits::{ABANDONED_AFTER, SWEEP_RESERVE};
use docuvault::queue::{Queue, UnsentNudges};
use docuvault::storage::{Backend, DELETE_BATCH, Stores};
use docuvault::{Error, Result, db};
use serde::Serialize;
use time::OffsetDateTime;

use crate::accounts::remove_accounts;
use crate::log_error;

/// The most documents for which nudges are sent at once.
const NUDGE_BATCH: i64 = 100;

/// The most sessions that are removed at once. Each may have thousands of refresh tokens.
const SESSION_BATCH: i64 = 100;

/// The most browsers that are removed at once.
const DEVICE_BATCH: i64 = 1_000;

/// The most accounts without a confirmed address that are removed at once.
const ACCOUNT_BATCH: i64 = 1_000;

/// The most counters of attempts that are deleted at once.
const COUNTER_BATCH: usize = 10_000;

/// Counts of what a sweep did.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Abandoned uploads that were buried.
    pub abandoned: usize,
    /// Accounts that were removed.
    pub accounts: usize,
    /// Objects that were removed, or that the store did not have.
    pub removed: usize,
    /// Objects that could not be removed. Later sweeps try again.
    pub postponed: usize,
    /// Tombstones that were dropped, because nobody can store their objects again.
    pub settled: usize,
    /// Sessions, browsers and unconfirmed registrations that were removed, because nobody can use them any
    /// more.
    pub expired: usize,
    /// Nudges that were sent.
    pub nudged: usize,
    /// Nudges that the queue did not take. Later sweeps try again.
    pub unsent: usize,
    /// Counters of attempts that were deleted, because nothing is left to count.
    pub forgotten: usize,
    /// Whether the sweep ended at its deadline, with work left.
    pub cut_short: bool,
}

/// Sweeps until there is no more work or the deadline is near, and logs what it did. Two sweeps that run at
/// once divide the work between them.
///
/// # Errors
/// The first error of a part; the other parts are still done. Also an error if the deadline is near from the
/// start, because such a sweep would never do anything.
pub async fn sweep(db: &Database, stores: &Stores, queue: &Queue, deadline: Deadline) -> Result<Report> {
    if deadline.has_passed() {
        let least = SWEEP_RESERVE.as_secs();
        return Err(Error::internal(format!(
            "no time for a sweep: give cleanup a timeout of more than {least} s"
        )));
    }
    let (mut report, mut overdue_s) = (Report::default(), None);
    let abandoned = log_error("abandoned uploads", bury_abandoned(db, deadline, &mut report).await);
    let accounts = log_error("removed accounts", remove_accounts(db, deadline, &mut report).await);
    let buried = remove_buried(db, stores, deadline, &mut report, &mut overdue_s).await;
    let buried = log_error("buried objects", buried);
    let expired = log_error("old sessions", remove_expired(db, deadline, &mut report).await);
    let nudged = log_error("forgotten nudges", nudge(db, queue, deadline, &mut report).await);
    let forgotten = log_error("unused counters", forget_attempts(db, deadline, &mut report).await);
    report.cut_short = deadline.has_passed();
    let parts = [abandoned, accounts, buried, expired, nudged, forgotten];
    report.log(parts.iter().filter(|part| part.is_err()).count(), overdue_s);
    parts.into_iter().collect::<Result<()>>().map(|()| report)
}

impl Report {
    /// Logs the end of the sweep. `overdue_s` is the number of seconds for which the longest overdue
    /// tombstone has been due, or `None` if the sweep does not know.
    fn log(&self, failed_parts: usize, overdue_s: Option<i64>) {
        let Self {
            abandoned,
            accounts,
            removed,
            postponed,
            settled,
            expired,
            nudged,
            unsent,
            forgotten,
            cut_short,
        } = self;
        tracing::info!(
            metric.sweeps = 1,
            metric.failed_parts = failed_parts,
            metric.abandoned_uploads = abandoned,
            metric.removed_accounts = accounts,
            metric.removed_objects = removed,
            metric.postponed_objects = postponed,
            metric.dropped_tombstones = settled,
            metric.sent_nudges = nudged,
            metric.unsent_nudges = unsent,
            metric.deleted_counters = forgotten,
            metric.oldest_tombstone_s = overdue_s,
            removed_sessions = expired,
            cut_short,
            "the sweep has ended"
        );
    }
}

async fn bury_abandoned(db: &Database, deadline: Deadline, report: &mut Report) -> Result<()> {
    while !deadline.has_passed() {
        let abandoned = db::cleanup::bury_abandoned(db, ABANDONED_AFTER, DELETE_BATCH as i64).await?;
        report.abandoned += abandoned;
        if abandoned < DELETE_BATCH {
            break;
        }
    }
    Ok(())
}

/// Removes from each store the objects whose removal is due, and tells for how long the first has been due.
/// If this release does not know a store, its objects are left to a later release. The error that names this
/// store is returned after the other stores are done.
async fn remove_buried(
    db: &Database,
    stores: &Stores,
    deadline: Deadline,
    report: &mut Report,
    overdue_s: &mut Option<i64>,
) -> Result<()> {
    if deadline.has_passed() {
        return Ok(());
    }
    let due = db::cleanup::find_due_backends(db).await?;
    *overdue_s = Some(due.overdue_s);
    let mut result = Ok(());
    for name in due.backends {
        let removed = match name.parse::<Backend>() {
            Ok(backend) => remove_from_store(backend, db, stores, due.now, deadline, report).await,
            Err(error) => Err(Error::internal(error)),
        };
        result = result.and(removed);
    }
    result
}

async fn remove_from_store(
    backend: Backend,
    db: &Database,
    stores: &Stores,
    begun: OffsetDateTime,
    deadline: Deadline,
    report: &mut Report,
) -> Result<()> {
    while !deadline.has_passed() {
        let mut due = db::cleanup::take_due_removals(db, backend, begun, DELETE_BATCH as i64).await?;
        if due.is_empty() {
            break;
        }
        let taken = due.len();
        let keys: Vec<_> = due.iter().map(|due| due.object_key.as_str()).collect();
        let refused = match stores.get(backend).delete_all(&keys).await {
            Ok(refused) => refused,
            Err(error) => {
                tracing::warn!(%error, objects = taken, "the store did not remove objects: they are put off");
                report.postponed += taken;
                // The next request would probably fail, too, and take the time that the nudges need.
                break;
            }
        };
        due.retain(|due| !refused.contains(&due.object_key));
        report.removed += due.len();
        report.postponed += taken - due.len();
        report.settled += db::cleanup::record_removals(db, &due).await?;
    }
    Ok(())
}

/// Removes sessions that are older than their longest life, browsers that were not used for long, and
/// accounts whose address nobody has confirmed in time.
async fn remove_expired(db: &Database, deadline: Deadline, report: &mut Report) -> Result<()> {
    while !deadline.has_passed() {
        let sessions = db::cleanup::remove_sessions(db, SESSION_BATCH).await?;
        let devices = db::cleanup::remove_devices(db, DEVICE_BATCH).await?;
        let accounts = db::cleanup::remove_unverified(db, ACCOUNT_BATCH).await?;
        report.expired += sessions + devices + accounts;
        if sessions < SESSION_BATCH as usize
            && devices < DEVICE_BATCH as usize
            && accounts < ACCOUNT_BATCH as usize
        {
            break;
        }
    }
    Ok(())
}

async fn forget_attempts(db: &Database, deadline: Deadline, report: &mut Report) -> Result<()> {
    while !deadline.has_passed() {
        let deleted = db::limit::delete_unused(db, COUNTER_BATCH as i64).await?;
        report.forgotten += deleted;
        if deleted < COUNTER_BATCH {
            break;
        }
    }
    Ok(())
}

async fn nudge(db: &Database, queue: &Queue, deadline: Deadline, report: &mut Report) -> Result<()> {
    while !deadline.has_passed() {
        let documents = db::cleanup::take_due_nudges(db, NUDGE_BATCH).await?;
        if documents.is_empty() {
            break;
        }
        let UnsentNudges { documents: unsent, failed } = queue.nudge_all(&documents, deadline).await;
        report.nudged += documents.len() - unsent.len();
        report.unsent += unsent.len();
        if !unsent.is_empty() {
            db::cleanup::make_nudges_due(db, &unsent).await?;
        }
        if failed {
            // The next request would probably fail, too.
            break;
        }
    }
    Ok(())
}
