use std::time::Duration;

use cleanup::Report;
use tests::proxy::Mode;
use tests::{TestVault, promises};

use crate::{served, settle, within};

/// Three attempts of two seconds, and the pauses between them, for one batch.
const BOUND: u64 = 14;

/// Sweeps while the store is in this mode: all is put off, and nothing forgotten.
async fn postponed(mode: Mode) {
    let vault = TestVault::new().await;
    let (proxy, parts) = vault.store_by_proxy().await;
    let alice = served(&vault, &vault.user().await, &parts);
    alice.keep("stays.txt", b"hello").await;
    for name in ["a.txt", "b.txt"] {
        alice.store(name, b"abandoned").await;
    }
    vault
        .tamper("update documents set created_at = created_at - interval '2 hours' where status = 'pending'")
        .await;
    proxy.set(mode);
    let report = within(BOUND, vault.sweep_by(&parts)).await;
    assert_eq!(report, Report { abandoned: 2, postponed: 2, ..Report::default() });
    assert_eq!(vault.sweep_by(&parts).await, Report::default(), "put off, not tried again at once");
    promises::hold(&vault).await.unwrap();
    proxy.set(Mode::Pass);
    assert_eq!(vault.sweep_by(&parts).await, Report::default());
    vault.tamper("update tombstones set due_at = due_at - interval '10 minutes'").await;
    assert_eq!(vault.sweep_by(&parts).await, Report { removed: 2, ..Report::default() });
    assert_eq!((vault.tombstones().await, vault.bucket.objects().await.len()), (2, 1));
    settle(&vault).await;
    assert_eq!((vault.tombstones().await, vault.bucket.objects().await.len()), (0, 1));
}

#[tokio::test]
async fn a_store_that_is_down_is_asked_again_later() {
    postponed(Mode::Down).await;
}

#[tokio::test]
async fn a_store_that_is_slow_is_asked_again_later_and_the_sweep_ends() {
    postponed(Mode::Slow(Duration::from_secs(30))).await;
}

#[tokio::test]
async fn a_store_that_fails_is_asked_again_later() {
    postponed(Mode::Status(500)).await;
}

#[tokio::test]
async fn a_store_that_forbids_is_asked_again_later() {
    postponed(Mode::Status(403)).await;
}

#[tokio::test]
async fn a_store_whose_answers_are_lost_is_asked_again_later() {
    postponed(Mode::LoseAnswers).await;
}

#[tokio::test]
async fn a_store_that_takes_seconds_over_a_batch_is_waited_for() {
    let vault = TestVault::new().await;
    let (proxy, parts) = vault.store_by_proxy().await;
    let alice = served(&vault, &vault.user().await, &parts);
    let upload = alice.store("a.txt", b"hello").await;
    proxy.set(Mode::Down);
    alice.remove(upload.document_id).await.expect(204);
    proxy.set(Mode::Slow(Duration::from_secs(3)));
    assert_eq!(vault.sweep_by(&parts).await, Report { removed: 1, ..Report::default() });
    assert_eq!(vault.bucket.objects().await.len(), 0);
}

#[tokio::test]
async fn the_longer_a_store_refuses_an_object_the_later_it_is_asked_again() {
    let vault = TestVault::new().await;
    let (proxy, parts) = vault.store_by_proxy().await;
    let alice = served(&vault, &vault.user().await, &parts);
    alice.remove(alice.begin(crate::a_text()).await.document_id).await.expect(204);
    proxy.set(Mode::Status(403));
    let mut minutes = Vec::new();
    for _ in 0..10 {
        vault.tamper("update tombstones set due_at = now()").await;
        assert_eq!(vault.sweep_by(&parts).await.postponed, 1);
        let wait = "select round(extract(epoch from due_at - now()) / 60)::bigint from tombstones";
        minutes.push(vault.database.superuser().await.query_one(wait, &[]).await.unwrap().get::<_, i64>(0));
    }
    assert_eq!(minutes, [10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440]);
}
