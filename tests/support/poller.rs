//! Connects the queue to the built program of `classify`, as Lambda's event source mapping does: it delivers
//! batches of up to ten messages, and deletes those that did not fail.

use std::collections::HashSet;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, QueueAttributeName};
use serde_json::json;
use tokio::sync::Mutex;

use crate::sandbox::{Sandbox, Variables};
use crate::{TestVault, sqs_client};

/// Held while a poller receives. The emulator of SQS gives one message to two receivers that ask at the same
/// moment. The second delivery is acknowledged without effect, so that the first one is not repeated.
static RECEIVING: Mutex<()> = Mutex::const_new(());

/// Polls the queue and invokes `classify` in a sandbox.
pub struct Poller {
    client: Client,
    url: String,
    sandbox: Sandbox,
}

impl Poller {
    /// Starts the program. The deadline of each invocation is `timeout` from its start.
    pub async fn start(vault: &TestVault, variables: &Variables, timeout: Duration) -> Self {
        let sandbox = Sandbox::start_with_timeout("classify", variables, timeout).await;
        Self { client: sqs_client(&vault.queue), url: vault.queue.url.clone(), sandbox }
    }

    /// Returns the sandbox of `classify`.
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Delivers one batch if a message is visible, and returns the messages that failed.
    pub async fn poll_once(&mut self) -> Option<Vec<Message>> {
        let receiving = RECEIVING.lock().await;
        let request = self.client.receive_message().queue_url(&self.url).max_number_of_messages(10);
        let batch = request
            .message_attribute_names("All")
            .send()
            .await
            .unwrap()
            .messages
            .filter(|batch| !batch.is_empty())?;
        drop(receiving);
        let event = serde_json::to_string(&batch_event(&batch)).unwrap();
        let answer = self.sandbox.invoke(&event).await.unwrap();
        let answer: SqsBatchResponse = serde_json::from_value(answer).unwrap();
        let failed: HashSet<_> =
            answer.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
        let (failed, done): (Vec<_>, _) =
            batch.into_iter().partition(|message| failed.contains(message.message_id().unwrap()));
        for message in &done {
            let request = self.client.delete_message().queue_url(&self.url);
            request.receipt_handle(message.receipt_handle().unwrap()).send().await.unwrap();
        }
        Some(failed)
    }
}

fn batch_event(batch: &[Message]) -> SqsEvent {
    let mut event = SqsEvent::default();
    for received in batch {
        let mut message = SqsMessage::default();
        message.message_id = received.message_id.clone();
        message.receipt_handle = received.receipt_handle.clone();
        message.body = received.body.clone();
        for (name, value) in received.message_attributes().into_iter().flatten() {
            let attribute = message.message_attributes.entry(name.clone()).or_default();
            attribute.string_value = value.string_value.clone();
            attribute.data_type = Some(value.data_type.clone());
        }
        event.records.push(message);
    }
    event
}

impl TestVault {
    /// Creates a dead-letter queue, to which messages go after `receives` receipts. Returns its URL.
    pub async fn create_dead_letter_queue(&self, receives: u32) -> String {
        let client = sqs_client(&self.queue);
        let name = format!("test-{}-dlq", uuid::Uuid::new_v4().simple());
        let url = client.create_queue().queue_name(name).send().await.unwrap().queue_url.unwrap();
        let arn = self.queue_attribute(&url, QueueAttributeName::QueueArn).await;
        let policy = json!({"deadLetterTargetArn": arn, "maxReceiveCount": receives}).to_string();
        let request = client.set_queue_attributes().queue_url(&self.queue.url);
        request.attributes(QueueAttributeName::RedrivePolicy, policy).send().await.unwrap();
        url
    }

    /// Returns how many messages a queue holds, visible and hidden ones.
    pub async fn count_messages(&self, url: &str) -> u32 {
        let mut count = 0;
        for name in [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        ] {
            count += self.queue_attribute(url, name).await.parse::<u32>().unwrap();
        }
        count
    }

    async fn queue_attribute(&self, url: &str, name: QueueAttributeName) -> String {
        let request =
            sqs_client(&self.queue).get_queue_attributes().queue_url(url).attribute_names(name.clone());
        request.send().await.unwrap().attributes.unwrap().remove(&name).unwrap()
    }

    /// Ends the pauses after failed attempts, in the rows and in the queue, for messages that are not being
    /// processed.
    pub async fn end_pauses(&self, messages: &[Message]) {
        self.age_minutes(20).await;
        for message in messages {
            let request = sqs_client(&self.queue).change_message_visibility().queue_url(&self.queue.url);
            let request = request.receipt_handle(message.receipt_handle().unwrap()).visibility_timeout(0);
            // The queue refuses this if the message is visible already.
            let _visible = request.send().await;
        }
    }
}
