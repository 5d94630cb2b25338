//! The queue that triggers classification. A message is a nudge that names a document; the row is the record.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::config::{BehaviorVersion, Region, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::{QueueAttributeName, SendMessageBatchRequestEntry};

use crate::event::Nudge;
use crate::id::DocumentId;
use crate::{Error, Result, aws, config};

/// The most messages SQS takes in one request.
const BATCH: usize = 10;

/// A client of the one queue.
#[derive(Clone)]
pub struct Queue {
    client: aws_sdk_sqs::Client,
    url: Arc<str>,
}

/// What the queue did not take.
#[derive(Debug, Default)]
pub struct Unsent {
    /// The documents whose nudges it did not take.
    pub documents: Vec<DocumentId>,
    /// Whether a request failed, and not single nudges of it.
    pub failed: bool,
}

impl Queue {
    /// Connects when the first message is sent.
    pub fn new(config: config::Queue) -> Self {
        let mut sdk = aws_sdk_sqs::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(config.aws.region))
            .credentials_provider(config.aws.credentials)
            .http_client(aws::http_client(config.endpoint.as_deref()))
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(1))
                    .operation_attempt_timeout(Duration::from_secs(2))
                    .build(),
            );
        sdk.set_endpoint_url(config.endpoint);
        Self { client: aws_sdk_sqs::Client::from_conf(sdk.build()), url: config.url.into() }
    }

    /// Asks for the classification of a document whose row says that it is owed: a nudge that can't be sent is the sweep's to send.
    pub async fn nudge_or_leave_to_sweep(&self, document: DocumentId) {
        let message = Nudge { document_id: document }.to_body();
        let request = self.client.send_message().queue_url(&*self.url).message_body(message);
        if let Err(error) = request.send().await.map_err(failed) {
            tracing::warn!(%document, %error, "nudge left to the sweep");
        }
    }

    /// Asks for the classification of many, until a request fails. Why is logged.
    pub async fn nudge_all(&self, documents: &[DocumentId]) -> Unsent {
        let mut unsent = Unsent::default();
        for (number, batch) in documents.chunks(BATCH).enumerate() {
            match self.nudge_batch(batch).await {
                Ok(refused) => unsent.documents.extend(refused),
                Err(error) => {
                    tracing::warn!(%error, "nudges put off");
                    unsent.documents.extend(documents.iter().skip(number * BATCH));
                    unsent.failed = true;
                    break;
                }
            }
        }
        unsent
    }

    /// Returns those that the queue refused, each for a reason of its own.
    async fn nudge_batch(&self, documents: &[DocumentId]) -> Result<Vec<DocumentId>> {
        let entries = documents.iter().map(entry).collect::<Result<Vec<_>>>()?;
        let request = self.client.send_message_batch().queue_url(&*self.url).set_entries(Some(entries));
        let answer = request.send().await.map_err(failed)?;
        for refused in answer.failed() {
            tracing::warn!(document = refused.id(), code = refused.code(), "nudge put off");
        }
        let refused =
            |document: &&DocumentId| answer.failed().iter().any(|failed| failed.id() == document.to_string());
        Ok(documents.iter().filter(refused).copied().collect())
    }

    /// Lets a message that was received come back after `delay`, instead of after the queue's visibility timeout. Where that fails it
    /// comes back by the latter; if its document is not yet to be taken up then, the sweep nudges.
    pub async fn postpone(&self, receipt: &str, delay: Duration) {
        let seconds = i32::try_from(delay.as_secs()).unwrap_or(i32::MAX);
        let request = self.client.change_message_visibility().queue_url(&*self.url);
        let request = request.receipt_handle(receipt).visibility_timeout(seconds);
        if let Err(error) = request.send().await.map_err(failed) {
            tracing::warn!(%error, seconds, "message not postponed");
        }
    }

    /// Whether the queue answers.
    pub async fn ping(&self) -> Result<()> {
        self.client
            .get_queue_attributes()
            .queue_url(&*self.url)
            .attribute_names(QueueAttributeName::QueueArn)
            .send()
            .await
            .map_err(failed)?;
        Ok(())
    }
}

fn entry(document: &DocumentId) -> Result<SendMessageBatchRequestEntry> {
    SendMessageBatchRequestEntry::builder()
        .id(document.to_string())
        .message_body(Nudge { document_id: *document }.to_body())
        .build()
        .map_err(|error| Error::Internal(error.to_string()))
}

fn failed<E: ProvideErrorMetadata>(error: SdkError<E>) -> Error {
    Error::Queue(aws::failure(&error))
}
