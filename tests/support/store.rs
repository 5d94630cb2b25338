//! A fresh bucket per test.

use std::collections::BTreeMap;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use docuvault::config;

use crate::Environment;

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
        let aws = aws();
        let mut builder = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(aws.region))
            .credentials_provider(aws.credentials)
            .http_client(docuvault::aws::http_client(Some(endpoint)))
            .force_path_style(true);
        builder.set_endpoint_url(Some(endpoint.to_owned()));
        let bucket = Self {
            client: Client::from_conf(builder.build()),
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

    /// The bytes under a key.
    pub async fn read(&self, key: &str) -> Vec<u8> {
        let object = self.client.get_object().bucket(&self.name).key(key).send().await.unwrap();
        object.body.collect().await.unwrap().to_vec()
    }
}

/// The credentials that `./dev test` has given to MinIO; moto takes any.
pub(crate) fn aws() -> config::Aws {
    let environment = Environment::read();
    config::Aws {
        region: "us-east-1".into(),
        credentials: Credentials::new(
            environment.access_key_id,
            environment.secret_access_key,
            None,
            None,
            "tests",
        ),
    }
}
