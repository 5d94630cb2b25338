//! Handles a batch of queue messages. Each message succeeds or fails by itself, and the response names
//! exactly the failed ones. A failed message stays hidden in the queue until another attempt makes sense. So
//! no invocation sleeps, and a message that has to wait delays no other message.

use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use docuvault::deadline::Deadline;
use docuvault::limits::{CLOCK_SKEW, REDELIVERY_DELAY};
use docuvault::queue::Queue;
use docuvault::trace::{TRACEPARENT, Trace};
use docuvault::{Error, Result};
use lambda_runtime::LambdaEvent;

/// Handles each message by itself, in the trace of its sender. `max_message_time` is the time that one
/// message can take at most. A message stays in the queue if it fails, or if less time than that is left
/// before the deadline.
pub async fn handle<F>(
    event: LambdaEvent<SqsEvent>,
    queue: &Queue,
    max_message_time: Duration,
    handle_message: F,
) -> SqsBatchResponse
where
    F: AsyncFn(&SqsMessage) -> Result<()>,
{
    let deadline = Deadline::new(&event.context, max_message_time);
    let mut response = SqsBatchResponse::default();
    for message in event.payload.records {
        let work = async {
            let delay = if deadline.has_passed() {
                Some(Duration::ZERO)
            } else {
                handle_message(&message).await.err().map(|error| log_failure(&error, &message))
            };
            if let Some(delay) = delay {
                keep_in_queue(&mut response, queue, &message, delay).await;
            }
        };
        read_trace(&message).scope(work).await;
    }
    response
}

/// Returns the trace that the message names, or that of the invocation. Only nudges name one.
fn read_trace(message: &SqsMessage) -> Trace {
    let attribute = message.message_attributes.get(TRACEPARENT);
    Trace::continue_from(attribute.and_then(|attribute| attribute.string_value.as_deref()))
}

/// Logs the error of a message. Returns how long the message stays hidden before its next delivery.
fn log_failure(error: &Error, message: &SqsMessage) -> Duration {
    let delay = if let Error::PutOff { delay, .. } = error { *delay + CLOCK_SKEW } else { REDELIVERY_DELAY };
    let (message_id, delay_s) = (&message.message_id, delay.as_secs());
    tracing::warn!(message_id, %error, delay_s, "a message failed and stays in the queue");
    delay
}

/// Leaves a message in the queue, hidden for `delay`.
async fn keep_in_queue(
    response: &mut SqsBatchResponse,
    queue: &Queue,
    message: &SqsMessage,
    delay: Duration,
) {
    if let Some(receipt) = &message.receipt_handle {
        queue.postpone(receipt, delay).await;
    }
    response.add_failure(message.message_id.clone().unwrap_or_default());
}
