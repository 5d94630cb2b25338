//! The object store: its requests, object keys and presigned URLs. No other module names the bucket. There
//! may be several stores (`backend`); a [`Storage`] is the client of one.

mod backend;
mod client;
mod etag;
mod key;
mod sign;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::types::{BucketVersioningStatus, Delete, ObjectIdentifier};
use hyper::{Method, StatusCode};
use time::OffsetDateTime;
use tokio::io::AsyncBufRead;

use crate::aws::{self, ServiceError, status};
use crate::config::ConfigError;
use crate::file::{ContentType, Filename, Sha256};
use crate::limits::sdk::{REMOVAL_TIMEOUT, STORE, STORE_BATCH, Timeouts};
use crate::{Error, Result, config};

use client::StoreResponse;
use sign::Signer;

pub use backend::{Backend, Location, Stores, UnknownBackend};
pub use etag::EntityTag;
pub use key::{Extension, InvalidObjectKey, ObjectKey};

/// The most objects that one request to S3 removes.
pub const DELETE_BATCH: usize = 1_000;

/// What the store says about an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredObject {
    /// Its size in bytes: the one that is charged.
    pub size_bytes: i64,
    /// Its checksum, where it was stored with one.
    pub sha256: Option<Sha256>,
    /// Its entity tag, which differs from that of any other object; none where the store gives no usable one.
    pub etag: Option<EntityTag>,
}

/// The answer to a request for an object.
pub enum Fetched {
    /// The object is there.
    Found(ObjectBody),
    /// There is no object under the key.
    Absent,
    /// There is another object under the key.
    Changed,
}

/// What the bucket keeps of objects that are deleted or replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Versioning {
    /// Nothing, and it never kept anything.
    Off,
    /// Everything: what is deleted is not gone.
    On,
    /// Nothing now. What was deleted or replaced while versioning was on may still be there.
    Suspended,
}

/// An object that is being read.
pub struct ObjectBody {
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Its bytes. Reading fails where they end too early.
    pub body: Pin<Box<dyn AsyncBufRead + Send>>,
}

/// A request to the store that a client may make itself.
#[derive(Debug)]
pub struct Presigned {
    /// Where to send it; a bearer secret until it expires, never logged.
    pub url: String,
    /// The signed headers, which must be sent exactly so.
    pub headers: BTreeMap<String, String>,
    /// When it stops working.
    pub expires_at: OffsetDateTime,
}

/// A client of the one bucket.
#[derive(Clone)]
pub struct Storage(Arc<Inner>);

struct Inner {
    config: config::StorageConfig,
    /// Signs for the endpoint that browsers reach.
    presigner: Signer,
    /// Sends requests about single objects.
    object_client: OnceLock<client::Client>,
    /// The SDK's client, for all other requests.
    client: OnceLock<Client>,
    /// The client for batches of removals, which take longer.
    batch_client: OnceLock<Client>,
}

impl Storage {
    /// A client that connects when the first object is asked for.
    pub fn new(config: config::StorageConfig) -> Self {
        Self(Arc::new(Inner {
            presigner: Signer::new(&config, config.public_endpoint.as_deref()),
            config,
            object_client: OnceLock::new(),
            client: OnceLock::new(),
            batch_client: OnceLock::new(),
        }))
    }

    /// Reads from the environment where the bucket is.
    pub fn from_env() -> std::result::Result<Self, ConfigError> {
        Ok(Self::new(config::StorageConfig::from_env()?))
    }

    /// Makes the SDK's client now, and not at the first request. Only [`Self::read`], [`Self::delete_all`]
    /// and [`Self::versioning`] use it.
    #[must_use]
    pub fn warm(self) -> Self {
        self.client();
        self
    }

    fn client(&self) -> &Client {
        self.0.client.get_or_init(|| self.connect(STORE))
    }

    fn connect(&self, timeouts: Timeouts) -> Client {
        let config = &self.0.config;
        new_client(&config.aws, config.endpoint.as_deref(), timeouts)
    }

