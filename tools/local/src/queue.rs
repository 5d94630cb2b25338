//! The document queue and its dead-letter queue. If the server loses them, which moto does at a restart, they
//! are created again.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message,
    MessageSystemAttributeName, QueueAttributeName,
};
use serde_json::json;

use crate::config::{Config, LONG_POLL, TIMEOUTS};

const NAME: &str = "docuvault-documents";
const DEAD_LETTERS: &str = "docuvault-documents-dlq";
/// The time for which a dead letter is kept: 14 days, the longest that SQS allows.
const RETENTION_SECONDS: &str = "1209600";

/// A client of one queue.
#[derive(Clone)]
pub struct Queue {
    client: Client,
    address: QueueAddress,
    limits: Limits,
}

/// The settings with which both queues are created.
#[derive(Clone, Copy)]
struct Limits {
    visibility_timeout: u64,
    max_receives: u32,
}

impl Queue {
    /// Creates both queues if they do not exist. Returns the document queue and the dead-letter queue.
    pub async fn connect(config: &Config) -> Result<(Self, Self)> {
        let client = docuvault::queue::new_client(&config.aws, Some(&config.sqs_endpoint), TIMEOUTS);
        let limits =
            Limits { visibility_timeout: config.visibility_timeout, max_receives: config.max_receives };
        let (documents, dead_letters) = provision(&client, limits).await?;
        let queue = |address| Self { client: client.clone(), address, limits };
        Ok((queue(documents), queue(dead_letters)))
    }

    /// Returns the URL to which functions send messages.
    pub fn url(&self) -> &str {
        &self.address.url
    }

    /// Returns the ARN, which names the queue in events.
    pub fn arn(&self) -> &str {
        &self.address.arn
    }

    /// Sends a message. Once this returns `Ok`, the queue has stored the message.
    pub async fn send(&self, body: &str) -> Result<()> {
        let message = self.client.send_message().queue_url(&self.address.url).message_body(body);
        match message.clone().send().await {
            Err(error) if is_missing_queue(&error) => {
                self.recreate().await?;
                message.send().await?;
            }
            answer => {
                answer?;
            }
        }
        Ok(())
    }

    /// Waits up to 20 s for messages. Returns at most ten, or none.
    pub async fn receive(&self) -> Result<Vec<Message>> {
        let answer = self
            .client
            .receive_message()
            .queue_url(&self.address.url)
            .max_number_of_messages(10)
            .wait_time_seconds(LONG_POLL.as_secs() as i32)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All")
            .send()
            .await;
        match answer {
            Err(error) if is_missing_queue(&error) => {
                self.recreate().await?;
                Ok(Vec::new())
            }
            answer => Ok(answer?.messages.unwrap_or_default()),
        }
    }

    /// Deletes messages.
    pub async fn delete(&self, messages: &[&Message]) -> Result<()> {
        let entries = messages.iter().enumerate().map(|(index, message)| {
            DeleteMessageBatchRequestEntry::builder()
                .id(index.to_string())
                .receipt_handle(message.receipt_handle().unwrap_or_default())
                .build()
        });
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        self.client
            .delete_message_batch()
            .queue_url(&self.address.url)
            .set_entries(Some(entries))
            .send()
            .await?;
        Ok(())
    }

    /// Makes messages visible again at once.
    pub async fn release(&self, messages: &[Message]) -> Result<()> {
        let entries = messages.iter().enumerate().map(|(index, message)| {
            ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(index.to_string())
                .receipt_handle(message.receipt_handle().unwrap_or_default())
                .visibility_timeout(0)
                .build()
        });
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        self.client
            .change_message_visibility_batch()
            .queue_url(&self.address.url)
            .set_entries(Some(entries))
            .send()
            .await?;
        Ok(())
    }

    async fn recreate(&self) -> Result<()> {
        tracing::warn!("the queue server has lost its queues; they are created again");
        provision(&self.client, self.limits).await.map(drop)
    }
}

/// A queue's URL and ARN.
#[derive(Clone)]
struct QueueAddress {
    url: String,
    arn: String,
}

/// Creates both queues if they do not exist, and sets their attributes in either case.
async fn provision(client: &Client, limits: Limits) -> Result<(QueueAddress, QueueAddress)> {
    let visibility_timeout = (QueueAttributeName::VisibilityTimeout, limits.visibility_timeout.to_string());
    let retention = (QueueAttributeName::MessageRetentionPeriod, RETENTION_SECONDS.into());
    let dead_letters = create(client, DEAD_LETTERS, [retention, visibility_timeout.clone()]).await?;
    let redrive = json!({ "deadLetterTargetArn": dead_letters.arn, "maxReceiveCount": limits.max_receives });
    let redrive = (QueueAttributeName::RedrivePolicy, redrive.to_string());
    let documents = create(client, NAME, [visibility_timeout, redrive]).await?;
    Ok((documents, dead_letters))
}

/// Creates a queue without attributes, then sets them: creation fails if a queue with other attributes
/// exists.
async fn create<const N: usize>(
    client: &Client,
    name: &str,
    attributes: [(QueueAttributeName, String); N],
) -> Result<QueueAddress> {
    let created = client.create_queue().queue_name(name).send().await;
    let created = created.with_context(|| format!("cannot create the queue {name}"))?;
    let url = created.queue_url.context("the new queue has no URL")?;
    let attributes = Some(HashMap::from(attributes));
    client.set_queue_attributes().queue_url(&url).set_attributes(attributes).send().await?;
    let arn = fetch_arn(client, &url).await?;
    Ok(QueueAddress { url, arn })
}

async fn fetch_arn(client: &Client, url: &str) -> Result<String> {
    let name = QueueAttributeName::QueueArn;
    let answer = client.get_queue_attributes().queue_url(url).attribute_names(name.clone()).send().await?;
    answer.attributes().and_then(|attributes| attributes.get(&name)).cloned().context("the queue has no ARN")
}

/// Returns whether the server says that the queue does not exist.
fn is_missing_queue<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    error.code().is_some_and(|code| code.ends_with("NonExistentQueue") || code.ends_with("QueueDoesNotExist"))
}
