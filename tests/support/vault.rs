//! A whole vault in this process: every function's routes in one router, every handler at hand.

use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_sdk_sqs::types::QueueAttributeName;
use axum::Router;
use classify::Classifier;
use cleanup::Report;
use docuvault::auth::Tokens;
use docuvault::db::Database;
use docuvault::db::account::NewAccount;
use docuvault::deadline::Deadline;
use docuvault::id::{DocumentId, UserId};
use docuvault::queue::Queue;
use docuvault::role::Role;
use docuvault::storage::Storage;
use docuvault::{config, http};
use extract::Extractor;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::Value;

use crate::runtime::programs;
use crate::store::{PATIENT, aws};
use crate::{Client, Environment, Identities, TestBucket, TestDatabase};

/// The vault, and what it stands on.
pub struct TestVault {
    /// Postgres.
    pub database: TestDatabase,
    /// MinIO.
    pub bucket: TestBucket,
    /// How the vault reaches SQS.
    pub queue: config::Queue,
    /// What an upload may be; change it before making a sandbox.
    pub limits: config::Uploads,
    /// What may be asked for documents; change it before making a sandbox.
    pub documents: config::Documents,
    /// What topics a user may make; change it before making a sandbox.
    pub topics: config::Topics,
    /// How documents are classified.
    pub classification: config::Classification,
    /// What reads documents.
    pub extractor: Extractor,
    pub(crate) tokens: config::Tokens,
}

/// What functions are made of: one sandbox's clients, with one connection.
#[derive(Clone)]
pub struct Parts {
    /// Postgres.
    pub db: Database,
    /// MinIO, as each function.
    pub storage: Identities,
    /// SQS.
    pub queue: Queue,
}

impl TestVault {
    /// With the default limits and the builtin provider.
    pub async fn new() -> Self {
        let (database, bucket, queue) =
            tokio::join!(TestDatabase::migrated(), TestBucket::create(), create_queue());
        Self {
            database,
            bucket,
            queue,
            limits: config::Uploads { max_bytes: 5_368_709_120, max_pending: 100, urls_per_hour: 1_500 },
            documents: config::Documents { classifications_per_hour: 100 },
            topics: config::Topics { max_own: 200 },
            classification: config::Classification {
                max_attempts: 5,
                dead_letters: DEAD_LETTERS.into(),
                topics: config::Topics { max_own: 200 },
                max_bytes: 50 * 1024 * 1024,
                provider: "builtin".into(),
                model: "builtin".into(),
                providers: nowhere(),
            },
            extractor: extractor(),
            tokens: config::Tokens { secret: b"what the tests sign their tokens with".to_vec() },
        }
    }

    /// One sandbox's clients: a connection of its own, straight to the services.
    pub fn parts(&self) -> Parts {
        self.parts_by(&self.database.address(), self.bucket.config(), self.queue.clone())
    }

    /// The same by other addresses, such as those of proxies.
    pub fn parts_by(&self, postgres: &str, storage: config::Storage, queue: config::Queue) -> Parts {
        let url = self.database.url_by("docuvault_app", postgres).parse().unwrap();
        Parts {
            db: Database::new(config::Database { url }),
            storage: Identities::new(storage),
            queue: Queue::new(queue),
        }
    }

    /// Every function's routes, served by one sandbox.
    pub fn routes(&self, parts: &Parts) -> Router {
        let Parts { db, storage, queue } = parts.clone();
        let (tokens, limits) = (self.tokens(), self.limits);
        let routes = Router::new()
            .merge(auth::router(auth::Capabilities { tokens: tokens.clone(), db: db.clone() }))
            .merge(quota::router(quota::Capabilities { tokens: tokens.clone(), db: db.clone() }))
            .merge(upload_url::router(upload_url::Capabilities {
                tokens: tokens.clone(),
                db: db.clone(),
                storage: storage.of("upload-url"),
                limits,
            }))
            .merge(confirm::router(confirm::Capabilities {
                tokens: tokens.clone(),
                db: db.clone(),
                storage: storage.of("confirm"),
                queue: queue.clone(),
                limits,
            }))
            .merge(delete::router(delete::Capabilities {
                tokens: tokens.clone(),
                db: db.clone(),
                storage: storage.of("delete"),
            }))
            .merge(documents::router(documents::Capabilities {
                tokens: tokens.clone(),
                db: db.clone(),
                storage: storage.of("documents"),
                queue: queue.clone(),
                limits: self.documents,
            }))
            .merge(topics::router(topics::Capabilities { tokens, db: db.clone(), limits: self.topics }))
            .merge(health::router(health::Capabilities { db, storage: storage.of("health"), queue }));
        http::finish(routes)
    }

