use std::time::Duration;

use tests::proxy::Mode;
use tests::{Parts, TestVault, promises};

use crate::{served, settle, within};

/// Three attempts of two seconds, and the pauses between them.
const BOUND: u64 = 12;

/// Deletes while the store is in this mode: the caller sees nothing of it, and the sweep removes the objects.
async fn left_to_the_sweep(mode: Mode) {
    let vault = TestVault::new().await;
    let (proxy, parts) = vault.store_by_proxy().await;
    let alice = served(&vault, &vault.user().await, &parts);
    alice.keep("stays.txt", b"hello").await;
    let (kept, pending) = (alice.keep("a.txt", b"goodbye").await, alice.store("b.txt", b"hello").await);
    proxy.set(mode);
    let elsewhere = served(&vault, &alice, &Parts { db: vault.parts().db, ..parts });
    let both = async { tokio::join!(alice.remove(kept.document_id), elsewhere.remove(pending.document_id)) };
    let (one, two) = within(BOUND, both).await;
    assert_eq!((one.status, two.status, alice.used_bytes().await), (204, 204, 5));
    for upload in [kept, pending] {
        alice.remove(upload.document_id).await.expect(404);
    }
    promises::hold(&vault).await.unwrap();
    proxy.set(Mode::Pass);
    alice.keep("c.txt", b"and on").await;
    settle(&vault).await;
    assert_eq!((vault.tombstones().await, vault.bucket.objects().await.len()), (0, 2));
}

#[tokio::test]
async fn a_store_that_is_down_keeps_no_document() {
    left_to_the_sweep(Mode::Down).await;
}

#[tokio::test]
async fn a_store_that_is_slow_keeps_nobody_waiting_beyond_a_bound() {
    left_to_the_sweep(Mode::Slow(Duration::from_secs(30))).await;
}

#[tokio::test]
async fn a_store_that_fails_keeps_no_document() {
    left_to_the_sweep(Mode::Status(500)).await;
}

#[tokio::test]
async fn a_store_that_forbids_keeps_no_document() {
    left_to_the_sweep(Mode::Status(403)).await;
}

#[tokio::test]
async fn a_store_whose_answers_are_lost_keeps_no_document() {
    left_to_the_sweep(Mode::LoseAnswers).await;
}
