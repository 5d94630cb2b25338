//! Runs the sweep on a schedule: removes abandoned uploads and the objects of deleted documents, and sends
//! nudges for documents that wait for classification.

mod sweep;

use docuvault::db::Database;
use docuvault::deadline::Deadline;
use docuvault::function::{self, FromEnv};
use docuvault::limits::SWEEP_RESERVE;
use docuvault::queue::Queue;
use docuvault::storage::Stores;
use lambda_runtime::LambdaEvent;
pub use sweep::{Report, sweep};

/// The clients of `cleanup`, which removes rows and objects and sends nudges.
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
    async fn from_env() -> Result<Self, function::Error> {
        Ok(Self {
            stores: Stores::from_env()?,
            queue: Queue::from_env()?,
            db: Database::from_env()?.warm().await,
        })
    }
}

/// Runs one sweep, and reports what it did.
///
/// # Errors
/// A part of the sweep failed. The other parts were done.
pub async fn handle(with: &Capabilities, event: LambdaEvent<serde_json::Value>) -> docuvault::Result<Report> {
    let deadline = Deadline::new(&event.context, SWEEP_RESERVE);
    sweep(&with.db, &with.stores, &with.queue, deadline).await
}
