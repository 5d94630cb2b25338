//! A batch of queue messages: each succeeds or fails alone, and exactly the failed ones are named. One that is put off comes back
//! when its time has come: nobody sleeps, and nothing waits behind it.

use std::time::Duration;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use lambda_runtime::LambdaEvent;

use crate::deadline::Deadline;
use crate::queue::Queue;
use crate::{Error, Result};

/// Kept back for the answer.
const RESERVE: Duration = Duration::from_secs(5);

/// Handles each message by itself. What fails, or is not reached before the deadline, is left in the queue.
pub async fn each<F>(event: LambdaEvent<SqsEvent>, queue: &Queue, handle: F) -> SqsBatchResponse
where
    F: AsyncFn(&SqsMessage) -> Result<()>,
{
    let deadline = Deadline::of(&event.context, RESERVE);
    let mut response = SqsBatchResponse::default();
    for message in event.payload.records {
        if deadline.is_near() {
            fail(&mut response, message);
        } else if let Err(error) = handle(&message).await {
            tracing::warn!(message = message.message_id, %error, "left in the queue");
            if let (Error::PutOff { delay, .. }, Some(receipt)) = (&error, &message.receipt_handle) {
                queue.postpone(receipt, *delay).await;
            }
            fail(&mut response, message);
        }
    }
    response
}

fn fail(response: &mut SqsBatchResponse, message: SqsMessage) {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = message.message_id.unwrap_or_default();
    response.batch_item_failures.push(failure);
}
