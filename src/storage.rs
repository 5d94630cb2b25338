//! The object store: requests, object keys and presigned URLs. No other module knows the bucket's name. There
//! may be several stores (`backend`); a [`Storage`] is the client of one.

mod backend;
mod client;
mod etag;
mod key;
mod listing;
mod sign;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::operation::RequestId as _;
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
use sign::Presigner;

pub use backend::{Backend, Location, Stores, UnknownBackend};
pub use etag::EntityTag;
pub use key::{Extension, InvalidObjectKey, ObjectKey};
pub use listing::{ListedObject, Listing};

/// The most objects that one `DeleteObjects` request may name.
pub const DELETE_BATCH: usize = 1_000;

/// The properties of a stored object, as the store reports them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredObject {
    /// The object's size in bytes, which is charged to the quota.
    pub size_bytes: i64,
    /// The object's SHA-256, if it was uploaded with one.
    pub sha256: Option<Sha256>,
    /// The object's entity tag. `None` if the store reports no tag that identifies one object.
    pub etag: Option<EntityTag>,
    /// The object's content type. `None` if the store reports no valid type.
    pub content_type: Option<ContentType>,
}

/// The result of fetching an object.
pub enum Fetched {
    /// The object exists, and can be read.
    Found(ObjectBody),
    /// No object has this key.
    Absent,
    /// The object has another entity tag than the expected one.
    Changed,
}

/// The state of the bucket's versioning, which keeps deleted and replaced objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Versioning {
    /// Versioning was never on. The bucket keeps no deleted or replaced objects.
    Off,
    /// Versioning is on. Deleted objects stay in the bucket.
    On,
    /// Versioning was on before. Objects that were deleted or replaced then may still be in the bucket.
    Suspended,
}

/// The size and the bytes of an object.
pub struct ObjectBody {
    /// The object's size in bytes.
    pub size_bytes: u64,
    /// A stream of the object's bytes. Reading fails if the connection ends before the last byte.
    pub body: Pin<Box<dyn AsyncBufRead + Send>>,
}

/// A presigned request, which a client sends to the store itself.
#[derive(Debug)]
pub struct Presigned {
    /// The signed URL. Until it expires, whoever has it can send the request, so it must never be logged.
    pub url: String,
    /// The signed headers. The request must contain all of them, unchanged.
    pub headers: BTreeMap<String, String>,
    /// The time at which the URL expires.
    pub expires_at: OffsetDateTime,
}

/// A client of one bucket. Clones share their connections.
#[derive(Clone)]
pub struct Storage(Arc<Inner>);

struct Inner {
    config: config::StorageConfig,
    /// Signs URLs for the endpoint that browsers reach.
    presigner: Presigner,
    /// The client for requests about single objects.
    object_client: OnceLock<client::Client>,
    /// The SDK's client, for all other requests.
    client: OnceLock<Client>,
    /// The SDK's client for requests about many objects, which have a longer time-out.
    batch_client: OnceLock<Client>,
}

impl Storage {
    /// Creates a client. It connects at the first request.
    pub fn new(config: config::StorageConfig) -> Self {
        Self(Arc::new(Inner {
            presigner: Presigner::new(&config, config.public_endpoint.as_deref()),
            config,
            object_client: OnceLock::new(),
            client: OnceLock::new(),
            batch_client: OnceLock::new(),
        }))
    }

    /// Creates a client from environment variables.
    ///
    /// # Errors
    /// A variable is missing or wrong.
    pub fn from_env() -> std::result::Result<Self, ConfigError> {
        Ok(Self::new(config::StorageConfig::from_env()?))
    }

    /// Creates the SDK's client now, so that the first request need not. Only functions that call
    /// [`Self::read`], [`Self::delete_all`] or [`Self::versioning`] need it.
    #[must_use]
    pub fn warm(self) -> Self {
        self.client();
        self
    }

    fn client(&self) -> &Client {
        self.0.client.get_or_init(|| self.create_client(STORE))
    }

    fn batch_client(&self) -> &Client {
        self.0.batch_client.get_or_init(|| self.create_client(STORE_BATCH))
    }

    fn create_client(&self, timeouts: Timeouts) -> Client {
        let config = &self.0.config;
        new_client(&config.aws, config.endpoint.as_deref(), timeouts)
    }

