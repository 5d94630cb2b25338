use std::time::Duration;

use cleanup::Report;
use serde_json::json;
use tests::proxy::Mode;
use tests::{TestVault, promises};

use crate::{assert_within, in_sandbox_with};

/// Confirms while the queue is in this mode. The event has come before the confirmation, which therefore
/// tries to send a nudge. Asserts that the confirmation succeeds and that a later sweep sends the nudge.
async fn assert_sweep_sends_the_nudge(mode: Mode) {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_queue().await;
    let alice = in_sandbox_with(&vault, &vault.create_user().await, &services);
    let upload = alice.store_pending("invoice.txt", b"hello").await;
    let event = vault.put_notification(upload.document_id).await;
    assert_eq!(vault.classify(&[event]).await, Vec::<usize>::new());
    proxy.set_mode(mode);
    let body = json!({"id": upload.document_id, "size_bytes": 5, "used_bytes": 5, "status": "uploaded"});
    assert_eq!(assert_within(12, alice.confirm(upload.document_id)).await.expect(200), body);
    assert_eq!(alice.confirm(upload.document_id).await.expect(200), body);
    vault.take_messages().await;
    vault.age_minutes(11).await;
    let unsent = assert_within(12, vault.sweep_with(&services)).await;
    assert_eq!(unsent, Report { unsent: 1, ..Report::default() });
    vault.take_messages().await;
    proxy.set_mode(Mode::Pass);
    assert_eq!(vault.sweep_with(&services).await, Report::default(), "the nudge is postponed");
    vault.age_minutes(2).await;
    assert_eq!(vault.sweep_with(&services).await, Report { nudged: 1, ..Report::default() });
    let messages = vault.take_messages().await;
    assert_eq!(messages, [json!({"document_id": upload.document_id})]);
    vault.classify(&[messages[0].to_string()]).await;
    assert_eq!(vault.row(upload.document_id).await["status"], "classified");
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn a_queue_that_is_down_only_delays_the_classification() {
    assert_sweep_sends_the_nudge(Mode::Down).await;
}

#[tokio::test]
async fn a_slow_queue_delays_a_confirmation_by_a_limited_time() {
    assert_sweep_sends_the_nudge(Mode::Slow(Duration::from_secs(30))).await;
}

#[tokio::test]
async fn a_queue_that_answers_500_only_delays_the_classification() {
    assert_sweep_sends_the_nudge(Mode::Status(500)).await;
}

#[tokio::test]
async fn a_queue_whose_answers_are_lost_only_delays_the_classification() {
    assert_sweep_sends_the_nudge(Mode::LoseAnswers).await;
}

#[tokio::test]
async fn a_failed_confirmation_sends_no_nudge() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_pending("a.txt", b"hello").await;
    let event = vault.put_notification(upload.document_id).await;
    vault.classify(&[event]).await;
    let ledger = crate::lock_ledger(&vault, alice.id()).await;
    alice.confirm(upload.document_id).await.expect(503);
    assert_eq!(vault.take_messages().await, Vec::<serde_json::Value>::new());
    ledger.batch_execute("commit").await.unwrap();
    alice.confirm(upload.document_id).await.expect(200);
    assert_eq!(vault.take_messages().await, [json!({"document_id": upload.document_id})]);
}
