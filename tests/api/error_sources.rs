//! An error of the store or the queue keeps its cause. The texts of both contain no URL, no object key and no
//! signature.

use std::error::Error;

use docuvault::aws::ServiceError;
use docuvault::config::QueueConfig;
use docuvault::error::chain;
use docuvault::queue::Queue;
use docuvault::storage::{ObjectKey, Storage};
use tests::TestVault;
use tests::proxy::Mode;

const NOWHERE: &str = "http://127.0.0.1:1";

fn has_cause<T: Error + 'static>(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |&error| error.source()).any(|cause| cause.is::<T>())
}

/// Panics if a text of the error contains an object key, a part of a signed URL or an address.
fn check_text(error: &docuvault::Error, key: &ObjectKey) {
    let texts = [error.to_string(), chain(error), format!("{error:?}")];
    for secret in [&*key.to_string(), "X-Amz-", "AWS4-HMAC", "http://"] {
        assert!(texts.iter().all(|text| !text.contains(secret)), "{secret}: {texts:?}");
    }
}

#[tokio::test]
async fn a_connection_that_cannot_be_made_is_the_cause() {
    let vault = TestVault::new().await;
    let key = vault.create_user().await.store_pending("a.txt", b"hello").await.key().parse().unwrap();
    let storage = Storage::new(vault.bucket.config_at(NOWHERE));
    let queue = Queue::new(QueueConfig { endpoint: Some(NOWHERE.into()), ..vault.queue.clone() });
    for error in [
        storage.delete(&key).await.unwrap_err(),
        storage.head(&key).await.unwrap_err(),
        storage.versioning().await.unwrap_err(),
        storage.delete_all(&[&key.to_string()]).await.unwrap_err(),
        queue.ping().await.unwrap_err(),
    ] {
        assert!(has_cause::<std::io::Error>(&error), "{error:?}");
        assert!(error.to_string().contains("Connection refused"), "{error}");
        check_text(&error, &key);
    }
}

#[tokio::test]
async fn a_refusal_is_the_cause_with_its_status() {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_store().await;
    let key = vault.create_user().await.store_pending("a.txt", b"hello").await.key().parse().unwrap();
    proxy.set_mode(Mode::Status(403));
    let storage = services.storage.client_of("delete");
    for error in [
        storage.delete(&key).await.unwrap_err(),
        storage.read(&key, None).await.err().unwrap(),
        storage.delete_all(&[&key.to_string()]).await.unwrap_err(),
    ] {
        assert!(has_cause::<ServiceError>(&error), "{error:?}");
        assert!(error.to_string().contains("403 without a code, request without an id"), "{error}");
        check_text(&error, &key);
    }
}
