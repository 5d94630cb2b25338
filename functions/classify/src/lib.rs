//! Classifies documents. The queue delivers put-notifications and nudges. Each message succeeds or fails by
//! itself, so that a bad one holds up no other (SPEC sections 2.4 and 4).
//!
//! `batch` handles the messages of an invocation, `event` parses them, and `classifier` decides what happens
//! to a document. For a claimed document, `text` reads the text, and `provider` asks the owner's provider:
//! `prompt` writes the messages for the model, within the tokens that `budget` allows, `answer` parses the
//! model's answer, and `vocabulary` drops topics that do not exist.

mod answer;
mod batch;
mod budget;
mod chat_template;
mod classifier;
mod event;
mod prompt;
mod provider;
#[cfg(test)]
mod sample;
mod text;
mod vocabulary;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
pub use classifier::Classifier;
use docuvault::config;
use docuvault::db::Database;
use docuvault::function::{self, FromEnv};
use docuvault::queue::Queue;
use docuvault::storage::Stores;
use extract::Extractor;
use lambda_runtime::LambdaEvent;
pub use provider::Keys;

/// The clients and settings of `classify`, which reads documents, asks a provider and stores topics.
#[derive(Clone)]
pub struct Capabilities {
    /// Reads and classifies one document.
    pub classifier: Classifier,
    /// The queue, where failed messages are hidden until their next delivery.
    pub queue: Queue,
}

impl FromEnv for Capabilities {
    async fn from_env() -> Result<Self, function::Error> {
        let stores = Stores::from_env()?.warm();
        let queue = Queue::from_env()?;
        if let Err(error) = extract::confinement::check() {
            tracing::warn!(
                %error,
                "the kernel refuses to filter system calls, so that documents are read without this protection"
            );
        }
        let extractor = Extractor::new(std::env::current_exe()?);
        let config = config::ClassificationConfig::from_env()?;
        let (keys, db) = (Keys::new(&config.providers), Database::from_env()?);
        let (keys, db) = tokio::join!(keys.warm(), db.warm());
        Ok(Self { classifier: Classifier { db, stores, extractor, config, keys }, queue })
    }
}

/// Handles a batch of messages. The response names exactly the messages that must be delivered again.
pub async fn handle(with: &Capabilities, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
    let max_message_time = with.classifier.max_message_time();
    batch::handle(event, &with.queue, max_message_time, async |message| {
        Box::pin(with.classifier.handle(message)).await
    })
    .await
}
