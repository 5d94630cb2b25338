//! A bucket in one of the stores, and a browser.

use std::time::Duration;

use docuvault::file::{ContentType, Sha256};
use docuvault::id::{DocumentId, UserId};
use docuvault::storage::{Extension, ObjectKey, Presigned, Storage};
use tests::{Environment, Identities, TestBucket};

use crate::differences::Difference;

/// Long enough for any test.
pub const MINUTE: Duration = Duration::from_secs(60);

/// One store under test.
pub struct Stand {
    /// What the contract is about, by an identity that may do anything.
    pub storage: Storage,
    /// The same as each function has it.
    pub identities: Identities,
    /// The bucket from outside.
    pub bucket: TestBucket,
    /// Where the store is.
    pub endpoint: String,
    /// Whether it is moto.
    pub is_moto: bool,
    /// Who has a URL and nothing else.
    pub browser: reqwest::Client,
}

impl Stand {
    /// On MinIO.
    pub async fn minio() -> Self {
        Self::at(Environment::read().s3_endpoint, false).await
    }

    /// On moto.
    pub async fn moto() -> Self {
        Self::at(Environment::read().moto_endpoint, true).await
    }

    async fn at(endpoint: String, is_moto: bool) -> Self {
        let bucket = TestBucket::create_at(&endpoint).await;
        let (storage, identities) = (Storage::new(bucket.config()), Identities::new(bucket.config()));
        let browser = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
        Self { storage, identities, bucket, endpoint, is_moto, browser }
    }

    /// What this store answers where the two differ.
    pub fn answer(&self, difference: &Difference) -> u16 {
        if self.is_moto { difference.moto } else { difference.minio }
    }

    /// Signs a PUT of plain text.
    pub async fn sign(&self, key: &ObjectKey, size_bytes: Option<i64>, sha256: Option<Sha256>) -> Presigned {
        self.identities.of("upload-url").presign_put(key, &text(), size_bytes, sha256, MINUTE).unwrap()
    }

    /// PUTs with exactly the signed headers; the store's status.
    pub async fn put(&self, signed: &Presigned, bytes: &[u8]) -> u16 {
        let mut request = self.browser.put(&signed.url).body(bytes.to_vec());
        for (name, value) in &signed.headers {
            request = request.header(name, value);
        }
        request.send().await.unwrap().status().as_u16()
    }

    /// Stores plain text under a new key.
    pub async fn store(&self, bytes: &[u8]) -> ObjectKey {
        let key = key();
        assert_eq!(self.put(&self.sign(&key, None, None).await, bytes).await, 200);
        key
    }

    /// GETs as a browser would.
    pub async fn get(&self, url: &str) -> reqwest::Response {
        self.browser.get(url).send().await.unwrap()
    }
}

/// A key that nobody has used.
pub fn key() -> ObjectKey {
    ObjectKey::new(UserId::new(), DocumentId::new(), Extension::from_filename("a.txt"))
}

/// The type of all that is stored here.
pub fn text() -> ContentType {
    "text/plain".to_owned().try_into().unwrap()
}

/// SHA-256 of `hello`.
pub fn sum_of_hello() -> Sha256 {
    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824".to_owned().try_into().unwrap()
}

/// The URL with another signature.
pub fn forged(url: &str) -> String {
    let (start, signature) = url.split_once("X-Amz-Signature=").unwrap();
    let (signature, rest) = signature.split_at(64);
    format!("{start}X-Amz-Signature={}{rest}", signature.chars().rev().collect::<String>())
}
