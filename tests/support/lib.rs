//! The vault under test, on real Postgres, MinIO and SQS: a fresh database, bucket and queue for each.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here fails the test"
)]

mod client;
mod database;
mod environment;
pub mod fuse;
pub mod promises;
pub mod proxy;
mod store;
mod vault;

pub use client::{Answer, Client, Upload};
pub use database::TestDatabase;
pub use environment::Environment;
pub use store::TestBucket;
pub use vault::{Parts, TestVault};