    fn object_client(&self) -> &client::Client {
        self.0.object_client.get_or_init(|| client::Client::new(&self.0.config))
    }

    /// The bucket's name, by which an event of this bucket is recognized.
    pub fn bucket(&self) -> &str {
        &self.0.config.bucket
    }

    /// Signs a PUT of one object. The header `If-None-Match` is signed, so that nobody replaces what is
    /// stored, and so are the size and the checksum where they are known (SPEC section 2.1). The URL
    /// is valid from `from` on, for `lifetime`. Makes no request.
    pub fn presign_put(
        &self,
        key: &ObjectKey,
        content_type: &ContentType,
        size_bytes: Option<i64>,
        sha256: Option<Sha256>,
        from: OffsetDateTime,
        lifetime: Duration,
    ) -> Result<Presigned> {
        let mut headers = BTreeMap::from([
            ("content-type".to_owned(), content_type.as_str().to_owned()),
            ("if-none-match".to_owned(), "*".to_owned()),
        ]);
        headers.extend(size_bytes.map(|size| ("content-length".to_owned(), size.to_string())));
        headers.extend(sha256.map(|sum| ("x-amz-checksum-sha256".to_owned(), sum.to_base64())));
        self.0.presigner.presign("PUT", key, &[], headers, from, lifetime)
    }

    /// Signs a GET that makes a browser save the object under `filename`, and never run it. Makes no request.
    pub fn presign_get(
        &self,
        key: &ObjectKey,
        filename: &Filename,
        content_type: &ContentType,
        lifetime: Duration,
    ) -> Result<Presigned> {
        let query = [
            ("response-cache-control", "private, no-store"),
            ("response-content-disposition", &filename.to_content_disposition()),
            // The uploader may have made the store remember an encoding. The bytes are the document all the
            // same.
            ("response-content-encoding", "identity"),
            ("response-content-type", content_type.served_type()),
        ];
        self.0.presigner.presign("GET", key, &query, BTreeMap::new(), OffsetDateTime::now_utc(), lifetime)
    }

    /// Asks what is stored under the key. The caller's identity must be allowed to list the bucket: without
    /// that right, S3 answers 403 for what is absent, as it does where it forbids the request.
    pub async fn head(&self, key: &ObjectKey) -> Result<Option<StoredObject>> {
        let answer =
            self.object_client().send(&Method::HEAD, key, Some(("x-amz-checksum-mode", "ENABLED"))).await?;
        match answer.status {
            // MinIO answers 206, and no size, for an object that the uploader has called encrypted in parts.
            status if status.is_success() => Ok(Some(StoredObject {
                size_bytes: answer
                    .header("content-length")
                    .and_then(|size| size.parse().ok())
                    .ok_or_else(|| Error::Storage("an object without a size".into()))?,
                sha256: answer.header("x-amz-checksum-sha256").and_then(Sha256::from_base64),
                etag: read_etag(&answer),
            })),
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(answer.to_error()),
        }
    }

    /// As [`Self::head`], but reads the size from the answer to a GET, and no checksum. `HEAD` answers from
    /// what was stored beside the bytes: MinIO computes too small a size from it if the uploader has called
    /// the object encrypted.
    pub async fn measure(&self, key: &ObjectKey) -> Result<Option<StoredObject>> {
        let answer = self.object_client().send(&Method::GET, key, Some(("range", "bytes=0-0"))).await?;
        match answer.status {
            StatusCode::OK | StatusCode::PARTIAL_CONTENT => {
                let range = answer.header("content-range");
                let size_bytes = range.and_then(|range| range.rsplit_once('/')?.1.parse().ok());
                // An object that can't be read has no range. It gets no tag, so that it is refused.
                let etag = size_bytes.and_then(|_: i64| read_etag(&answer));
                Ok(Some(StoredObject { size_bytes: size_bytes.unwrap_or_default(), sha256: None, etag }))
            }
            // An empty object has no first byte.
            StatusCode::RANGE_NOT_SATISFIABLE => self.head(key).await,
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(answer.to_error()),
        }
    }

