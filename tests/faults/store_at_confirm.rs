use std::time::Duration;

use serde_json::json;
use tests::proxy::Mode;
use tests::{TestVault, promises};

use crate::{served, settle, within};

/// Three attempts of two seconds, and the pauses between them.
const BOUND: u64 = 12;

/// Confirms while the store is in this mode, and again when it is well.
async fn refused_for_now(mode: Mode, status: u16, code: &str) {
    let vault = TestVault::new().await;
    let (proxy, parts) = vault.store_by_proxy().await;
    let alice = served(&vault, &vault.user().await, &parts);
    alice.keep("before.txt", b"a connection that is kept").await;
    let upload = alice.store("a.txt", b"hello").await;
    let before = vault.rows().await;
    proxy.set(mode);
    let refusal = within(BOUND, alice.confirm(upload.document_id)).await.expect(status);
    assert_eq!(refusal["code"], code);
    assert_eq!(vault.rows().await, before, "nothing has changed");
    proxy.set(Mode::Pass);
    let body = json!({"id": upload.document_id, "size_bytes": 5, "used_bytes": 30, "status": "uploaded"});
    assert_eq!(alice.confirm(upload.document_id).await.expect(200), body);
    promises::hold(&vault).await.unwrap();
    settle(&vault).await;
}

#[tokio::test]
async fn a_store_that_is_down_is_503_and_a_retry_works() {
    refused_for_now(Mode::Down, 503, "store_unreachable").await;
}

#[tokio::test]
async fn a_store_that_is_slow_is_503_within_a_bound_and_a_retry_works() {
    refused_for_now(Mode::Slow(Duration::from_secs(30)), 503, "store_unreachable").await;
}

#[tokio::test]
async fn a_store_that_fails_is_503_and_a_retry_works() {
    refused_for_now(Mode::Status(500), 503, "store_unreachable").await;
}

#[tokio::test]
async fn a_store_that_is_overloaded_is_503_and_a_retry_works() {
    refused_for_now(Mode::Status(503), 503, "store_unreachable").await;
}

#[tokio::test]
async fn a_store_whose_answers_are_lost_is_503_and_a_retry_works() {
    refused_for_now(Mode::LoseAnswers, 503, "store_unreachable").await;
}

/// As a store says for an absent object to whom it does not let list.
#[tokio::test]
async fn a_store_that_forbids_counts_as_one_without_the_object() {
    refused_for_now(Mode::Status(403), 422, "upload_not_found").await;
}

#[tokio::test]
async fn a_refusal_stands_though_the_store_goes_down_after_it_was_asked() {
    let vault = TestVault::new().await;
    let (proxy, parts) = vault.store_by_proxy().await;
    let alice = served(&vault, &vault.user().await, &parts);
    let upload = alice.store("a.txt", b"hello").await;
    vault.limit(alice.id(), 4).await;
    let ledger = crate::hold_ledger(&vault, alice.id()).await;
    let (refusal, ()) = tokio::join!(within(BOUND, alice.confirm(upload.document_id)), async {
        vault.until_waiting("upload::charge").await;
        proxy.set(Mode::Down);
        ledger.batch_execute("commit").await.unwrap();
    });
    let numbers = json!({"used_bytes": 0, "limit_bytes": 4, "rejected_bytes": 5});
    assert_eq!(refusal.expect(413)["detail"], numbers);
    assert_eq!((vault.tombstones().await, vault.bucket.objects().await.len()), (1, 1));
    settle(&vault).await;
    assert_eq!(vault.bucket.objects().await.len(), 0);
}