    /// What signs the vault's tokens.
    pub fn tokens(&self) -> Tokens {
        Tokens::new(&self.tokens)
    }

    /// Somebody without a token.
    pub fn nobody(&self) -> Client {
        Client::new(self.routes(&self.parts()), None)
    }

    /// A new user.
    pub async fn user(&self) -> Client {
        self.account(Role::User, false).await
    }

    /// A new administrator.
    pub async fn admin(&self) -> Client {
        self.account(Role::Admin, false).await
    }

    /// A new account. Its password is nobody's: login is tested by itself.
    pub async fn account(&self, role: Role, password_must_change: bool) -> Client {
        let (parts, id) = (self.parts(), UserId::new());
        let email = format!("{id}@example.com");
        let account = NewAccount {
            id,
            email: &email,
            password_hash: docuvault::password::NOBODY,
            role,
            password_must_change,
        };
        docuvault::db::account::create(&parts.db, account).await.unwrap();
        Client::new(self.routes(&parts), Some((id, self.token(id))))
    }

    /// An access token as login would issue it.
    pub fn token(&self, user: UserId) -> String {
        let token = serde_json::to_value(self.tokens().issue(user).unwrap()).unwrap();
        token["access_token"].as_str().unwrap().to_owned()
    }

    /// The same caller, served by a sandbox of its own: what runs at once must not share a connection.
    pub fn elsewhere(&self, client: &Client) -> Client {
        client.served_by(self.routes(&self.parts()))
    }

    /// Sets a user's limit, in bytes.
    pub async fn limit(&self, user: UserId, bytes: i64) {
        let statement = "update quotas set limit_bytes = $2 where user_id = $1";
        let changed = self.database.superuser().await.execute(statement, &[&user, &bytes]).await.unwrap();
        assert_eq!(changed, 1);
    }

    /// One run of the sweep.
    pub async fn sweep(&self) -> Report {
        self.sweep_by(&self.parts()).await
    }

    /// The same by other parts.
    pub async fn sweep_by(&self, Parts { db, storage, queue }: &Parts) -> Report {
        cleanup::sweep(db, &storage.of("cleanup"), queue, Deadline::none()).await.unwrap()
    }

    /// Lets `hours` pass for everything in the database.
    pub async fn age(&self, hours: i32) {
        self.age_minutes(60 * hours).await;
    }

    /// Lets `minutes` pass for everything in the database.
    pub async fn age_minutes(&self, minutes: i32) {
        let statement = format!(
            "update documents set created_at = created_at - i, url_expires_at = url_expires_at - i,
                nudge_due_at = nudge_due_at - i, lease_expires_at = lease_expires_at - i
             from (select interval '{minutes} minutes' as i) age;
             update tombstones set created_at = created_at - i, due_at = due_at - i, final_at = final_at - i,
                url_expires_at = url_expires_at - i
             from (select interval '{minutes} minutes' as i) age;
             update rate_limits set window_ends_at = window_ends_at - interval '{minutes} minutes'"
        );
        self.database.superuser().await.batch_execute(&statement).await.unwrap();
    }

    /// One invocation of `classify` with these bodies; answers the numbers of those that failed.
    pub async fn classify(&self, bodies: &[String]) -> Vec<usize> {
        self.classify_by(self.parts(), Context::default(), bodies).await
    }

