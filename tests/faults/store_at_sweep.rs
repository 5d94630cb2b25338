use std::time::Duration;

use cleanup::Report;
use tests::proxy::Mode;
use tests::{TestVault, promises};

use crate::{assert_within, in_sandbox_with, sweep_after_expiry};

/// The time limit of an operation, in seconds: three attempts of 2 s each for one batch, the pauses between
/// them, and a reserve.
const MAX_SECONDS: u64 = 14;

/// Asserts that a sweep while the store is in this mode postpones all removals, and that none is lost.
async fn assert_removals_are_postponed(mode: Mode) {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_store().await;
    let alice = in_sandbox_with(&vault, &vault.create_user().await, &services);
    alice.store_confirmed("stays.txt", b"hello").await;
    for name in ["a.txt", "b.txt"] {
        alice.store_pending(name, b"abandoned").await;
    }
    vault
        .tamper("update documents set created_at = created_at - interval '2 hours' where status = 'pending'")
        .await;
    proxy.set_mode(mode);
    let report = assert_within(MAX_SECONDS, vault.sweep_with(&services)).await;
    assert_eq!(report, Report { abandoned: 2, postponed: 2, ..Report::default() });
    assert_eq!(
        vault.sweep_with(&services).await,
        Report::default(),
        "removals are postponed, not retried at once"
    );
    promises::check(&vault).await.unwrap();
    proxy.set_mode(Mode::Pass);
    assert_eq!(vault.sweep_with(&services).await, Report::default());
    vault.tamper("update tombstones set due_at = due_at - interval '10 minutes'").await;
    assert_eq!(vault.sweep_with(&services).await, Report { removed: 2, ..Report::default() });
    assert_eq!((vault.count_tombstones().await, vault.bucket.object_sizes().await.len()), (2, 1));
    sweep_after_expiry(&vault).await;
    assert_eq!((vault.count_tombstones().await, vault.bucket.object_sizes().await.len()), (0, 1));
}

#[tokio::test]
async fn removals_are_postponed_while_the_store_is_down() {
    assert_removals_are_postponed(Mode::Down).await;
}

#[tokio::test]
async fn removals_are_postponed_while_the_store_is_slow_and_the_sweep_ends_in_time() {
    assert_removals_are_postponed(Mode::Slow(Duration::from_secs(30))).await;
}

#[tokio::test]
async fn removals_are_postponed_while_the_store_answers_500() {
    assert_removals_are_postponed(Mode::Status(500)).await;
}

#[tokio::test]
async fn removals_are_postponed_while_the_store_answers_403() {
    assert_removals_are_postponed(Mode::Status(403)).await;
}

#[tokio::test]
async fn removals_are_postponed_if_the_stores_answers_are_lost() {
    assert_removals_are_postponed(Mode::LoseAnswers).await;
}

#[tokio::test]
async fn the_sweep_waits_for_a_store_that_needs_seconds_for_a_batch() {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_store().await;
    let alice = in_sandbox_with(&vault, &vault.create_user().await, &services);
    let upload = alice.store_pending("a.txt", b"hello").await;
    proxy.set_mode(Mode::Down);
    alice.delete_document(upload.document_id).await.expect(204);
    proxy.set_mode(Mode::Slow(Duration::from_secs(3)));
    assert_eq!(vault.sweep_with(&services).await, Report { removed: 1, ..Report::default() });
    assert_eq!(vault.bucket.object_sizes().await.len(), 0);
}

#[tokio::test]
async fn the_delay_doubles_with_each_failed_removal_up_to_a_day() {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_store().await;
    let alice = in_sandbox_with(&vault, &vault.create_user().await, &services);
    alice.delete_document(alice.begin_upload(crate::text_file_request()).await.document_id).await.expect(204);
    proxy.set_mode(Mode::Status(403));
    let mut minutes = Vec::new();
    for _ in 0..10 {
        vault.tamper("update tombstones set due_at = now()").await;
        assert_eq!(vault.sweep_with(&services).await.postponed, 1);
        let wait = "select round(extract(epoch from due_at - now()) / 60)::bigint from tombstones";
        minutes.push(vault.database.superuser().await.query_one(wait, &[]).await.unwrap().get::<_, i64>(0));
    }
    assert_eq!(minutes, [10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440]);
}
