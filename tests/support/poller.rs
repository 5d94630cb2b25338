//! The queue to `classify`'s built program, as Lambda's event source mapping connects them: batches of up to ten; what did not fail is
//! deleted.

use std::collections::HashSet;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, QueueAttributeName};
use serde_json::json;

use crate::runtime::{Sandbox, Variables};
use crate::{TestVault, sqs};

/// A poller and the sandbox that it invokes.
pub struct Poller {
    client: Client,
    url: String,
    sandbox: Sandbox,
}

impl Poller {
    /// Starts the program; an invocation is told to end after `timeout`.
    pub async fn start(vault: &TestVault, variables: &Variables, timeout: Duration) -> Self {
        let sandbox = Sandbox::with_timeout("classify", variables, timeout).await;
        Self { client: sqs(&vault.queue), url: vault.queue.url.clone(), sandbox }
    }

    /// One batch, if a message is visible; answers what failed of it.
    pub async fn turn(&mut self) -> Option<Vec<Message>> {
        let request = self.client.receive_message().queue_url(&self.url).max_number_of_messages(10);
        let batch = request.send().await.unwrap().messages.filter(|batch| !batch.is_empty())?;
        let event = serde_json::to_string(&event(&batch)).unwrap();
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

fn event(batch: &[Message]) -> SqsEvent {
    let mut event = SqsEvent::default();
    for received in batch {
        let mut message = SqsMessage::default();
        message.message_id = received.message_id.clone();
        message.receipt_handle = received.receipt_handle.clone();
        message.body = received.body.clone();
        event.records.push(message);
    }
    event
}

impl TestVault {
    /// Gives the queue another for its dead letters, which messages go to after so many receipts; answers its address.
    pub async fn dead_letters_after(&self, receives: u32) -> String {
        let client = sqs(&self.queue);
        let name = format!("test-{}-dlq", uuid::Uuid::new_v4().simple());
        let url = client.create_queue().queue_name(name).send().await.unwrap().queue_url.unwrap();
        let arn = self.queue_attribute(&url, QueueAttributeName::QueueArn).await;
        let policy = json!({"deadLetterTargetArn": arn, "maxReceiveCount": receives}).to_string();
        let request = client.set_queue_attributes().queue_url(&self.queue.url);
        request.attributes(QueueAttributeName::RedrivePolicy, policy).send().await.unwrap();
        url
    }

    /// How many messages a queue holds, visible or not.
    pub async fn messages_in(&self, url: &str) -> u32 {
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
        let request = sqs(&self.queue).get_queue_attributes().queue_url(url).attribute_names(name.clone());
        request.send().await.unwrap().attributes.unwrap().remove(&name).unwrap()
    }

    /// Ends the pauses after failed attempts, in the rows and in the queue, for messages that nobody has in hand.
    pub async fn end_pauses(&self, messages: &[Message]) {
        self.age_minutes(20).await;
        for message in messages {
            let request = sqs(&self.queue).change_message_visibility().queue_url(&self.queue.url);
            let request = request.receipt_handle(message.receipt_handle().unwrap()).visibility_timeout(0);
            // Refused where the message is visible by now.
            let _visible = request.send().await;
        }
    }
}
