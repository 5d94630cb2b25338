//! What the vault relies on in an object store, asked of MinIO and of moto.

mod additions;
mod conditional;
mod deletion;
mod differences;
mod download;
mod reading;
mod signature;
mod stand;
mod upload;

/// Each of these contracts, on each of the stores.
macro_rules! contracts {
    ($($name:ident),+ $(,)?) => {
        mod minio {
            $(#[tokio::test] async fn $name() { super::$name(&crate::stand::Stand::minio().await).await })+
        }
        mod moto {
            $(#[tokio::test] async fn $name() { super::$name(&crate::stand::Stand::moto().await).await })+
        }
    };
}
use contracts;
