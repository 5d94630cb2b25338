//! A bucket in one of the stores, with clients that use it.

use std::time::Duration;

use docuvault::file::{ContentType, Sha256};
use docuvault::id::{DocumentId, UserId};
use docuvault::storage::{Extension, ObjectKey, Presigned, Storage};
use tests::{Environment, StoreUsers, TestBucket};
use time::OffsetDateTime;

use crate::differences::Difference;

/// A lifetime of URLs that no test exceeds.
pub const MINUTE: Duration = Duration::from_secs(60);

/// A store under test.
pub struct StoreFixture {
    /// The vault's client of the store, with all rights.
    pub storage: Storage,
    /// The vault's clients with the rights of each function.
    pub users: StoreUsers,
    /// The bucket, read and written without the vault's code.
    pub bucket: TestBucket,
    /// The store's endpoint.
    pub endpoint: String,
    /// Whether the store is moto.
    pub is_moto: bool,
    /// An HTTP client without credentials.
    pub browser: reqwest::Client,
}

impl StoreFixture {
    /// Creates a bucket in MinIO.
    pub async fn minio() -> Self {
        Self::in_store(Environment::read().s3_endpoint, false).await
    }

    /// Creates a bucket in moto.
    pub async fn moto() -> Self {
        Self::in_store(Environment::read().moto_endpoint, true).await
    }

    async fn in_store(endpoint: String, is_moto: bool) -> Self {
        let bucket = TestBucket::create_at(&endpoint).await;
        let (storage, users) = (Storage::new(bucket.config()), StoreUsers::new(bucket.config()));
        let browser = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
        Self { storage, users, bucket, endpoint, is_moto, browser }
    }

    /// Returns the expected status on this store, where the two differ.
    pub fn expected(&self, difference: &Difference) -> u16 {
        if self.is_moto { difference.moto } else { difference.minio }
    }

    /// Signs a PUT of plain text, as `upload-url` does.
    pub async fn sign(&self, key: &ObjectKey, size_bytes: Option<i64>, sha256: Option<Sha256>) -> Presigned {
        self.users
            .client_of("upload-url")
            .presign_put(key, &text_plain(), size_bytes, sha256, OffsetDateTime::now_utc(), MINUTE)
            .unwrap()
    }

    /// PUTs bytes with exactly the signed headers. Returns the store's status.
    pub async fn put(&self, signed: &Presigned, bytes: &[u8]) -> u16 {
        let mut request = self.browser.put(&signed.url).body(bytes.to_vec());
        for (name, value) in &signed.headers {
            request = request.header(name, value);
        }
        request.send().await.unwrap().status().as_u16()
    }

    /// Stores plain text under a new key. Returns the key.
    pub async fn store_object(&self, bytes: &[u8]) -> ObjectKey {
        let key = new_key();
        assert_eq!(self.put(&self.sign(&key, None, None).await, bytes).await, 200);
        key
    }

    /// GETs a URL as a browser would.
    pub async fn get(&self, url: &str) -> reqwest::Response {
        self.browser.get(url).send().await.unwrap()
    }
}

/// Returns a new object key.
pub fn new_key() -> ObjectKey {
    ObjectKey::new(UserId::new(), DocumentId::new(), Extension::from_filename("a.txt"))
}

/// Returns the content type of the stored objects.
pub fn text_plain() -> ContentType {
    "text/plain".to_owned().try_into().unwrap()
}

/// Returns the SHA-256 of `hello`.
pub fn sha256_of_hello() -> Sha256 {
    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824".to_owned().try_into().unwrap()
}

/// Replaces the signature of a URL by another one.
pub fn with_forged_signature(url: &str) -> String {
    let (start, signature) = url.split_once("X-Amz-Signature=").unwrap();
    let (signature, rest) = signature.split_at(64);
    format!("{start}X-Amz-Signature={}{rest}", signature.chars().rev().collect::<String>())
}
