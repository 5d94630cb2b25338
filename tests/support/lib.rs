//! The vault under test, on real Postgres, MinIO and SQS. Every test has its own database, bucket and queue.

mod classification;
mod client;
mod database;
mod environment;
pub mod functions;
pub mod fuse;
pub mod hostile;
mod iam_proxy;
pub mod metrics;
pub mod poller;
pub mod postgres_server;
pub mod promises;
pub mod proxy;
mod queue;
pub mod recorder;
pub mod reference;
mod rows;
mod runtime_api;
pub mod sandbox;
mod secrets_manager;
mod services;
mod stack_answers;
pub mod store;
mod sweep;
mod vault;

pub use classification::{DEAD_LETTER_QUEUE_ARN, extractor, put_notification, sqs_event};
pub use client::{Client, Response, Upload};
pub use database::TestDatabase;
pub use environment::{Environment, api_tools};
pub use iam_proxy::IamProxy;
pub use queue::sqs_client;
pub use secrets_manager::SecretsManager;
pub use services::Services;
pub use stack_answers::StackAnswers;
pub use store::{StoreUsers, TestBucket};
pub use vault::{SECRET, TestVault, classification_config};