    /// Begins to read the object under the key, if it has this tag (none: any). Nothing more is fetched once
    /// the answer is dropped.
    pub async fn read(&self, key: &ObjectKey, etag: Option<&EntityTag>) -> Result<Fetched> {
        let request = self.client().get_object().bucket(self.bucket()).key(key.to_string());
        match request.set_if_match(etag.map(|etag| etag.as_str().to_owned())).send().await {
            Ok(object) => Ok(Fetched::Found(ObjectBody {
                size_bytes: object
                    .content_length()
                    .and_then(|size| size.try_into().ok())
                    .ok_or_else(|| Error::Storage("an object without a size".into()))?,
                body: Box::pin(object.body.into_async_read()),
            })),
            Err(error) if status(&error) == Some(404) => Ok(Fetched::Absent),
            Err(error) if status(&error) == Some(412) => Ok(Fetched::Changed),
            Err(error) => Err(storage_error(error)),
        }
    }

    /// Removes an object. One that the store says is absent counts as removed.
    pub async fn delete(&self, key: &ObjectKey) -> Result<()> {
        let answer = self.object_client().send(&Method::DELETE, key, None).await?;
        if answer.status.is_success() || answer.is_no_such_key() { Ok(()) } else { Err(answer.to_error()) }
    }

    /// Removes the object of a row that is gone, if the store answers soon. The key was buried with the row,
    /// so that the sweep removes what is left (SPEC section 2.6).
    pub async fn delete_buried(&self, key: &ObjectKey) {
        let deleted = tokio::time::timeout(REMOVAL_TIMEOUT, self.delete(key)).await;
        if let Err(error) = deleted.unwrap_or_else(|_| Err(client::timeout_error())) {
            tracing::warn!(
                document = %key.document(),
                %error,
                "an object was not removed: the sweep will remove it"
            );
        }
    }

    /// Removes up to [`DELETE_BATCH`] objects in one request; returns the keys that the store refused to
    /// remove.
    pub async fn delete_all(&self, keys: &[&str]) -> Result<Vec<String>> {
        let objects = keys
            .iter()
            .map(|key| ObjectIdentifier::builder().key(*key).build())
            .collect::<std::result::Result<Vec<_>, _>>()
            .map_err(Error::internal)?;
        let delete =
            Delete::builder().set_objects(Some(objects)).quiet(true).build().map_err(Error::internal)?;
        let client = self.0.batch_client.get_or_init(|| self.connect(STORE_BATCH));
        let answer = client
            .delete_objects()
            .bucket(self.bucket())
            .delete(delete)
            .send()
            .await
            .map_err(storage_error)?;
        let refused =
            answer.errors().iter().map(|error| error.key().map(str::to_owned)).collect::<Option<_>>();
        refused.ok_or_else(|| Error::Storage("an object was refused without its key".into()))
    }

    /// Asks the bucket whether it keeps what is deleted. A store that does not know versions keeps nothing.
    pub async fn versioning(&self) -> Result<Versioning> {
        match self.client().get_bucket_versioning().bucket(self.bucket()).send().await {
            Ok(answer) => Ok(match answer.status() {
                None => Versioning::Off,
                Some(BucketVersioningStatus::Suspended) => Versioning::Suspended,
                Some(_) => Versioning::On,
            }),
            Err(error) if status(&error) == Some(501) => Ok(Versioning::Off),
            Err(error) => Err(storage_error(error)),
        }
    }
}

fn read_etag(answer: &StoreResponse) -> Option<EntityTag> {
    answer.header("etag").and_then(EntityTag::parse)
}

/// A client of the store at `endpoint` (none: S3), for the vault and for what watches it.
pub fn new_client(aws: &config::AwsConfig, endpoint: Option<&str>, timeouts: Timeouts) -> Client {
    let sdk = aws::sdk_config(aws, endpoint, timeouts);
    Client::from_conf(Builder::from(&sdk).force_path_style(endpoint.is_some()).build())
}

fn storage_error(error: impl Into<ServiceError>) -> Error {
    let error: ServiceError = error.into();
    Error::Storage(error.into())
}
