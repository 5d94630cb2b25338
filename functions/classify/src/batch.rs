//! A batch of queue messages: each succeeds or fails alone, and exactly the failed ones are named. A failed one comes back when its
//! time has come: nobody sleeps, and nothing waits behind it.

use std::time::Duration;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use docuvault::deadline::Deadline;
use docuvault::limits::REDELIVERY_DELAY;
use docuvault::queue::Queue;
use docuvault::{Error, Result};
use lambda_runtime::LambdaEvent;

/// Handles each message by itself, `longest` at most. What fails, or could not be done before the deadline, is left in the queue.
pub async fn each<F>(
    event: LambdaEvent<SqsEvent>,
    queue: &Queue,
    longest: Duration,
    handle: F,
) -> SqsBatchResponse
where
    F: AsyncFn(&SqsMessage) -> Result<()>,
{
    let deadline = Deadline::of(&event.context, longest);
    let mut response = SqsBatchResponse::default();
    for message in event.payload.records {
        let returns = if deadline.is_near() { Some(Duration::ZERO) } else { failed(&handle, &message).await };
        if let Some(delay) = returns {
            leave(&mut response, queue, message, delay).await;
        }
    }
    response
}

/// When the message is to come back, if its handling failed.
async fn failed<F>(handle: &F, message: &SqsMessage) -> Option<Duration>
where
    F: AsyncFn(&SqsMessage) -> Result<()>,
{
    let error = handle(message).await.err()?;
    tracing::warn!(message = message.message_id, %error, "left in the queue");
    // A second for clocks that differ: what comes too early is acknowledged.
    Some(if let Error::PutOff { delay, .. } = error {
        delay + Duration::from_secs(1)
    } else {
        REDELIVERY_DELAY
    })
}

async fn leave(response: &mut SqsBatchResponse, queue: &Queue, message: SqsMessage, delay: Duration) {
    if let Some(receipt) = &message.receipt_handle {
        queue.postpone(receipt, delay).await;
    }
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = message.message_id.unwrap_or_default();
    response.batch_item_failures.push(failure);
}
