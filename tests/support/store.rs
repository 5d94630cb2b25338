//! A fresh bucket per test.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Credentials;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use docuvault::config;
use docuvault::limits::sdk::Timeouts;
use docuvault::storage::Storage;

use crate::Environment;

/// How long those who watch the vault wait: no test fails because the machine is busy.
pub(crate) const PATIENT: Timeouts =
    Timeouts { attempt: Duration::from_secs(60), operation: Duration::from_secs(120) };

/// A bucket, looked at from outside the vault.
#[derive(Clone)]
pub struct TestBucket {
    /// May do anything.
    pub client: Client,
    /// Its name.
    pub name: String,
    endpoint: String,
}

impl TestBucket {
    /// In MinIO.
    pub async fn create() -> Self {
        Self::create_at(&Environment::read().s3_endpoint).await
    }

    /// In another store.
    pub async fn create_at(endpoint: &str) -> Self {
        let bucket = Self {
            client: docuvault::storage::client(&aws(), Some(endpoint), PATIENT),
            name: format!("test-{}", uuid::Uuid::new_v4().simple()),
            endpoint: endpoint.to_owned(),
        };
        bucket.client.create_bucket().bucket(&bucket.name).send().await.unwrap();
        bucket
    }

    /// What the vault is told of it.
    pub fn config(&self) -> config::Storage {
        self.config_by(&self.endpoint)
    }

    /// The same by another address for the functions, such as a proxy's; URLs are signed for the store itself.
    pub fn config_by(&self, endpoint: &str) -> config::Storage {
        config::Storage {
            aws: aws(),
            bucket: self.name.clone(),
            endpoint: Some(endpoint.to_owned()),
            public_endpoint: Some(self.endpoint.clone()),
        }
    }

    /// Every key, with its size in bytes.
    pub async fn objects(&self) -> BTreeMap<String, i64> {
        self.listing().await.into_iter().map(|(key, (size, _))| (key, size)).collect()
    }

    /// Every key, with its size in bytes and its entity tag, which changes with the bytes.
    pub async fn listing(&self) -> BTreeMap<String, (i64, String)> {
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

    /// Has the bucket keep what is deleted, or keep no more.
    pub async fn set_versioning(&self, on: bool) {
        let status = if on { BucketVersioningStatus::Enabled } else { BucketVersioningStatus::Suspended };
        let versioning = VersioningConfiguration::builder().status(status).build();
        let request = self.client.put_bucket_versioning().bucket(&self.name);
        request.versioning_configuration(versioning).send().await.unwrap();
    }

    /// The bytes under a key.
    pub async fn read(&self, key: &str) -> Vec<u8> {
        let object = self.client.get_object().bucket(&self.name).key(key).send().await.unwrap();
        object.body.collect().await.unwrap().to_vec()
    }
}

/// The store as the functions of one sandbox reach it: each as who it is there.
#[derive(Clone)]
pub struct Identities {
    config: config::Storage,
    /// By function: the one in whose place it is somebody else.
    instead: Option<(&'static str, String)>,
    made: Arc<Mutex<BTreeMap<&'static str, Storage>>>,
}

impl Identities {
    /// Of the bucket with this configuration.
    pub fn new(config: config::Storage) -> Self {
        Self { config, instead: None, made: Arc::default() }
    }

    /// The same, but for one function, which is somebody else.
    pub fn with(&self, function: &'static str, user: String) -> Self {
        Self { instead: Some((function, user)), ..Self::new(self.config.clone()) }
    }

    /// One function's client, always the same.
    pub fn of(&self, function: &'static str) -> Storage {
        let user = match &self.instead {
            Some((other, user)) if *other == function => user,
            _ => function,
        };
        let config = config::Storage { aws: identity(user), ..self.config.clone() };
        self.made.lock().unwrap().entry(function).or_insert_with(|| Storage::new(config)).clone()
    }
}

/// Whether a function is anybody at the store: it has a policy then.
pub fn has_identity(function: &str) -> bool {
    std::fs::exists(format!("{}/../functions/{function}/policy.json", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The credentials that `./dev test` has given to MinIO; moto takes any.
pub(crate) fn aws() -> config::Aws {
    identity(&Environment::read().access_key_id)
}

/// Those of a user of MinIO: all have one secret.
pub fn identity(user: &str) -> config::Aws {
    let secret = Environment::read().secret_access_key;
    config::Aws {
        region: "us-east-1".into(),
        credentials: Credentials::new(user, secret, None, None, "tests"),
    }
}
