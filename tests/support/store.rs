//! A bucket for each test, and the users at the store: one for each function.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Credentials;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use docuvault::config;
use docuvault::limits::sdk::Timeouts;
use docuvault::storage::{Storage, Stores};

use crate::Environment;

/// Timeouts of the tests' own clients. They are so long that no test fails because the machine is busy.
pub(crate) const TEST_TIMEOUTS: Timeouts =
    Timeouts { attempt: Duration::from_secs(60), operation: Duration::from_secs(120) };

/// A bucket that the test reads and writes without the vault's code.
#[derive(Clone)]
pub struct TestBucket {
    /// A client with all rights.
    pub client: Client,
    /// The bucket's name.
    pub name: String,
    endpoint: String,
}

impl TestBucket {
    /// Creates a bucket in MinIO.
    pub async fn create() -> Self {
        Self::create_at(&Environment::read().s3_endpoint).await
    }

    /// Creates a bucket in the store at this endpoint.
    pub async fn create_at(endpoint: &str) -> Self {
        let bucket = Self {
            client: docuvault::storage::new_client(&root_credentials(), Some(endpoint), TEST_TIMEOUTS),
            name: format!("test-{}", uuid::Uuid::new_v4().simple()),
            endpoint: endpoint.to_owned(),
        };
        bucket.client.create_bucket().bucket(&bucket.name).send().await.unwrap();
        bucket
    }

    /// Returns the vault's configuration for this bucket.
    pub fn config(&self) -> config::StorageConfig {
        self.config_at(&self.endpoint)
    }

    /// Returns the configuration with another endpoint for the functions, such as a proxy's. URLs are still
    /// signed for the store itself.
    pub fn config_at(&self, endpoint: &str) -> config::StorageConfig {
        config::StorageConfig {
            aws: root_credentials(),
            bucket: self.name.clone(),
            endpoint: Some(endpoint.to_owned()),
            public_endpoint: Some(self.endpoint.clone()),
        }
    }

    /// Returns the size of every object in bytes, by key.
    pub async fn object_sizes(&self) -> BTreeMap<String, i64> {
        self.list().await.into_iter().map(|(key, (size, _))| (key, size)).collect()
    }

    /// Returns every object's size in bytes and entity tag, by key. The entity tag changes with the bytes.
    pub async fn list(&self) -> BTreeMap<String, (i64, String)> {
        let mut pages = self.client.list_objects_v2().bucket(&self.name).into_paginator().send();
        let mut objects = BTreeMap::new();
        while let Some(page) = pages.next().await {
            for object in page.unwrap().contents() {
                let tag = object.e_tag().unwrap().to_owned();
                objects.insert(object.key().unwrap().to_owned(), (object.size().unwrap(), tag));
            }
        }
        objects
    }

    /// Enables or suspends versioning.
    pub async fn set_versioning(&self, on: bool) {
        let status = if on { BucketVersioningStatus::Enabled } else { BucketVersioningStatus::Suspended };
        let versioning = VersioningConfiguration::builder().status(status).build();
        let request = self.client.put_bucket_versioning().bucket(&self.name);
        request.versioning_configuration(versioning).send().await.unwrap();
    }

    /// Puts an object, and replaces one that has the key.
    pub async fn put(&self, key: &str, bytes: &[u8]) {
        let put = self.client.put_object().bucket(&self.name).key(key).content_type("text/plain");
        put.body(bytes.to_vec().into()).send().await.unwrap();
    }

    /// Removes an object.
    pub async fn remove(&self, key: &str) {
        self.client.delete_object().bucket(&self.name).key(key).send().await.unwrap();
    }

    /// Reads an object's bytes.
    pub async fn read(&self, key: &str) -> Vec<u8> {
        let object = self.client.get_object().bucket(&self.name).key(key).send().await.unwrap();
        object.body.collect().await.unwrap().to_vec()
    }
}

/// One store client per function: at the store each function is a user with its own rights.
#[derive(Clone)]
pub struct StoreUsers {
    config: config::StorageConfig,
    /// A function that uses another user's credentials, and the name of that user.
    replaced: Option<(&'static str, String)>,
    clients: Arc<Mutex<BTreeMap<&'static str, Storage>>>,
}

impl StoreUsers {
    /// Creates the clients for the bucket with this configuration.
    pub fn new(config: config::StorageConfig) -> Self {
        Self { config, replaced: None, clients: Arc::default() }
    }

    /// Returns the same clients, except that this function uses the credentials of another user.
    pub fn with_user(&self, function: &'static str, user: String) -> Self {
        Self { replaced: Some((function, user)), ..Self::new(self.config.clone()) }
    }

    /// Returns the client of one function, the same at every call.
    pub fn client_of(&self, function: &'static str) -> Storage {
        let user = match &self.replaced {
            Some((other, user)) if *other == function => user,
            _ => function,
        };
        let config = config::StorageConfig { aws: store_credentials(user), ..self.config.clone() };
        self.clients.lock().unwrap().entry(function).or_insert_with(|| Storage::new(config)).clone()
    }

    /// Returns the stores, with this function's client. This release knows one store.
    pub fn stores_of(&self, function: &'static str) -> Stores {
        Stores { s3: self.client_of(function) }
    }
}

/// Returns whether a function has a policy, and so a user, at the store or the queue.
pub fn has_policy(function: &str) -> bool {
    std::fs::exists(format!("{}/../functions/{function}/policy.json", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Returns the credentials of MinIO's root user. moto accepts any.
pub(crate) fn root_credentials() -> config::AwsConfig {
    store_credentials(&Environment::read().access_key_id)
}

/// Returns the credentials of a user of MinIO. All users have the same secret.
pub fn store_credentials(user: &str) -> config::AwsConfig {
    let secret = Environment::read().secret_access_key;
    config::AwsConfig {
        region: "us-east-1".into(),
        credentials: Credentials::new(user, secret, None, None, "tests"),
    }
}
