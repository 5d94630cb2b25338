//! The queue to `classify`, as Lambda's event source mapping does it: batches up to ten; what succeeded is deleted, what
//! failed reappears when its visibility timeout is over, and becomes a dead letter at last.

use std::collections::HashSet;

use aws_sdk_sqs::types::Message;
use serde_json::{Value, json};

use crate::backoff::Backoff;
use crate::lambda::{Answer, Lambda};
use crate::queue::Queue;
use crate::response::{self, Outcome};
use crate::stop::Stop;

/// Works until it is stopped; a batch in hand is finished.
pub async fn run(queue: Queue, lambda: Lambda, stop: Stop) {
    let mut backoff = Backoff::new();
    loop {
        let received = tokio::select! {
            biased;
            () = stop.asked() => return,
            received = queue.receive() => received,
        };
        match received {
            Ok(messages) => {
                backoff = Backoff::new();
                if !messages.is_empty() {
                    deliver(&queue, &lambda, messages, &stop).await;
                }
            }
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "the queue does not answer");
                backoff.pause(&stop).await;
            }
        }
    }
}

/// One batch, one call, one log line.
async fn deliver(queue: &Queue, lambda: &Lambda, messages: Vec<Message>, stop: &Stop) {
    let event = event(&messages, queue.arn());
    let failed = match lambda.invoke("classify", &event).await {
        Err(error) => return wait_for_functions(queue, lambda, &messages, stop, &error).await,
        Ok(Answer::Failed(reason)) => {
            tracing::warn!(messages = messages.len(), reason, "the batch failed");
            return;
        }
        Ok(Answer::Returned(answer)) => match response::read(&answer, &identifiers(&messages)) {
            Outcome::Failed(failed) => failed,
            Outcome::Unreadable => {
                tracing::warn!(
                    messages = messages.len(),
                    "the batch failed: its answer is no list of failures"
                );
                return;
            }
        },
    };
    tracing::info!(messages = messages.len(), failed = failed.len(), "batch");
    let done: Vec<_> = messages.iter().filter(|message| !failed.contains(identifier(message))).collect();
    if !done.is_empty()
        && let Err(error) = queue.delete(&done).await
    {
        tracing::warn!(
            error = format!("{error:#}"),
            "the queue does not answer; the messages will come again"
        );
    }
}

/// While no function can be reached nothing is received: each time would count against the messages.
async fn wait_for_functions(
    queue: &Queue,
    lambda: &Lambda,
    messages: &[Message],
    stop: &Stop,
    error: &reqwest::Error,
) {
    tracing::warn!(messages = messages.len(), %error, "functions can't be reached; the messages are given back");
    if let Err(error) = queue.release(messages).await {
        tracing::warn!(
            error = format!("{error:#}"),
            "the queue does not answer; the messages will come again"
        );
    }
    let mut backoff = Backoff::new();
    while !stop.is_asked() && !lambda.is_reachable().await {
        backoff.pause(stop).await;
    }
}

fn event(messages: &[Message], arn: &str) -> Value {
    let region = arn.split(':').nth(3).unwrap_or_default();
    let records = messages.iter().map(|message| record(message, arn, region));
    json!({ "Records": records.collect::<Vec<_>>() })
}

/// A message as Lambda passes it on.
fn record(message: &Message, arn: &str, region: &str) -> Value {
    let attributes = message.attributes().into_iter().flatten();
    json!({
        "messageId": message.message_id(),
        "receiptHandle": message.receipt_handle(),
        "body": message.body(),
        "attributes": attributes.map(|(name, value)| (name.as_str().to_owned(), json!(value))).collect::<serde_json::Map<_, _>>(),
        "messageAttributes": {},
        "md5OfBody": message.md5_of_body(),
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": region,
    })
}

fn identifiers(messages: &[Message]) -> HashSet<String> {
    messages.iter().map(|message| identifier(message).to_owned()).collect()
}

fn identifier(message: &Message) -> &str {
    message.message_id().unwrap_or_default()
}
