use std::time::Duration;

use tests::proxy::Mode;
use tests::{Services, TestVault, promises};

use crate::{assert_within, in_sandbox_with, sweep_after_expiry};

/// The time limit of an operation, in seconds: three attempts of 2 s each, the pauses between them, and a
/// reserve.
const MAX_SECONDS: u64 = 12;

/// Asserts that deletions succeed while the store is in this mode, and that the sweep removes the objects.
async fn assert_sweep_removes_objects(mode: Mode) {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_store().await;
    let alice = in_sandbox_with(&vault, &vault.create_user().await, &services);
    alice.store_confirmed("stays.txt", b"hello").await;
    let (kept, pending) =
        (alice.store_confirmed("a.txt", b"goodbye").await, alice.store_pending("b.txt", b"hello").await);
    proxy.set_mode(mode);
    let elsewhere = in_sandbox_with(&vault, &alice, &Services { db: vault.services().db, ..services });
    let both = async {
        tokio::join!(alice.delete_document(kept.document_id), elsewhere.delete_document(pending.document_id))
    };
    let (one, two) = assert_within(MAX_SECONDS, both).await;
    assert_eq!((one.status, two.status, alice.used_bytes().await), (204, 204, 5));
    for upload in [kept, pending] {
        alice.delete_document(upload.document_id).await.expect(404);
    }
    promises::check(&vault).await.unwrap();
    proxy.set_mode(Mode::Pass);
    alice.store_confirmed("c.txt", b"and on").await;
    sweep_after_expiry(&vault).await;
    assert_eq!((vault.count_tombstones().await, vault.bucket.object_sizes().await.len()), (0, 2));
}

#[tokio::test]
async fn a_deletion_while_the_store_is_down_succeeds() {
    assert_sweep_removes_objects(Mode::Down).await;
}

#[tokio::test]
async fn a_deletion_with_a_slow_store_succeeds_in_time() {
    assert_sweep_removes_objects(Mode::Slow(Duration::from_secs(30))).await;
}

#[tokio::test]
async fn a_deletion_with_a_store_that_answers_500_succeeds() {
    assert_sweep_removes_objects(Mode::Status(500)).await;
}

#[tokio::test]
async fn a_deletion_with_a_store_that_answers_403_succeeds() {
    assert_sweep_removes_objects(Mode::Status(403)).await;
}

#[tokio::test]
async fn a_deletion_with_a_proxy_that_does_not_find_the_store_succeeds() {
    assert_sweep_removes_objects(Mode::Status(404)).await;
}

#[tokio::test]
async fn a_deletion_with_lost_store_answers_succeeds() {
    assert_sweep_removes_objects(Mode::LoseAnswers).await;
}
