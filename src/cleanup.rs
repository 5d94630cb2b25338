//! The sweep (D-06, SPEC sections 2.4 to 2.6): abandoned uploads go, buried objects go, forgotten nudges are sent.

use serde::Serialize;
use time::OffsetDateTime;

use crate::db::Database;
use crate::deadline::Deadline;
use crate::queue::Queue;
use crate::storage::{DELETE_BATCH, Storage};
use crate::{Result, db};

/// An upload is abandoned after an hour, in seconds.
const ABANDONED_AFTER: f64 = 3_600.0;

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

/// Sweeps until nothing is due or the deadline is near. Two sweeps at once share the work.
pub async fn sweep(db: &Database, storage: &Storage, queue: &Queue, deadline: Deadline) -> Result<Report> {
    let mut report = Report::default();
    if let Some(begun) = abandon(db, deadline, &mut report).await? {
        nudge(db, queue, deadline, &mut report).await?;
        bury(db, storage, begun, deadline, &mut report).await?;
    }
    report.cut_short = deadline.is_near();
    Ok(report)
}

/// Answers when it was done, by the database's clock.
async fn abandon(db: &Database, deadline: Deadline, report: &mut Report) -> Result<Option<OffsetDateTime>> {
    let mut done = None;
    while !deadline.is_near() {
        let (abandoned, at) = db::cleanup::abandon(db, ABANDONED_AFTER, DELETE_BATCH as i64).await?;
        report.abandoned += abandoned;
        done = Some(at);
        if abandoned < DELETE_BATCH {
            break;
        }
    }
    Ok(done)
}

async fn bury(
    db: &Database,
    storage: &Storage,
    begun: OffsetDateTime,
    deadline: Deadline,
    report: &mut Report,
) -> Result<()> {
    while !deadline.is_near() {
        let mut due = db::cleanup::take_due(db, begun, DELETE_BATCH as i64).await?;
        if due.is_empty() {
            break;
        }
        let taken = due.len();
        let keys: Vec<_> = due.iter().map(|due| due.object_key.as_str()).collect();
        match storage.delete_all(&keys).await {
            Ok(refused) => due.retain(|due| !refused.contains(&due.object_key)),
            Err(error) => {
                tracing::warn!(%error, objects = taken, "objects put off");
                due.clear();
            }
        }
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
        let sent = queue.nudge_all(&documents).await;
        report.nudged += sent;
        report.unsent += documents.len() - sent;
    }
    Ok(())
}
