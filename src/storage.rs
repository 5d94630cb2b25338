//! The object store: the one place that names a bucket, a key or a presigned URL.

mod etag;
mod key;
mod presign;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{BehaviorVersion, Region, RequestChecksumCalculation, ResponseChecksumValidation};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::types::{BucketVersioningStatus, ChecksumMode, Delete, ObjectIdentifier};
use time::OffsetDateTime;
use tokio::io::AsyncBufRead;

use crate::aws::{self, status};
use crate::document::{ContentType, Filename, Sha256};
use crate::{Error, Result, config};

use presign::Presigner;

pub use etag::EntityTag;
pub use key::{Extension, ForeignKey, ObjectKey};

/// The most objects S3 removes in one request.
pub const DELETE_BATCH: usize = 1_000;

/// How long a caller waits for a removal that the sweep would repeat anyway.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long the store may take over a batch of removals.
const BATCH_PATIENCE: Duration = Duration::from_secs(10);

/// What the store says of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredObject {
    /// Its size, the authoritative one.
    pub size_bytes: i64,
    /// Its checksum, where it was stored with one.
    pub sha256: Option<Sha256>,
    /// What tells it from any other; none where the store tells no usable one.
    pub etag: Option<EntityTag>,
}

/// What became of a request for an object.
pub enum Fetched {
    /// It comes.
    Object(Object),
    /// There is none under the key.
    Absent,
    /// There is another one under the key.
    Changed,
}

/// What the bucket keeps of objects that are deleted or replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Versioning {
    /// Nothing, and it never has.
    Off,
    /// Everything: deleted is not gone.
    On,
    /// Nothing any more; what was deleted or replaced while it was on may be there still.
    Suspended,
}

/// An object on its way.
pub struct Object {
    /// Its size.
    pub size_bytes: u64,
    /// Its bytes; an error where they end too early.
    pub body: Pin<Box<dyn AsyncBufRead + Send>>,
}

/// A request that a client may make without us.
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
pub struct Storage(Arc<Parts>);

struct Parts {
    config: config::Storage,
    presigner: Presigner,
    client: OnceLock<Client>,
    /// Waits for batches of removals.
    patient: OnceLock<Client>,
}

impl Storage {
    /// Connects when the first object is asked for.
    pub fn new(config: config::Storage) -> Self {
        let presigner = Presigner::new(&config);
        Self(Arc::new(Parts { presigner, config, client: OnceLock::new(), patient: OnceLock::new() }))
    }

    /// Does at init what the first request to the store needs; who only signs needs none of it.
    pub fn warm(&self) {
        self.client();
    }

    fn client(&self) -> &Client {
        self.0.client.get_or_init(|| client(&self.0.config, Duration::from_secs(2)))
    }

    /// The bucket's name, by which events are told from foreign ones.
    pub fn bucket(&self) -> &str {
        &self.0.config.bucket
    }

    /// A PUT of one object, once. `If-None-Match` is signed, so that what is stored stays; size and checksum are signed as headers
    /// where they are known (SPEC section 2.1). Makes no request.
    pub fn presign_put(
        &self,
        key: &ObjectKey,
        content_type: &ContentType,
        size_bytes: Option<i64>,
        sha256: Option<Sha256>,
        lifetime: Duration,
    ) -> Result<Presigned> {
        let mut headers = BTreeMap::from([
            ("content-type".to_owned(), content_type.as_str().to_owned()),
            ("if-none-match".to_owned(), "*".to_owned()),
        ]);
        headers.extend(size_bytes.map(|size| ("content-length".to_owned(), size.to_string())));
        headers.extend(sha256.map(|sum| ("x-amz-checksum-sha256".to_owned(), sum.to_base64())));
        self.0.presigner.sign("PUT", key, &[], headers, lifetime)
    }

    /// A GET that makes a browser save the object under `filename`, and never run it. Makes no request.
    pub fn presign_get(
        &self,
        key: &ObjectKey,
        filename: &Filename,
        content_type: &ContentType,
        lifetime: Duration,
    ) -> Result<Presigned> {
        let query = [
            ("response-cache-control", "private, no-store"),
            ("response-content-disposition", &filename.as_attachment()),
            // The bytes are the document, whatever encoding its uploader has had the store remember.
            ("response-content-encoding", "identity"),
            ("response-content-type", content_type.safe_to_serve()),
        ];
        self.0.presigner.sign("GET", key, &query, BTreeMap::new(), lifetime)
    }

