//! A queue for each test, and its messages.

use aws_sdk_sqs::types::QueueAttributeName;
use docuvault::config;
use serde_json::Value;

use crate::store::{TEST_TIMEOUTS, root_credentials};
use crate::{Environment, TestVault};

impl TestVault {
    /// Sends a message to the queue.
    pub async fn send_message(&self, body: &str) {
        let request = sqs_client(&self.queue).send_message().queue_url(&self.queue.url).message_body(body);
        request.send().await.unwrap();
    }

    /// Receives a visible message, if there is one, and returns its receipt handle.
    pub async fn receive_message(&self) -> Option<String> {
        let answer =
            sqs_client(&self.queue).receive_message().queue_url(&self.queue.url).send().await.unwrap();
        answer.messages().first().map(|message| message.receipt_handle().unwrap().to_owned())
    }

    /// Sets the queue's visibility timeout: for how many seconds a received message is hidden.
    pub async fn set_visibility_timeout(&self, seconds: u32) {
        sqs_client(&self.queue)
            .set_queue_attributes()
            .queue_url(&self.queue.url)
            .attributes(QueueAttributeName::VisibilityTimeout, seconds.to_string())
            .send()
            .await
            .unwrap();
    }

    /// Receives and deletes every visible message, and returns the bodies.
    pub async fn take_messages(&self) -> Vec<Value> {
        let client = sqs_client(&self.queue);
        let mut bodies = Vec::new();
        loop {
            let batch = client
                .receive_message()
                .queue_url(&self.queue.url)
                .max_number_of_messages(10)
                .send()
                .await
                .unwrap();
            if batch.messages().is_empty() {
                return bodies;
            }
            for message in batch.messages() {
                bodies.push(serde_json::from_str(message.body().unwrap()).unwrap());
                let receipt = message.receipt_handle().unwrap();
                client
                    .delete_message()
                    .queue_url(&self.queue.url)
                    .receipt_handle(receipt)
                    .send()
                    .await
                    .unwrap();
            }
        }
    }
}

/// Creates a queue in moto.
pub(crate) async fn create_queue() -> config::QueueConfig {
    let mut queue = config::QueueConfig {
        aws: root_credentials(),
        url: String::new(),
        endpoint: Some(Environment::read().moto_endpoint),
    };
    let name = format!("test-{}", uuid::Uuid::new_v4().simple());
    queue.url = sqs_client(&queue).create_queue().queue_name(name).send().await.unwrap().queue_url.unwrap();
    queue
}

/// Returns a client of SQS for tests.
pub fn sqs_client(queue: &config::QueueConfig) -> aws_sdk_sqs::Client {
    docuvault::queue::new_client(&queue.aws, queue.endpoint.as_deref(), TEST_TIMEOUTS)
}
