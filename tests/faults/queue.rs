use std::time::Duration;

use cleanup::Report;
use serde_json::json;
use tests::proxy::Mode;
use tests::{TestVault, promises};

use crate::{served, within};

/// The event comes first, so that the confirmation has to nudge; it can't.
async fn nudged_by_the_sweep(mode: Mode) {
    let vault = TestVault::new().await;
    let (proxy, parts) = vault.queue_by_proxy().await;
    let alice = served(&vault, &vault.user().await, &parts);
    let upload = alice.store("invoice.txt", b"hello").await;
    let event = vault.put_event(upload.document_id).await;
    assert_eq!(vault.classify(&[event]).await, Vec::<usize>::new());
    proxy.set(mode);
    let body = json!({"id": upload.document_id, "size_bytes": 5, "used_bytes": 5, "status": "uploaded"});
    assert_eq!(within(12, alice.confirm(upload.document_id)).await.expect(200), body);
    assert_eq!(alice.confirm(upload.document_id).await.expect(200), body);
    vault.take_messages().await;
    vault.age_minutes(11).await;
    let unsent = within(12, vault.sweep_by(&parts)).await;
    assert_eq!(unsent, Report { unsent: 1, ..Report::default() });
    vault.take_messages().await;
    proxy.set(Mode::Pass);
    assert_eq!(vault.sweep_by(&parts).await, Report::default(), "put off");
    vault.age_minutes(2).await;
    assert_eq!(vault.sweep_by(&parts).await, Report { nudged: 1, ..Report::default() });
    let messages = vault.take_messages().await;
    assert_eq!(messages, [json!({"document_id": upload.document_id})]);
    vault.classify(&[messages[0].to_string()]).await;
    assert_eq!(vault.row(upload.document_id).await["status"], "classified");
    promises::hold(&vault).await.unwrap();
}

#[tokio::test]
async fn a_queue_that_is_down_delays_classification_and_nothing_else() {
    nudged_by_the_sweep(Mode::Down).await;
}

#[tokio::test]
async fn a_queue_that_is_slow_delays_classification_and_confirmation_within_a_bound() {
    nudged_by_the_sweep(Mode::Slow(Duration::from_secs(30))).await;
}

#[tokio::test]
async fn a_queue_that_fails_delays_classification_and_nothing_else() {
    nudged_by_the_sweep(Mode::Status(500)).await;
}

#[tokio::test]
async fn a_queue_whose_answers_are_lost_delays_nothing_for_ever() {
    nudged_by_the_sweep(Mode::LoseAnswers).await;
}

#[tokio::test]
async fn a_charge_that_fails_nudges_nobody() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.store("a.txt", b"hello").await;
    let event = vault.put_event(upload.document_id).await;
    vault.classify(&[event]).await;
    let ledger = crate::hold_ledger(&vault, alice.id()).await;
    alice.confirm(upload.document_id).await.expect(503);
    assert_eq!(vault.take_messages().await, Vec::<serde_json::Value>::new());
    ledger.batch_execute("commit").await.unwrap();
    alice.confirm(upload.document_id).await.expect(200);
    assert_eq!(vault.take_messages().await, [json!({"document_id": upload.document_id})]);
}
