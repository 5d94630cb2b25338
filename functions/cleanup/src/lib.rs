//! The schedule: removes abandoned uploads and buried objects, sends forgotten nudges (D-06).

use std::time::Duration;

use docuvault::cleanup::{self, Report};
use docuvault::db::Database;
use docuvault::deadline::Deadline;
use docuvault::queue::Queue;
use docuvault::storage::Storage;
use lambda_runtime::LambdaEvent;

/// Kept back for the batch that is under way and for the answer.
const RESERVE: Duration = Duration::from_secs(10);

/// What this function may use: its rights, in one list.
#[derive(Clone)]
pub struct Capabilities {
    /// The rows.
    pub db: Database,
    /// The objects.
    pub storage: Storage,
    /// The nudges.
    pub queue: Queue,
}

/// Sweeps, and answers with what was done.
pub async fn handle(with: &Capabilities, event: LambdaEvent<serde_json::Value>) -> docuvault::Result<Report> {
    let deadline = Deadline::of(&event.context, RESERVE);
    cleanup::sweep(&with.db, &with.storage, &with.queue, deadline).await
}
