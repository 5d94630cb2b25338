//! Messages of the queue: put-notifications and nudges. Each succeeds or fails alone (SPEC sections 2.4 and 4).

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
use docuvault::storage::Storage;
use extract::Extractor;
use lambda_runtime::LambdaEvent;

/// The clients and limits that this function uses.
#[derive(Clone)]
pub struct Capabilities {
    /// The rows, the bytes, the models.
    pub classifier: Classifier,
    /// The postponement of messages.
    pub queue: Queue,
}

impl FromEnv for Capabilities {
    async fn from_env() -> Result<Self, function::Error> {
        let storage = Storage::from_env()?.warm();
        let queue = Queue::from_env()?;
        let extractor = Extractor::new(std::env::current_exe()?);
        let config = config::Classification::from_env()?;
        let db = Database::from_env()?.warm().await;
        Ok(Self { classifier: Classifier { db, storage, extractor, config }, queue })
    }
}

/// Answers with exactly the messages that must be delivered again.
pub async fn handle(with: &Capabilities, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
    let longest = with.classifier.longest();
    batch::each(event, &with.queue, longest, async |message| Box::pin(with.classifier.handle(message)).await)
        .await
}