    fn object_client(&self) -> &client::Client {
        self.0.object_client.get_or_init(|| client::Client::new(&self.0.config))
    }

    /// The bucket's name. Events of the store contain it.
    pub fn bucket(&self) -> &str {
        &self.0.config.bucket
    }

    /// Signs a PUT of one object. The signature covers `If-None-Match: *`, so that nobody can replace a
    /// stored object, and the size and the checksum if they are known. The URL is valid from the time `from`,
    /// for `lifetime`. Sends no request.
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

    /// Signs a GET of one object. The answer makes a browser save the file under `filename`, and never
    /// display it as a page. The URL is valid from now on, for `lifetime`. Sends no request.
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
            // An uploader may have stored a `Content-Encoding`. The document consists of the stored bytes, so
            // no browser may decode them.
            ("response-content-encoding", "identity"),
            ("response-content-type", content_type.served_type()),
        ];
        self.0.presigner.presign("GET", key, &query, BTreeMap::new(), OffsetDateTime::now_utc(), lifetime)
    }

    /// Reads an object's properties by `HEAD`. Returns `None` if no object has the key. The function's
    /// identity must have the right to list the bucket: without it, S3 answers 403 for an object that does
    /// not exist.
    pub async fn head(&self, key: &ObjectKey) -> Result<Option<StoredObject>> {
        let answer =
            self.object_client().send(&Method::HEAD, key, Some(("x-amz-checksum-mode", "ENABLED"))).await?;
        match answer.status() {
            // MinIO answers 206 without a size if the uploader declared the object as encrypted in parts.
            status if status.is_success() => Ok(Some(StoredObject {
                size_bytes: answer
                    .header("content-length")
                    .and_then(|size| size.parse().ok())
                    .ok_or_else(|| Error::Storage("the store reported an object without a size".into()))?,
                sha256: answer.header("x-amz-checksum-sha256").and_then(Sha256::from_base64),
                etag: read_etag(&answer),
                content_type: read_content_type(&answer),
            })),
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(answer.to_error()),
        }
    }

    /// Like [`Self::head`], but reads the size from the answer to a GET of the first byte, and reads no
    /// checksum. `HEAD` reports a size from the object's metadata, which the uploader can influence: if
    /// the uploader declared the object as encrypted, MinIO reports a size that is too small.
    pub async fn measure(&self, key: &ObjectKey) -> Result<Option<StoredObject>> {
        let answer = self.object_client().send(&Method::GET, key, Some(("range", "bytes=0-0"))).await?;
        match answer.status() {
            StatusCode::OK | StatusCode::PARTIAL_CONTENT => {
                let range = answer.header("content-range");
                let size_bytes = range.and_then(|range| range.rsplit_once('/')?.1.parse().ok());
                // An answer without a range means that the object cannot be read. Without a tag it is
                // refused.
                let etag = size_bytes.and_then(|_: i64| read_etag(&answer));
                let (size_bytes, content_type) = (size_bytes.unwrap_or_default(), read_content_type(&answer));
                Ok(Some(StoredObject { size_bytes, sha256: None, etag, content_type }))
            }
            // An empty object has no first byte, so no range of it can be read.
            StatusCode::RANGE_NOT_SATISFIABLE => self.head(key).await,
            StatusCode::NOT_FOUND if answer.is_no_such_key() => Ok(None),
            _ => Err(answer.to_error()),
        }
    }

    /// Fetches an object if it has this entity tag, or any object if `etag` is `None`. If the stream is
    /// dropped, the rest is not fetched.
    pub async fn read(&self, key: &ObjectKey, etag: Option<&EntityTag>) -> Result<Fetched> {
        let request = self.client().get_object().bucket(self.bucket()).key(key.to_string());
        match request.set_if_match(etag.map(|etag| etag.as_str().to_owned())).send().await {
            // See `StoreResponse::is_from_store`: a proxy's page is not the document.
            Ok(object) if object.request_id().is_none() => {
                Err(Error::Storage("an answer to a GET is not from the store".into()))
            }
            Ok(object) => Ok(Fetched::Found(ObjectBody {
                size_bytes: object
                    .content_length()
                    .and_then(|size| size.try_into().ok())
                    .ok_or_else(|| Error::Storage("the store reported an object without a size".into()))?,
                body: Box::pin(object.body.into_async_read()),
            })),
            Err(error) => match (status(&error), error.code()) {
                (Some(404), Some("NoSuchKey")) => Ok(Fetched::Absent),
                (Some(412), Some("PreconditionFailed")) => Ok(Fetched::Changed),
                _ => Err(storage_error(error)),
            },
        }
    }

    /// Removes an object. If the store itself answers that there is no such object, it counts as removed.
    pub async fn delete(&self, key: &ObjectKey) -> Result<()> {
        let answer = self.object_client().send(&Method::DELETE, key, None).await?;
        if answer.status().is_success() || answer.is_no_such_key() { Ok(()) } else { Err(answer.to_error()) }
    }

    /// Removes the object of a deleted row. Waits only briefly for the store ([`REMOVAL_TIMEOUT`]). A failure
    /// is logged and is no error: the key is buried, so the sweep removes the object later.
    pub async fn delete_buried(&self, key: &ObjectKey) {
        let deleted = tokio::time::timeout(REMOVAL_TIMEOUT, self.delete(key)).await;
        if let Err(error) = deleted.unwrap_or_else(|_| Err(storage_error(ServiceError::Timeout))) {
            tracing::warn!(
                document = %key.document(),
                %error,
                "an object was not removed: the sweep will remove it"
            );
        }
    }

    /// Removes up to [`DELETE_BATCH`] objects in one request. Returns the keys of those that the store
    /// refused to remove.
    ///
    /// # Errors
    /// [`Error::Storage`] if the request failed as a whole.
    pub async fn delete_all(&self, keys: &[&str]) -> Result<Vec<String>> {
        let objects = keys
            .iter()
            .map(|key| ObjectIdentifier::builder().key(*key).build())
            .collect::<std::result::Result<Vec<_>, _>>()
            .map_err(Error::internal)?;
        let delete =
            Delete::builder().set_objects(Some(objects)).quiet(true).build().map_err(Error::internal)?;
        let answer = self
            .batch_client()
            .delete_objects()
            .bucket(self.bucket())
            .delete(delete)
            .send()
            .await
            .map_err(storage_error)?;
        let refused =
            answer.errors().iter().map(|error| error.key().map(str::to_owned)).collect::<Option<_>>();
        refused.ok_or_else(|| {
            Error::Storage("the store refused to remove an object, and did not name it".into())
        })
    }

    /// Lists up to `most` objects (at most 1,000) whose keys are greater than `after`, in the order of their
    /// keys' bytes. The objects may include objects that are not the vault's.
    pub async fn list(&self, after: &str, most: i32) -> Result<Listing> {
        listing::list(self.batch_client(), self.bucket(), after, most).await
    }

    /// Reads the state of the bucket's versioning. It is `Off` for a store without this feature.
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

