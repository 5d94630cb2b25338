//! Runs the sweep on a schedule: removes abandoned uploads and the objects of deleted documents, and sends
//! nudges for documents that wait for classification. In the time that is left, it audits the ledger and the
//! stores.

mod audit;
mod sweep;

use docuvault::Result;
use docuvault::db::Database;
use docuvault::deadline::Deadline;
use docuvault::function::{self, FromEnv};
use docuvault::limits::SWEEP_RESERVE;
use docuvault::queue::Queue;
use docuvault::storage::Stores;
use lambda_runtime::LambdaEvent;
use serde::Serialize;

pub use audit::{Audit, PageSizes, audit};
pub use sweep::{Report, sweep};

/// The clients of `cleanup`, which removes rows and objects, sends nudges, and lists objects.
#[derive(Clone)]
pub struct Capabilities {
    /// Holds the documents and the tombstones.
    pub db: Database,
    /// The stores, from which objects are removed.
    pub stores: Stores,
    /// The queue to which nudges are sent.
    pub queue: Queue,
}

impl FromEnv for Capabilities {
    async fn from_env() -> std::result::Result<Self, function::Error> {
        Ok(Self {
            stores: Stores::from_env()?,
            queue: Queue::from_env()?,
            db: Database::from_env()?.warm().await,
        })
    }
}

/// The answer to the schedule.
#[derive(Debug, Serialize)]
pub struct Answer {
    /// What the sweep did.
    #[serde(flatten)]
    pub swept: Report,
    /// What the audit compared and found.
    pub audit: Audit,
}

/// Runs one sweep, and then the audit until its time is over. Reports both.
///
/// # Errors
/// A part of the sweep or of the audit failed. The other parts were done.
pub async fn handle(with: &Capabilities, event: LambdaEvent<serde_json::Value>) -> Result<Answer> {
    let deadline = Deadline::new(&event.context, SWEEP_RESERVE);
    let swept = sweep(&with.db, &with.stores, &with.queue, deadline).await;
    let audited = audit(&with.db, &with.stores, deadline, PageSizes::default()).await;
    Ok(Answer { swept: swept?, audit: audited? })
}

/// Logs the error of a part, because the function returns only the first error.
fn log_error(part: &'static str, result: Result<()>) -> Result<()> {
    result.inspect_err(|error| tracing::error!(part, %error, "a part of the sweep failed"))
}