    /// What is stored under the key, if anything. Whoever asks may list the bucket: without that right S3 answers 403 for what is
    /// absent, and a store that forbids could not be told from one without the object.
    pub async fn head(&self, key: &ObjectKey) -> Result<Option<StoredObject>> {
        let request = self.client().head_object().bucket(self.bucket()).key(key.to_string());
        match request.checksum_mode(ChecksumMode::Enabled).send().await {
            Ok(object) => Ok(Some(StoredObject {
                size_bytes: object
                    .content_length()
                    .ok_or_else(|| Error::Storage("an object without a size".into()))?,
                sha256: object.checksum_sha256().and_then(Sha256::from_base64),
                etag: object.e_tag().and_then(EntityTag::parse),
            })),
            Err(error) if status(&error) == Some(404) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// As [`Self::head`], but the size comes from the answer to a GET, and there is no checksum. `HEAD` repeats what was stored beside
    /// the bytes. MinIO computes too small a size from it if the uploader has called the object encrypted.
    pub async fn measure(&self, key: &ObjectKey) -> Result<Option<StoredObject>> {
        let request = self.client().get_object().bucket(self.bucket()).key(key.to_string());
        match request.range("bytes=0-0").send().await {
            Ok(object) => {
                let size_bytes =
                    object.content_range().and_then(|range| range.rsplit_once('/')?.1.parse().ok());
                // What can't be read has no range: it is an object, and none that has a tag.
                let etag = size_bytes.and_then(|_: i64| object.e_tag().and_then(EntityTag::parse));
                // Left unread, the byte would cost the connection.
                let _byte = object.body.collect().await;
                Ok(Some(StoredObject { size_bytes: size_bytes.unwrap_or_default(), sha256: None, etag }))
            }
            // It has no first byte.
            Err(error) if status(&error) == Some(416) => self.head(key).await,
            Err(error) if status(&error) == Some(404) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// What is stored under the key, to be read as it comes, if it is the object with this tag (none: any). Dropped, it fetches no
    /// more.
    pub async fn read(&self, key: &ObjectKey, etag: Option<&EntityTag>) -> Result<Fetched> {
        let request = self.client().get_object().bucket(self.bucket()).key(key.to_string());
        match request.set_if_match(etag.map(|etag| etag.as_str().to_owned())).send().await {
            Ok(object) => Ok(Fetched::Object(Object {
                size_bytes: object
                    .content_length()
                    .and_then(|size| size.try_into().ok())
                    .ok_or_else(|| Error::Storage("an object without a size".into()))?,
                body: Box::pin(object.body.into_async_read()),
            })),
            Err(error) if status(&error) == Some(404) => Ok(Fetched::Absent),
            Err(error) if status(&error) == Some(412) => Ok(Fetched::Changed),
            Err(error) => Err(failed(error)),
        }
    }

    /// Removes an object; one that is absent counts as removed.
    pub async fn delete(&self, key: &ObjectKey) -> Result<()> {
        self.client()
            .delete_object()
            .bucket(self.bucket())
            .key(key.to_string())
            .send()
            .await
            .map_err(failed)?;
        Ok(())
    }

    /// Removes the object of a row that is gone, if the store is quick about it: the key is buried with the row, and what is not
    /// done here is the sweep's to do (SPEC section 2.6).
    pub async fn delete_buried(&self, key: &ObjectKey) {
        let deleted = tokio::time::timeout(PATIENCE, self.delete(key)).await;
        if let Err(error) = deleted.unwrap_or_else(|_| Err(Error::Storage("no answer in time".into()))) {
            tracing::warn!(document = %key.document(), %error, "object left to the sweep");
        }
    }

    /// Removes up to [`DELETE_BATCH`] objects in one request; returns the keys that the store refused to remove.
    pub async fn delete_all(&self, keys: &[&str]) -> Result<Vec<String>> {
        let objects = keys
            .iter()
            .map(|key| ObjectIdentifier::builder().key(*key).build())
            .collect::<std::result::Result<Vec<_>, _>>()
            .map_err(|error| Error::Internal(error.to_string()))?;
        let delete = Delete::builder()
            .set_objects(Some(objects))
            .quiet(true)
            .build()
            .map_err(|error| Error::Internal(error.to_string()))?;
        let patient = self.0.patient.get_or_init(|| client(&self.0.config, BATCH_PATIENCE));
        let answer =
            patient.delete_objects().bucket(self.bucket()).delete(delete).send().await.map_err(failed)?;
        let refused =
            answer.errors().iter().map(|error| error.key().map(str::to_owned)).collect::<Option<_>>();
        refused.ok_or_else(|| Error::Storage("an object was refused without its key".into()))
    }

    /// Whether the bucket answers, and what it keeps. A store that does not know versions keeps none.
    pub async fn versioning(&self) -> Result<Versioning> {
        match self.client().get_bucket_versioning().bucket(self.bucket()).send().await {
            Ok(answer) => Ok(match answer.status() {
                None => Versioning::Off,
                Some(BucketVersioningStatus::Suspended) => Versioning::Suspended,
                Some(_) => Versioning::On,
            }),
            Err(error) if status(&error) == Some(501) => Ok(Versioning::Off),
            Err(error) => Err(failed(error)),
        }
    }
}

/// `patience`: how long each attempt may take.
fn client(config: &config::Storage, patience: Duration) -> Client {
    let (aws, endpoint) = (&config.aws, config.endpoint.as_deref());
    let mut sdk = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(aws.region.clone()))
        .credentials_provider(aws.credentials.clone())
        .http_client(aws::http_client(endpoint))
        .force_path_style(endpoint.is_some())
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .timeout_config(timeouts(patience));
    sdk.set_endpoint_url(endpoint.map(str::to_owned));
    Client::from_conf(sdk.build())
}

fn timeouts(attempt: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(attempt)
        .operation_timeout(Duration::from_secs(12))
        .build()
}

fn failed<E: ProvideErrorMetadata>(error: SdkError<E>) -> Error {
    Error::Storage(aws::failure(&error))
}
