//! Messages of the queue: put-notifications and nudges. Each succeeds or fails alone (SPEC sections 2.4 and 4).

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use docuvault::db::Database;
use docuvault::storage::Storage;
use docuvault::{batch, classification, config};
use lambda_runtime::LambdaEvent;

/// What this function may use: its rights, in one list.
#[derive(Clone)]
pub struct Capabilities {
    /// The rows.
    pub db: Database,
    /// The bytes, and the removal of orphans.
    pub storage: Storage,
    /// How to classify.
    pub config: config::Classification,
}

/// Answers with exactly the messages that must be delivered again.
pub async fn handle(with: &Capabilities, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
    batch::each(event, async |body| {
        Box::pin(classification::handle(&with.db, &with.storage, &with.config, body)).await
    })
    .await
}
