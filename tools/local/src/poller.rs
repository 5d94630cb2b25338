//! Delivers messages from a queue to `classify`, as Lambda's event source mapping does.
//!
//! A batch has up to ten messages. Those that succeed are deleted. Those that fail become visible again after
//! the visibility timeout, and in the end become dead letters.

use std::collections::HashSet;

use aws_sdk_sqs::types::{Message, MessageAttributeValue};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::backoff::Backoff;
use crate::batch_response::{self, BatchOutcome};
use crate::lambda::{Invocation, Lambda};
use crate::queue::Queue;

/// Polls until the shutdown begins. A batch that is being processed is finished first.
pub async fn run(queue: Queue, lambda: Lambda, shutdown: CancellationToken) {
    let mut backoff = Backoff::new();
    loop {
        let received = tokio::select! {
            biased;
            () = shutdown.cancelled() => return,
            received = queue.receive() => received,
        };
        match received {
            Ok(messages) => {
                backoff = Backoff::new();
                if !messages.is_empty() {
                    deliver(&queue, &lambda, messages, &shutdown).await;
                }
            }
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "cannot receive messages from the queue");
                backoff.pause(&shutdown).await;
            }
        }
    }
}

/// Invokes `classify` with one batch, logs the outcome, and deletes the messages that succeeded.
async fn deliver(queue: &Queue, lambda: &Lambda, messages: Vec<Message>, shutdown: &CancellationToken) {
    let event = build_event(&messages, queue.arn());
    let failed = match lambda.invoke("classify", &event).await {
        Err(error) => return wait_for_functions(queue, lambda, &messages, shutdown, &error).await,
        Ok(Invocation::Failed(reason)) => {
            tracing::warn!(messages = messages.len(), reason, "classify failed on a batch");
            return;
        }
        Ok(Invocation::Returned(answer)) => match batch_response::parse(&answer, &message_ids(&messages)) {
            BatchOutcome::Failed(failed) => failed,
            BatchOutcome::Unreadable => {
                tracing::warn!(messages = messages.len(), "classify gave an invalid answer to a batch");
                return;
            }
        },
    };
    tracing::info!(messages = messages.len(), failed = failed.len(), "classify processed a batch");
    let done: Vec<_> = messages.iter().filter(|message| !failed.contains(message_id(message))).collect();
    if !done.is_empty()
        && let Err(error) = queue.delete(&done).await
    {
        let error = format!("{error:#}");
        tracing::warn!(messages = done.len(), error, "cannot delete messages; they will be delivered again");
    }
}

/// Makes the messages visible again and waits until the emulator answers.
///
/// Nothing is received meanwhile, because each delivery counts towards the limit after which a message is a
/// dead letter.
async fn wait_for_functions(
    queue: &Queue,
    lambda: &Lambda,
    messages: &[Message],
    shutdown: &CancellationToken,
    error: &reqwest::Error,
) {
    tracing::warn!(messages = messages.len(), %error, "cannot reach the functions; the messages are released");
    if let Err(error) = queue.release(messages).await {
        let error = format!("{error:#}");
        tracing::warn!(messages = messages.len(), error, "cannot release messages; they will reappear later");
    }
    let mut backoff = Backoff::new();
    while !shutdown.is_cancelled() && !lambda.is_reachable().await {
        backoff.pause(shutdown).await;
    }
}

fn build_event(messages: &[Message], arn: &str) -> Value {
    let region = arn.split(':').nth(3).unwrap_or_default();
    let records = messages.iter().map(|message| build_record(message, arn, region));
    json!({ "Records": records.collect::<Vec<_>>() })
}

/// Returns a message in the form in which Lambda passes it to a function.
fn build_record(message: &Message, arn: &str, region: &str) -> Value {
    let attributes = message.attributes().into_iter().flatten();
    let attributes: serde_json::Map<_, _> =
        attributes.map(|(name, value)| (name.as_str().to_owned(), json!(value))).collect();
    let own = message.message_attributes().into_iter().flatten();
    let own: serde_json::Map<_, _> =
        own.map(|(name, value)| (name.clone(), build_attribute(value))).collect();
    json!({
        "messageId": message.message_id(),
        "receiptHandle": message.receipt_handle(),
        "body": message.body(),
        "attributes": attributes,
        "messageAttributes": own,
        "md5OfBody": message.md5_of_body(),
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": region,
    })
}

/// Returns an attribute of a message in the form in which Lambda passes it to a function. The vault's
/// messages have texts only.
fn build_attribute(value: &MessageAttributeValue) -> Value {
    json!({
        "stringValue": value.string_value(),
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": value.data_type(),
    })
}

fn message_ids(messages: &[Message]) -> HashSet<String> {
    messages.iter().map(|message| message_id(message).to_owned()).collect()
}

fn message_id(message: &Message) -> &str {
    message.message_id().unwrap_or_default()
}
