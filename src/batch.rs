//! A batch of queue messages: each succeeds or fails alone, and exactly the failed ones are named.

use std::time::Duration;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use lambda_runtime::LambdaEvent;

use crate::Result;
use crate::deadline::Deadline;

/// Kept back for the answer.
const RESERVE: Duration = Duration::from_secs(5);

/// Handles each message by itself. What fails, or is not reached before the deadline, is left in the queue.
pub async fn each<F>(event: LambdaEvent<SqsEvent>, handle: F) -> SqsBatchResponse
where
    F: AsyncFn(&str) -> Result<()>,
{
    let deadline = Deadline::of(&event.context, RESERVE);
    let mut response = SqsBatchResponse::default();
    for message in event.payload.records {
        let id = message.message_id.unwrap_or_default();
        if deadline.is_near() {
            fail(&mut response, id);
        } else if let Err(error) = handle(message.body.as_deref().unwrap_or_default()).await {
            tracing::warn!(message = id, %error, "left in the queue");
            fail(&mut response, id);
        }
    }
    response
}

fn fail(response: &mut SqsBatchResponse, id: String) {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = id;
    response.batch_item_failures.push(failure);
}
