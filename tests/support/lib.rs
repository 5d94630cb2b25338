//! The vault under test, on real Postgres, MinIO and SQS: a fresh database, bucket and queue for each.

mod client;
pub mod cluster;
mod database;
mod environment;
pub mod fuse;
pub mod hostile;
pub mod poller;
pub mod promises;
pub mod proxy;
mod rows;
pub mod runtime;
pub mod store;
mod vault;

pub use client::{Answer, Client, Upload};
pub use database::TestDatabase;
pub use environment::Environment;
pub use store::{Identities, TestBucket};
pub use vault::{DEAD_LETTERS, Parts, TestVault, extractor, put_event, sqs, sqs_event};
