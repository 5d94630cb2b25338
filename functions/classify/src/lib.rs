//! Classifies documents. The queue delivers put-notifications and nudges; each message succeeds or fails
//! alone (SPEC sections 2.4 and 4).
//!
//! `batch` handles the messages of an invocation, `event` parses them, and `classifier` decides what happens.
//! For a document that it claims, `text` has the text extracted, and `provider` asks the owner's provider:
//! `prompt` writes what a model is shown, within the tokens that `budget` allows, `answer` parses what it
//! says, and `vocabulary` keeps the topics that exist.

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

/// `classify` reads documents, asks a provider and writes topics; it has no routes.
#[derive(Clone)]
pub struct Capabilities {
    /// Postgres, the object store, the reader of documents and the providers.
    pub classifier: Classifier,
    /// The queue, in which failed messages are postponed.
    pub queue: Queue,
}

impl FromEnv for Capabilities {
    async fn from_env() -> Result<Self, function::Error> {
        let stores = Stores::from_env()?.warm();
        let queue = Queue::from_env()?;
        let extractor = Extractor::new(std::env::current_exe()?);
        let config = config::ClassificationConfig::from_env()?;
        let db = Database::from_env()?.warm().await;
        Ok(Self { classifier: Classifier { db, stores, extractor, config }, queue })
    }
}

/// Handles a batch. The response names exactly the messages that must be delivered again.
pub async fn handle(with: &Capabilities, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
    let longest = with.classifier.longest();
    batch::handle(event, &with.queue, longest, async |message| {
        Box::pin(with.classifier.handle(message)).await
    })
    .await
}
