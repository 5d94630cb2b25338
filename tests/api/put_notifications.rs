//! Put-notifications and nudges may arrive early, late, repeatedly and in any order (SPEC section 2.4).

use docuvault::id::DocumentId;
use serde_json::{Value, json};
use tests::TestVault;
use tests::proxy::Mode;

const NONE: [usize; 0] = [];

#[tokio::test]
async fn after_an_early_put_notification_the_confirmation_sends_the_nudge() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_pending("a.txt", b"hello").await;
    let event = [vault.put_notification(upload.document_id).await];
    assert_eq!(vault.classify(&event).await, NONE);
    assert_eq!(vault.classify(&event).await, NONE, "a second event changes nothing");
    let row = vault.row(upload.document_id).await;
    assert_eq!((&row["status"], &row["attempts"]), (&json!("pending"), &json!(0)));
    assert!(row["event_at"].is_string());
    for _ in 0..3 {
        alice.confirm(upload.document_id).await.expect(200);
    }
    let messages = vault.take_messages().await;
    // A repeated confirmation sends the nudge again as long as no worker has claimed the document: the first
    // may be lost.
    assert_eq!(messages, vec![json!({"document_id": upload.document_id}); 3]);
    for message in messages {
        assert_eq!(vault.classify(&[message.to_string()]).await, NONE);
    }
    let row = vault.row(upload.document_id).await;
    assert_eq!((&row["status"], &row["attempts"]), (&json!("classified"), &json!(1)));
    alice.confirm(upload.document_id).await.expect(200);
    assert_eq!(vault.take_messages().await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_put_notification_after_confirmation_starts_the_classification_without_a_nudge() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    assert_eq!(vault.take_messages().await, [] as [Value; 0]);
    assert_eq!(vault.classify(&[vault.put_notification(upload.document_id).await]).await, NONE);
    assert_eq!(vault.row(upload.document_id).await["status"], "classified");
    alice.confirm(upload.document_id).await.expect(200);
    assert_eq!(vault.take_messages().await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_nudge_before_confirmation_changes_nothing() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_pending("a.txt", b"hello").await;
    let before = vault.rows().await;
    assert_eq!(vault.classify(&[json!({"document_id": upload.document_id}).to_string()]).await, NONE);
    assert_eq!(vault.rows().await, before);
}

#[tokio::test]
async fn while_the_queue_is_down_a_confirmation_succeeds_and_the_sweep_nudges() {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_queue().await;
    let alice = vault.create_user().await;
    let alice = alice.served_by(vault.routes(&services));
    let upload = alice.store_pending("a.txt", b"hello").await;
    vault.classify(&[vault.put_notification(upload.document_id).await]).await;
    proxy.set_mode(Mode::Down);
    alice.confirm(upload.document_id).await.expect(200);
    assert_eq!(vault.take_messages().await, [] as [Value; 0]);
    vault.age_hours(1).await;
    assert_eq!(vault.sweep().await.nudged, 1);
    assert_eq!(vault.take_messages().await, [json!({"document_id": upload.document_id})]);
}

#[tokio::test]
async fn a_put_notification_of_a_deleted_document_removes_the_object() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let (deleted, kept) =
        (alice.store_pending("a.txt", b"hello").await, alice.store_pending("b.txt", b"you").await);
    let event = vault.put_notification(deleted.document_id).await;
    alice.confirm(kept.document_id).await.expect(200);
    alice.delete_document(deleted.document_id).await.expect(204);
    assert_eq!(deleted.put(b"again").await, 200);
    assert_eq!(vault.classify(&[event.clone(), event]).await, NONE);
    assert_eq!(vault.bucket.object_sizes().await.into_keys().collect::<Vec<_>>(), [kept.key()]);
}

#[tokio::test]
async fn an_orphan_that_cannot_be_removed_is_tried_again() {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_store().await;
    let alice = vault.create_user().await;
    let upload = alice.store_pending("a.txt", b"hello").await;
    let event = [vault.put_notification(upload.document_id).await];
    alice.delete_document(upload.document_id).await.expect(204);
    assert_eq!(upload.put(b"again").await, 200);
    let context = lambda_runtime::Context::default;
    // Somebody else than the store may answer 404, such as a proxy that does not find the store.
    for mode in [Mode::Down, Mode::Status(404)] {
        proxy.set_mode(mode);
        assert_eq!(vault.classify_with(services.clone(), context(), &event).await, [0], "{mode:?}");
    }
    proxy.set_mode(Mode::Pass);
    assert_eq!(vault.classify_with(services, context(), &event).await, NONE);
    assert!(vault.bucket.object_sizes().await.is_empty());
}

#[tokio::test]
async fn a_nudge_for_a_deleted_document_is_acknowledged() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    alice.delete_document(upload.document_id).await.expect(204);
    let before = vault.rows().await;
    let bodies = [
        json!({"document_id": upload.document_id}).to_string(),
        json!({"document_id": DocumentId::new()}).to_string(),
    ];
    assert_eq!(vault.classify(&bodies).await, NONE);
    assert_eq!(vault.rows().await, before);
}

/// Returns the document's put-notification with this sequencer: the field that orders the events of a key.
async fn put_notification_with_sequencer(vault: &TestVault, id: DocumentId, sequencer: &str) -> String {
    let event = vault.put_notification(id).await;
    assert!(event.contains("18E9FE9C8B4C24C4"));
    event.replace("18E9FE9C8B4C24C4", sequencer)
}

#[tokio::test]
async fn repeated_and_reordered_put_notifications_have_one_result() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let (early, late) = ("0055AED6DCD90281E5", "0055AED6DCD90281E6");
    for (first, second) in [(early, late), (late, early)] {
        let id = alice.store_pending("a.txt", b"hello").await.document_id;
        let (first, second) = (
            put_notification_with_sequencer(&vault, id, first).await,
            put_notification_with_sequencer(&vault, id, second).await,
        );
        let events = [first.clone(), first.clone(), second];
        for event in &events {
            assert_eq!(vault.classify(std::slice::from_ref(event)).await, NONE);
        }
        assert_eq!(vault.columns(id, &["status", "attempts"]).await, [json!("pending"), json!(0)]);
        alice.confirm(id).await.expect(200);
        assert_eq!(
            vault.take_messages().await,
            [json!({"document_id": id})],
            "all notifications together cause one nudge"
        );
        assert_eq!(vault.classify(&[first]).await, NONE);
        assert_eq!(vault.columns(id, &["status", "attempts"]).await, [json!("classified"), json!(1)]);
        let rows = vault.rows().await;
        for event in &events {
            assert_eq!(vault.classify(std::slice::from_ref(event)).await, NONE);
        }
        assert_eq!(vault.classify(&events).await, NONE, "the same events in one batch");
        assert_eq!(vault.rows().await, rows);
        assert_eq!(vault.take_messages().await, [] as [Value; 0]);
    }
}
