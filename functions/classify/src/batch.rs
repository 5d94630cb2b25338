//! A batch of queue messages. Each message succeeds or fails alone, and the response names exactly the failed
//! ones. A failed message comes back when another attempt makes sense: no invocation sleeps, and no message
//! waits behind another.

use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use docuvault::deadline::Deadline;
use docuvault::limits::{CLOCK_SKEW, REDELIVERY_DELAY};
use docuvault::queue::Queue;
use docuvault::{Error, Result};
use lambda_runtime::LambdaEvent;

/// Handles each message by itself; one takes `longest` at most. Messages that fail, or that the deadline
/// leaves no time for, stay in the queue.
pub async fn handle<F>(
    event: LambdaEvent<SqsEvent>,
    queue: &Queue,
    longest: Duration,
    handle_message: F,
) -> SqsBatchResponse
where
    F: AsyncFn(&SqsMessage) -> Result<()>,
{
    let deadline = Deadline::new(&event.context, longest);
    let mut response = SqsBatchResponse::default();
    for message in event.payload.records {
        let delay = if deadline.is_near() {
            Some(Duration::ZERO)
        } else {
            handle_message(&message).await.err().map(|error| delay_after(&error, &message))
        };
        if let Some(delay) = delay {
            keep(&mut response, queue, message, delay).await;
        }
    }
    response
}

/// When a message comes back after this error.
fn delay_after(error: &Error, message: &SqsMessage) -> Duration {
    let delay = if let Error::PutOff { delay, .. } = error { *delay + CLOCK_SKEW } else { REDELIVERY_DELAY };
    let (message_id, delay_s) = (&message.message_id, delay.as_secs());
    tracing::warn!(message_id, %error, delay_s, "a message failed and stays in the queue");
    delay
}

/// Leaves a message in the queue, hidden for `delay`.
async fn keep(response: &mut SqsBatchResponse, queue: &Queue, message: SqsMessage, delay: Duration) {
    if let Some(receipt) = &message.receipt_handle {
        queue.postpone(receipt, delay).await;
    }
    response.add_failure(message.message_id.unwrap_or_default());
}
