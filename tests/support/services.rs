//! The services that a sandbox uses: Postgres, the store and the queue.

use docuvault::config;
use docuvault::db::Database;
use docuvault::queue::Queue;

use crate::{StoreUsers, TestVault};

/// The services as one sandbox reaches them: a connection to Postgres and clients of the store and the queue.
#[derive(Clone)]
pub struct Services {
    /// Postgres.
    pub db: Database,
    /// MinIO, with a client for each function.
    pub storage: StoreUsers,
    /// SQS.
    pub queue: Queue,
}

impl TestVault {
    /// Returns the services for a new sandbox, reached without a proxy.
    pub fn services(&self) -> Services {
        self.services_at(&self.database.address(), self.bucket.config(), self.queue.clone())
    }

    /// Returns the services for a new sandbox at these addresses, such as those of proxies.
    pub fn services_at(
        &self,
        postgres: &str,
        storage: config::StorageConfig,
        queue: config::QueueConfig,
    ) -> Services {
        let url = self.database.url_at("docuvault_app", postgres).parse().unwrap();
        Services {
            db: Database::new(config::DatabaseConfig { url, iam: None }),
            storage: StoreUsers::new(storage),
            queue: Queue::new(queue),
        }
    }
}
