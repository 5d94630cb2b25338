//! Messages of the queue: put-notifications and nudges. Each succeeds or fails alone (SPEC sections 2.4 and 4).

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use docuvault::batch;
use docuvault::classification::Classifier;
use docuvault::queue::Queue;
use lambda_runtime::LambdaEvent;

/// What this function may use: its rights, in one list.
#[derive(Clone)]
pub struct Capabilities {
    /// The rows, the bytes, the models.
    pub classifier: Classifier,
    /// The postponement of messages.
    pub queue: Queue,
}

/// Answers with exactly the messages that must be delivered again.
pub async fn handle(with: &Capabilities, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
    let longest = with.classifier.longest();
    batch::each(event, &with.queue, longest, async |message| Box::pin(with.classifier.handle(message)).await)
        .await
}
