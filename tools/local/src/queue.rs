//! The queue and its dead letters. A queue that its server has forgotten is made again, and work goes on.

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
/// As in production: fourteen days, the most that SQS keeps.
const RETENTION_SECONDS: &str = "1209600";

/// A client of one queue.
#[derive(Clone)]
pub struct Queue {
    client: Client,
    address: Address,
    limits: Limits,
}

/// What both queues are made with.
#[derive(Clone, Copy)]
struct Limits {
    visibility_timeout: u64,
    max_receives: u32,
}

impl Queue {
    /// Makes both queues, where they are missing, and connects: to the documents', and to that of its dead letters.
    pub async fn connect(config: &Config) -> Result<(Self, Self)> {
        let client = docuvault::queue::client(&config.aws, Some(&config.sqs_endpoint), TIMEOUTS);
        let limits =
            Limits { visibility_timeout: config.visibility_timeout, max_receives: config.max_receives };
        let (documents, dead_letters) = provision(&client, limits).await?;
        let queue = |address| Self { client: client.clone(), address, limits };
        Ok((queue(documents), queue(dead_letters)))
    }

    /// Where functions send to.
    pub fn url(&self) -> &str {
        &self.address.url
    }

    /// The queue's name in events.
    pub fn arn(&self) -> &str {
        &self.address.arn
    }

    /// Takes a message; only then may its sender forget it.
    pub async fn send(&self, body: &str) -> Result<()> {
        let message = self.client.send_message().queue_url(&self.address.url).message_body(body);
        match message.clone().send().await {
            Err(error) if is_forgotten(&error) => {
                self.make_again().await?;
                message.send().await?;
            }
            answer => {
                answer?;
            }
        }
        Ok(())
    }

    /// Waits for messages, up to ten; none is an answer, too.
    pub async fn receive(&self) -> Result<Vec<Message>> {
        let answer = self
            .client
            .receive_message()
            .queue_url(&self.address.url)
            .max_number_of_messages(10)
            .wait_time_seconds(LONG_POLL.as_secs() as i32)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .send()
            .await;
        match answer {
            Err(error) if is_forgotten(&error) => {
                self.make_again().await?;
                Ok(Vec::new())
            }
            answer => Ok(answer?.messages.unwrap_or_default()),
        }
    }

    /// Removes messages that are done with.
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

    /// Gives messages back at once: nobody has tried them.
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

    async fn make_again(&self) -> Result<()> {
        tracing::warn!("the server has forgotten its queues; making them again");
        provision(&self.client, self.limits).await.map(drop)
    }
}

/// What a queue is called.
#[derive(Clone)]
struct Address {
    url: String,
    arn: String,
}

/// Makes both queues with their attributes, whether they exist or not.
async fn provision(client: &Client, limits: Limits) -> Result<(Address, Address)> {
    let visibility_timeout = (QueueAttributeName::VisibilityTimeout, limits.visibility_timeout.to_string());
    let retention = (QueueAttributeName::MessageRetentionPeriod, RETENTION_SECONDS.into());
    let dead = make(client, DEAD_LETTERS, [retention, visibility_timeout.clone()]).await?;
    let redrive = json!({ "deadLetterTargetArn": dead.arn, "maxReceiveCount": limits.max_receives });
    let redrive = (QueueAttributeName::RedrivePolicy, redrive.to_string());
    Ok((make(client, NAME, [visibility_timeout, redrive]).await?, dead))
}

/// Creation takes no attributes: it would refuse a queue that exists with others.
async fn make<const N: usize>(
    client: &Client,
    name: &str,
    attributes: [(QueueAttributeName, String); N],
) -> Result<Address> {
    let made =
        client.create_queue().queue_name(name).send().await.with_context(|| format!("create {name}"))?;
    let url = made.queue_url.context("a queue without an address")?;
    let attributes = Some(HashMap::from(attributes));
    client.set_queue_attributes().queue_url(&url).set_attributes(attributes).send().await?;
    let arn = arn(client, &url).await?;
    Ok(Address { url, arn })
}

async fn arn(client: &Client, url: &str) -> Result<String> {
    let name = QueueAttributeName::QueueArn;
    let answer = client.get_queue_attributes().queue_url(url).attribute_names(name.clone()).send().await?;
    answer
        .attributes()
        .and_then(|attributes| attributes.get(&name))
        .cloned()
        .context("a queue without an ARN")
}

/// The server was restarted and keeps nothing on disk.
fn is_forgotten<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    error.code().is_some_and(|code| code.ends_with("NonExistentQueue") || code.ends_with("QueueDoesNotExist"))
}
