//! The queue that triggers classification. A message is a nudge that names a document; the row is the record.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{QueueAttributeName, SendMessageBatchRequestEntry};
use serde::Deserialize;

use crate::aws::{self, ServiceError};
use crate::config::ConfigError;
use crate::deadline::Deadline;
use crate::id::DocumentId;
use crate::limits::sdk::{QUEUE, Timeouts};
use crate::{Error, Result, config};

/// The most messages that SQS takes in one request.
const MAX_BATCH: usize = 10;

/// Our own message: classify this document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Nudge {
    /// The document. Its row says the rest.
    pub document_id: DocumentId,
}

impl Nudge {
    /// The message's body.
    pub fn to_body(self) -> String {
        format!(r#"{{"document_id":"{}"}}"#, self.document_id)
    }
}

/// A client of the one queue.
#[derive(Clone)]
pub struct Queue {
    client: Client,
    url: Arc<str>,
}

/// The nudges that the queue did not take.
#[derive(Debug, Default)]
pub struct UnsentNudges {
    /// Their documents.
    pub documents: Vec<DocumentId>,
    /// Whether a whole request failed: the queue is down, or as good as that.
    pub failed: bool,
}

impl Queue {
    /// A client that connects when the first message is sent.
    pub fn new(config: config::QueueConfig) -> Self {
        let client = new_client(&config.aws, config.endpoint.as_deref(), QUEUE);
        Self { client, url: config.url.into() }
    }

    /// Reads from the environment where the queue is.
    pub fn from_env() -> std::result::Result<Self, ConfigError> {
        Ok(Self::new(config::QueueConfig::from_env()?))
    }

    /// Asks for the classification of a document whose row says that a nudge is owed. The sweep sends what
    /// can't be sent now.
    pub async fn nudge_or_leave_to_sweep(&self, document: DocumentId) {
        let message = Nudge { document_id: document }.to_body();
        let request = self.client.send_message().queue_url(&*self.url).message_body(message);
        if let Err(error) = request.send().await.map_err(queue_error) {
            tracing::warn!(%document, %error, "a nudge was not sent: the sweep will send it");
        }
    }

    /// Asks for the classification of many documents, until a request fails or the deadline is near. The log
    /// says why a request failed.
    pub async fn nudge_all(&self, documents: &[DocumentId], deadline: Deadline) -> UnsentNudges {
        let mut unsent = UnsentNudges::default();
        for (number, batch) in documents.chunks(MAX_BATCH).enumerate() {
            if deadline.is_near() {
                unsent.documents.extend(documents.iter().skip(number * MAX_BATCH));
                break;
            }
            match self.nudge_batch(batch).await {
                Ok(refused) => unsent.documents.extend(refused),
                Err(error) => {
                    tracing::warn!(
                        nudges = documents.len() - number * MAX_BATCH,
                        %error,
                        "nudges were not sent: the sweep will send them"
                    );
                    unsent.documents.extend(documents.iter().skip(number * MAX_BATCH));
                    unsent.failed = true;
                    break;
                }
            }
        }
        unsent
    }

    /// Sends one request; returns the documents whose nudges the queue refused, each for its own reason.
    async fn nudge_batch(&self, documents: &[DocumentId]) -> Result<Vec<DocumentId>> {
        let entries = documents.iter().map(batch_entry).collect::<Result<Vec<_>>>()?;
        let request = self.client.send_message_batch().queue_url(&*self.url).set_entries(Some(entries));
        let answer = request.send().await.map_err(queue_error)?;
        for refused in answer.failed() {
            let (document, code) = (refused.id(), refused.code());
            tracing::warn!(document, code, "the queue refused a nudge: the sweep will send it again");
        }
        let refused =
            |document: &&DocumentId| answer.failed().iter().any(|failed| failed.id() == document.to_string());
        Ok(documents.iter().filter(refused).copied().collect())
    }

    /// Makes a message that was received come back after `delay`, and not after the queue's visibility
    /// timeout. If that fails, it comes back after the latter; if nobody may take up its document then, the
    /// sweep nudges again.
    pub async fn postpone(&self, receipt: &str, delay: Duration) {
        let seconds = i32::try_from(delay.as_secs()).unwrap_or(i32::MAX);
        let request = self.client.change_message_visibility().queue_url(&*self.url);
        let request = request.receipt_handle(receipt).visibility_timeout(seconds);
        if let Err(error) = request.send().await.map_err(queue_error) {
            tracing::warn!(delay_s = seconds, %error, "a message was not postponed");
        }
    }

    /// Asks whether the queue answers.
    pub async fn ping(&self) -> Result<()> {
        self.client
            .get_queue_attributes()
            .queue_url(&*self.url)
            .attribute_names(QueueAttributeName::QueueArn)
            .send()
            .await
            .map_err(queue_error)?;
        Ok(())
    }
}

/// A client of the queue's service at `endpoint` (none: SQS), for the vault and for what watches it.
pub fn new_client(aws: &config::AwsConfig, endpoint: Option<&str>, timeouts: Timeouts) -> Client {
    Client::new(&aws::sdk_config(aws, endpoint, timeouts))
}

fn batch_entry(document: &DocumentId) -> Result<SendMessageBatchRequestEntry> {
    SendMessageBatchRequestEntry::builder()
        .id(document.to_string())
        .message_body(Nudge { document_id: *document }.to_body())
        .build()
        .map_err(Error::internal)
}

fn queue_error(error: impl Into<ServiceError>) -> Error {
    let error: ServiceError = error.into();
    Error::Queue(error.into())
}
