//! Invokes `classify` in this process, and builds its events.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use classify::{Classifier, Keys};
use docuvault::db::Database;
use docuvault::id::DocumentId;
use docuvault::storage::Stores;
use extract::Extractor;
use lambda_runtime::{Context, LambdaEvent};

use crate::functions::program_folder;
use crate::{Services, TestVault};

/// The ARN of the dead-letter queue, as events from there name it.
pub const DEAD_LETTER_QUEUE_ARN: &str = "arn:aws:sqs:us-east-1:123456789012:dead-letters";

impl TestVault {
    /// Invokes `classify` with messages of these bodies. Returns the indexes of the messages that failed.
    pub async fn classify(&self, bodies: &[String]) -> Vec<usize> {
        self.classify_with(self.services(), Context::default(), bodies).await
    }

    /// Invokes `classify` with these services and this context.
    pub async fn classify_with(&self, services: Services, context: Context, bodies: &[String]) -> Vec<usize> {
        self.classify_event(services, context, sqs_event(bodies)).await
    }

    /// Invokes `classify` with messages that have more than a body, such as a receipt or another source.
    pub async fn classify_event(&self, services: Services, context: Context, event: SqsEvent) -> Vec<usize> {
        let Services { db, storage, queue } = services;
        let classifier = self.classifier(db, storage.stores_of("classify"));
        let capabilities = classify::Capabilities { classifier, queue };
        failed_indexes(&classify::handle(&capabilities, LambdaEvent::new(event, context)).await)
    }

    /// Returns the classifier of one sandbox.
    pub fn classifier(&self, db: Database, stores: Stores) -> Classifier {
        let (extractor, config) = (self.extractor.clone(), self.classification.clone());
        let keys = Keys::new(&config.providers);
        Classifier { db, stores, extractor, config, keys }
    }

    /// Returns the put-notification of a document, in the form in which MinIO sends it.
    pub async fn put_notification(&self, id: DocumentId) -> String {
        let row = self.database.superuser().await;
        let row = row.query_one("select object_key from documents where id = $1", &[&id]).await.unwrap();
        put_notification(&self.bucket.name, row.get(0))
    }
}

/// Returns an extractor whose children are the built program of `classify`.
pub fn extractor() -> Extractor {
    Extractor::new(std::path::absolute(program_folder().join("classify")).unwrap())
}

/// Returns a put-notification in the form in which MinIO sends it.
pub fn put_notification(bucket: &str, key: &str) -> String {
    serde_json::json!({
        "EventName": "s3:ObjectCreated:Put",
        "Key": format!("{bucket}/{key}"),
        "Records": [{
            "eventName": "s3:ObjectCreated:Put",
            "eventSource": "minio:s3",
            "s3": {"bucket": {"name": bucket}, "object": {"key": key.replace('/', "%2F"), "sequencer": "18E9FE9C8B4C24C4"}},
        }],
    })
    .to_string()
}

/// Returns a batch of messages. Their ids are their indexes.
pub fn sqs_event(bodies: &[String]) -> SqsEvent {
    let mut event = SqsEvent::default();
    for (number, body) in bodies.iter().enumerate() {
        let mut message = SqsMessage::default();
        message.message_id = Some(number.to_string());
        message.body = Some(body.clone());
        event.records.push(message);
    }
    event
}

fn failed_indexes(answer: &SqsBatchResponse) -> Vec<usize> {
    answer.batch_item_failures.iter().map(|failure| failure.item_identifier.parse().unwrap()).collect()
}
