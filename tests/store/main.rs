//! Tests of the vault's requirements on an object store. Each test in `contracts!` runs on MinIO and on moto.

mod added_headers;
mod deletion;
mod differences;
mod download;
mod fixture;
mod lists;
mod read;
mod signature;
mod upload;
mod write_once;

/// Creates two tests for each of these functions: one on MinIO, one on moto.
macro_rules! contracts {
    ($($name:ident),+ $(,)?) => {
        mod minio {
            $(#[tokio::test] async fn $name() { super::$name(&crate::fixture::StoreFixture::minio().await).await })+
        }
        mod moto {
            $(#[tokio::test] async fn $name() { super::$name(&crate::fixture::StoreFixture::moto().await).await })+
        }
    };
}
use contracts;
