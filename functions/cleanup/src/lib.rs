//! Runs the sweep on a schedule: removes abandoned uploads, deleted accounts and the objects of deleted
//! documents, and sends nudges for documents that wait for classification. In the time that is left, it
//! audits the ledger and the stores. An operator can have it repair what the audit finds.

mod accounts;
mod audit;
mod event;
mod repair;
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
pub use event::Event;
pub use repair::{Order, Orphans, Outcome, Position, Repaired, repair};
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

/// The answer to an event.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// The answer to the schedule.
    Swept {
        /// What the sweep did.
        #[serde(flatten)]
        swept: Report,
        /// What the audit compared and found.
        audit: Audit,
    },
    /// The answer to an operator.
    Repaired(Box<Outcome>),
}

/// Runs one sweep, and then the audit until its time is over; or a repair, if an operator asks for one.
///
/// # Errors
/// A part of the sweep or of the audit failed. The other parts were done. Or the repair failed.
pub async fn handle(with: &Capabilities, event: LambdaEvent<Event>) -> Result<Answer> {
    let deadline = Deadline::new(&event.context, SWEEP_RESERVE);
    match event.payload {
        Event::Sweep => {
            let swept = sweep(&with.db, &with.stores, &with.queue, deadline).await;
            let audit = audit(&with.db, &with.stores, deadline, PageSizes::default()).await;
            Ok(Answer::Swept { swept: swept?, audit: audit? })
        }
        Event::Repair(order) => {
            let outcome = repair(with, &order, &event.context.request_id, deadline).await?;
            Ok(Answer::Repaired(Box::new(outcome)))
        }
    }
}

/// Logs the error of a part, because the function returns only the first error.
fn log_error(part: &'static str, result: Result<()>) -> Result<()> {
    result.inspect_err(|error| tracing::error!(part, %error, "a part of cleanup failed"))
}
