//! The SQS queue that triggers classifications. The vault sends only nudges: messages that name a document.
//! The document's row says what there is to do.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{MessageAttributeValue, QueueAttributeName, SendMessageBatchRequestEntry};
use serde::Deserialize;

use crate::aws::{self, ServiceError};
use crate::config::ConfigError;
use crate::deadline::Deadline;
use crate::id::DocumentId;
use crate::limits::sdk::{QUEUE, Timeouts};
use crate::trace::{TRACEPARENT, Trace};
use crate::{Error, Result, config};

/// The most messages that SQS accepts in one request.
const MAX_BATCH: usize = 10;

/// A message of the vault itself, which asks `classify` to look at a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Nudge {
    /// The document's id.
    pub document_id: DocumentId,
}

impl Nudge {
    /// Returns the body of the message.
    pub fn to_body(self) -> String {
        format!(r#"{{"document_id":"{}"}}"#, self.document_id)
    }
}

/// A client of the queue.
#[derive(Clone)]
pub struct Queue {
    client: Client,
    url: Arc<str>,
}

/// The nudges that could not be sent.
#[derive(Debug, Default)]
pub struct UnsentNudges {
    /// The documents of these nudges.
    pub documents: Vec<DocumentId>,
    /// True if a request failed as a whole, for example because the queue is down. False if the queue only
    /// refused single messages.
    pub failed: bool,
}

impl Queue {
    /// Creates a client. It connects at the first request.
    pub fn new(config: config::QueueConfig) -> Self {
        let client = new_client(&config.aws, config.endpoint.as_deref(), QUEUE);
        Self { client, url: config.url.into() }
    }

    /// Creates a client from environment variables.
    ///
    /// # Errors
    /// A variable is missing or wrong.
    pub fn from_env() -> std::result::Result<Self, ConfigError> {
        Ok(Self::new(config::QueueConfig::from_env()?))
    }

    /// Sends a nudge for a document. A failure is logged and is no error: the row says that a nudge is due,
    /// so the sweep sends it later.
    pub async fn nudge_or_leave_to_sweep(&self, document: DocumentId) {
        let message = Nudge { document_id: document }.to_body();
        let request = self.client.send_message().queue_url(&*self.url).message_body(message);
        let request = request.set_message_attributes(trace_attributes());
        if let Err(error) = request.send().await.map_err(queue_error) {
            tracing::warn!(%document, %error, "a nudge was not sent: the sweep will send it");
        }
    }

    /// Sends nudges for many documents, until a request fails or the deadline has come. The reason of a
    /// failure is logged.
    pub async fn nudge_all(&self, documents: &[DocumentId], deadline: Deadline) -> UnsentNudges {
        let mut unsent = UnsentNudges::default();
        let mut left = documents;
        while !left.is_empty() && !deadline.has_passed() {
            let (batch, rest) = left.split_at(left.len().min(MAX_BATCH));
            match self.nudge_batch(batch).await {
                Ok(refused) => unsent.documents.extend(refused),
                Err(error) => {
                    let nudges = left.len();
                    tracing::warn!(nudges, %error, "nudges were not sent: the next sweep will send them");
                    unsent.failed = true;
                    break;
                }
            }
            left = rest;
        }
        unsent.documents.extend(left);
        unsent
    }

    /// Sends up to [`MAX_BATCH`] nudges in one request. Returns the documents whose nudges the queue refused.
    /// The reasons are logged.
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

    /// Sets when a received message is delivered again: after `delay`, and not after the queue's visibility
    /// timeout. A failure is logged and is no error: the message comes back after the visibility timeout. If
    /// it is acknowledged then because another worker holds the document, the sweep sends a nudge.
    pub async fn postpone(&self, receipt: &str, delay: Duration) {
        let seconds = i32::try_from(delay.as_secs()).unwrap_or(i32::MAX);
        let request = self.client.change_message_visibility().queue_url(&*self.url);
        let request = request.receipt_handle(receipt).visibility_timeout(seconds);
        if let Err(error) = request.send().await.map_err(queue_error) {
            tracing::warn!(delay_s = seconds, %error, "a message was not postponed");
        }
    }

    /// Sends a request that changes nothing, to check that the queue answers.
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

/// Creates the SDK's client of the queue service at `endpoint`, or of SQS if it is `None`. The local runner
/// and the tests use it, too.
pub fn new_client(aws: &config::AwsConfig, endpoint: Option<&str>, timeouts: Timeouts) -> Client {
    Client::new(&aws::sdk_config(aws, endpoint, timeouts))
}

fn batch_entry(document: &DocumentId) -> Result<SendMessageBatchRequestEntry> {
    SendMessageBatchRequestEntry::builder()
        .id(document.to_string())
        .message_body(Nudge { document_id: *document }.to_body())
        .set_message_attributes(trace_attributes())
        .build()
        .map_err(Error::internal)
}

/// Returns the attributes of a nudge: the trace that sends it.
fn trace_attributes() -> Option<HashMap<String, MessageAttributeValue>> {
    let trace = Trace::current()?.to_string();
    let value = MessageAttributeValue::builder().data_type("String").string_value(trace).build().ok()?;
    Some(HashMap::from([(TRACEPARENT.to_owned(), value)]))
}

fn queue_error(error: impl Into<ServiceError>) -> Error {
    let error: ServiceError = error.into();
    Error::Queue(error.into())
}
