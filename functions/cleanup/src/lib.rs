//! Sweeps on a schedule: removes abandoned uploads and buried objects, and sends forgotten nudges (D-06).

mod sweep;

use docuvault::db::Database;
use docuvault::deadline::Deadline;
use docuvault::function::{self, FromEnv};
use docuvault::limits::SWEEP_RESERVE;
use docuvault::queue::Queue;
use docuvault::storage::Stores;
use lambda_runtime::LambdaEvent;
pub use sweep::{Report, sweep};

/// `cleanup` is the sweep: it removes rows and objects, and sends nudges.
#[derive(Clone)]
pub struct Capabilities {
    /// Holds the rows, the tombstones and the ledger.
    pub db: Database,
    /// The stores, from which objects are removed.
    pub stores: Stores,
    /// The queue that takes the nudges.
    pub queue: Queue,
}

impl FromEnv for Capabilities {
    async fn from_env() -> Result<Self, function::Error> {
        Ok(Self {
            stores: Stores::from_env()?,
            queue: Queue::from_env()?,
            db: Database::from_env()?.warm().await,
        })
    }
}

/// Sweeps, and returns what was done.
///
/// # Errors
/// A part of the sweep failed; the others were done.
pub async fn handle(with: &Capabilities, event: LambdaEvent<serde_json::Value>) -> docuvault::Result<Report> {
    let deadline = Deadline::new(&event.context, SWEEP_RESERVE);
    sweep(&with.db, &with.stores, &with.queue, deadline).await
}
