//! The sweep (D-06, SPEC sections 2.4 to 2.6): abandoned uploads go, buried objects go, forgotten nudges are sent. In this order:
//! the queue, which may be down, holds up nothing.

use docuvault::db::Database;
use docuvault::deadline::Deadline;
use docuvault::limits::ABANDONED_AFTER;
use docuvault::queue::{Queue, Unsent};
use docuvault::storage::{DELETE_BATCH, Storage};
use docuvault::{Result, db};
use serde::Serialize;

/// The most nudges taken at once.
const NUDGES: i64 = 100;

/// What a sweep did.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Pending rows removed.
    pub abandoned: usize,
    /// Objects removed, or found absent.
    pub removed: usize,
    /// Objects that could not be removed now and are put off.
    pub postponed: usize,
    /// Tombstones dropped: their objects can't come back.
    pub settled: usize,
    /// Nudges sent.
    pub nudged: usize,
    /// Nudges that the queue did not take; put off.
    pub unsent: usize,
    /// Whether the deadline came before the end.
    pub cut_short: bool,
}

/// Sweeps until nothing is due or the deadline is near, and logs what was done. Two sweeps at once share the work.
///
/// # Errors
/// The first of its parts': each does what it can, whatever becomes of the others.
pub async fn sweep(db: &Database, storage: &Storage, queue: &Queue, deadline: Deadline) -> Result<Report> {
    let mut report = Report::default();
    let abandoned = logged("abandon", abandon(db, deadline, &mut report).await);
    let buried = logged("bury", bury(db, storage, deadline, &mut report).await);
    let nudged = logged("nudge", nudge(db, queue, deadline, &mut report).await);
    report.cut_short = deadline.is_near();
    tracing::info!(?report, "swept");
    abandoned.and(buried).and(nudged).map(|()| report)
}

/// Only the first error is returned.
fn logged(part: &'static str, done: Result<()>) -> Result<()> {
    done.inspect_err(|error| tracing::error!(part, %error, "a part of the sweep has failed"))
}

async fn abandon(db: &Database, deadline: Deadline, report: &mut Report) -> Result<()> {
    while !deadline.is_near() {
        let abandoned = db::cleanup::abandon(db, ABANDONED_AFTER, DELETE_BATCH as i64).await?;
        report.abandoned += abandoned;
        if abandoned < DELETE_BATCH {
            break;
        }
    }
    Ok(())
}

async fn bury(db: &Database, storage: &Storage, deadline: Deadline, report: &mut Report) -> Result<()> {
    if deadline.is_near() {
        return Ok(());
    }
    let begun = db::cleanup::now(db).await?;
    while !deadline.is_near() {
        let mut due = db::cleanup::take_due(db, begun, DELETE_BATCH as i64).await?;
        if due.is_empty() {
            break;
        }
        let taken = due.len();
        let keys: Vec<_> = due.iter().map(|due| due.object_key.as_str()).collect();
        let refused = match storage.delete_all(&keys).await {
            Ok(refused) => refused,
            Err(error) => {
                // The store is down, or as good as that: waiting for it again would take the time that the nudges need.
                tracing::warn!(%error, objects = taken, "objects put off");
                report.postponed += taken;
                break;
            }
        };
        due.retain(|due| !refused.contains(&due.object_key));
        report.removed += due.len();
        report.postponed += taken - due.len();
        report.settled += db::cleanup::settle(db, &due).await?;
    }
    Ok(())
}

async fn nudge(db: &Database, queue: &Queue, deadline: Deadline, report: &mut Report) -> Result<()> {
    while !deadline.is_near() {
        let documents = db::cleanup::take_unnudged(db, NUDGES).await?;
        if documents.is_empty() {
            break;
        }
        let Unsent { documents: unsent, failed } = queue.nudge_all(&documents).await;
        report.nudged += documents.len() - unsent.len();
        report.unsent += unsent.len();
        if !unsent.is_empty() {
            db::cleanup::give_back_unnudged(db, &unsent).await?;
        }
        if failed {
            // The queue is down, or as good as that: others would only wait for it in vain.
            break;
        }
    }
    Ok(())
}