    /// The same by other parts, in an invocation with a context of its own.
    pub async fn classify_by(&self, parts: Parts, context: Context, bodies: &[String]) -> Vec<usize> {
        self.classify_event(parts, context, sqs_event(bodies)).await
    }

    /// The same with messages as the queue has given them out, or that come from elsewhere.
    pub async fn classify_event(&self, parts: Parts, context: Context, event: SqsEvent) -> Vec<usize> {
        let Parts { db, storage, queue } = parts;
        let classifier = self.classifier(db, storage.of("classify"));
        let with = classify::Capabilities { classifier, queue };
        failed(&classify::handle(&with, LambdaEvent::new(event, context)).await)
    }

    /// The classifier of one sandbox.
    pub fn classifier(&self, db: Database, storage: Storage) -> Classifier {
        let (extractor, config) = (self.extractor.clone(), self.classification.clone());
        Classifier { db, storage, extractor, config }
    }

    /// The put-notification of a document, as MinIO would send it.
    pub async fn put_event(&self, id: DocumentId) -> String {
        let row = self.database.superuser().await;
        let row = row.query_one("select object_key from documents where id = $1", &[&id]).await.unwrap();
        put_event(&self.bucket.name, row.get(0))
    }

    /// Puts a message into the queue.
    pub async fn send(&self, body: &str) {
        let request = sqs(&self.queue).send_message().queue_url(&self.queue.url).message_body(body);
        request.send().await.unwrap();
    }

    /// The receipt of a message that is in the queue and visible, if there is one.
    pub async fn receive(&self) -> Option<String> {
        let answer = sqs(&self.queue).receive_message().queue_url(&self.queue.url).send().await.unwrap();
        answer.messages().first().map(|message| message.receipt_handle().unwrap().to_owned())
    }

    /// Sets for how many seconds a message is hidden once it was received.
    pub async fn hide_messages_for(&self, seconds: u32) {
        sqs(&self.queue)
            .set_queue_attributes()
            .queue_url(&self.queue.url)
            .attributes(QueueAttributeName::VisibilityTimeout, seconds.to_string())
            .send()
            .await
            .unwrap();
    }

    /// Takes every message that is in the queue now.
    pub async fn take_messages(&self) -> Vec<Value> {
        let client = sqs(&self.queue);
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

/// Model providers that nobody can reach, so that no test calls a real one.
fn nowhere() -> config::Providers {
    let nowhere = Some("http://127.0.0.1:1".to_owned());
    config::Providers {
        ollama_url: nowhere.clone(),
        openai_url: nowhere.clone(),
        openai_key: None,
        anthropic_url: nowhere.clone(),
        anthropic_key: None,
        bedrock_url: nowhere,
        bedrock_key: None,
        aws: aws(),
        system_prompt: None,
        timeout: Duration::from_secs(10),
        context_tokens: None,
    }
}

/// Children of the built function read the documents.
pub fn extractor() -> Extractor {
    Extractor::new(std::path::absolute(programs().join("classify")).unwrap())
}

/// A put-notification in MinIO's envelope.
pub fn put_event(bucket: &str, key: &str) -> String {
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

/// The name of the queue of dead letters, in events that come from there.
pub const DEAD_LETTERS: &str = "arn:aws:sqs:us-east-1:123456789012:dead-letters";

/// A batch whose messages are named by their numbers.
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

fn failed(answer: &SqsBatchResponse) -> Vec<usize> {
    answer.batch_item_failures.iter().map(|failure| failure.item_identifier.parse().unwrap()).collect()
}

async fn create_queue() -> config::Queue {
    let mut queue =
        config::Queue { aws: aws(), url: String::new(), endpoint: Some(Environment::read().moto_endpoint) };
    let name = format!("test-{}", uuid::Uuid::new_v4().simple());
    queue.url = sqs(&queue).create_queue().queue_name(name).send().await.unwrap().queue_url.unwrap();
    queue
}

/// The queue's service, as its poller asks it.
pub fn sqs(queue: &config::Queue) -> aws_sdk_sqs::Client {
    docuvault::queue::client(&queue.aws, queue.endpoint.as_deref(), PATIENT)
}