/// Returns the entity tag in the response, if it is usable.
fn read_etag(answer: &StoreResponse) -> Option<EntityTag> {
    answer.header("etag").and_then(EntityTag::parse)
}

/// Returns the content type in the response, if it is valid.
fn read_content_type(answer: &StoreResponse) -> Option<ContentType> {
    answer.header("content-type").and_then(|text| text.to_owned().try_into().ok())
}

/// Creates the SDK's client of the store at `endpoint`, or of S3 if it is `None`. The local runner and the
/// tests use it, too.
pub fn new_client(aws: &config::AwsConfig, endpoint: Option<&str>, timeouts: Timeouts) -> Client {
    let sdk = aws::sdk_config(aws, endpoint, timeouts);
    Client::from_conf(Builder::from(&sdk).force_path_style(endpoint.is_some()).build())
}

/// Returns true if the store itself has refused a request, and would refuse it again: for example, because
/// the object is archived, or is encrypted with a key that the function may not use.
pub fn is_refusal(error: &Error) -> bool {
    let Error::Storage(source) = error else { return false };
    source.downcast_ref::<ServiceError>().is_some_and(ServiceError::is_permanent)
}

fn storage_error(error: impl Into<ServiceError>) -> Error {
    let error: ServiceError = error.into();
    Error::Storage(error.into())
}
