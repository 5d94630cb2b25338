//! Put-notifications and nudges, whenever they come (SPEC section 2.4).

use docuvault::id::DocumentId;
use serde_json::{Value, json};
use tests::TestVault;
use tests::proxy::Mode;

const NONE: [usize; 0] = [];

#[tokio::test]
async fn an_event_before_confirmation_leaves_the_nudge_to_it() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.store("a.txt", b"hello").await;
    let event = [vault.put_event(upload.document_id).await];
    assert_eq!(vault.classify(&event).await, NONE);
    assert_eq!(vault.classify(&event).await, NONE, "twice is once");
    let row = vault.row(upload.document_id).await;
    assert_eq!((&row["status"], &row["attempts"]), (&json!("pending"), &json!(0)));
    assert!(row["event_at"].is_string());
    for _ in 0..3 {
        alice.confirm(upload.document_id).await.expect(200);
    }
    let messages = vault.take_messages().await;
    // Each may be the repetition of one whose nudge got lost: nobody has taken the document up yet.
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
async fn an_event_after_confirmation_is_the_trigger_itself() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    assert_eq!(vault.take_messages().await, [] as [Value; 0]);
    assert_eq!(vault.classify(&[vault.put_event(upload.document_id).await]).await, NONE);
    assert_eq!(vault.row(upload.document_id).await["status"], "classified");
    alice.confirm(upload.document_id).await.expect(200);
    assert_eq!(vault.take_messages().await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_nudge_before_confirmation_obliges_nobody() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.store("a.txt", b"hello").await;
    let before = vault.rows().await;
    assert_eq!(vault.classify(&[json!({"document_id": upload.document_id}).to_string()]).await, NONE);
    assert_eq!(vault.rows().await, before);
}

#[tokio::test]
async fn a_queue_that_is_down_at_confirmation_costs_time_and_no_classification() {
    let vault = TestVault::new().await;
    let (proxy, parts) = vault.queue_by_proxy().await;
    let alice = vault.user().await;
    let alice = alice.served_by(vault.routes(&parts));
    let upload = alice.store("a.txt", b"hello").await;
    vault.classify(&[vault.put_event(upload.document_id).await]).await;
    proxy.set(Mode::Down);
    alice.confirm(upload.document_id).await.expect(200);
    assert_eq!(vault.take_messages().await, [] as [Value; 0]);
    vault.age(1).await;
    assert_eq!(vault.sweep().await.nudged, 1);
    assert_eq!(vault.take_messages().await, [json!({"document_id": upload.document_id})]);
}

#[tokio::test]
async fn an_event_of_a_deleted_document_removes_the_recreated_object() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let (deleted, kept) = (alice.store("a.txt", b"hello").await, alice.store("b.txt", b"you").await);
    let event = vault.put_event(deleted.document_id).await;
    alice.confirm(kept.document_id).await.expect(200);
    alice.remove(deleted.document_id).await.expect(204);
    assert_eq!(deleted.put(b"again").await, 200);
    assert_eq!(vault.classify(&[event.clone(), event]).await, NONE);
    assert_eq!(vault.bucket.objects().await.into_keys().collect::<Vec<_>>(), [kept.key()]);
}

#[tokio::test]
async fn an_orphan_that_can_not_be_removed_now_is_tried_again() {
    let vault = TestVault::new().await;
    let (proxy, parts) = vault.store_by_proxy().await;
    let alice = vault.user().await;
    let upload = alice.store("a.txt", b"hello").await;
    let event = [vault.put_event(upload.document_id).await];
    alice.remove(upload.document_id).await.expect(204);
    assert_eq!(upload.put(b"again").await, 200);
    proxy.set(Mode::Down);
    let context = lambda_runtime::Context::default;
    assert_eq!(vault.classify_by(parts.clone(), context(), &event).await, [0]);
    proxy.set(Mode::Pass);
    assert_eq!(vault.classify_by(parts, context(), &event).await, NONE);
    assert!(vault.bucket.objects().await.is_empty());
}

#[tokio::test]
async fn a_nudge_for_a_deleted_document_is_acknowledged() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    alice.remove(upload.document_id).await.expect(204);
    let before = vault.rows().await;
    let bodies = [
        json!({"document_id": upload.document_id}).to_string(),
        json!({"document_id": DocumentId::new()}).to_string(),
    ];
    assert_eq!(vault.classify(&bodies).await, NONE);
    assert_eq!(vault.rows().await, before);
}

/// The document's put-notification with this sequencer: the store's word on which of two events of a key is the later one.
async fn put_event(vault: &TestVault, id: DocumentId, sequencer: &str) -> String {
    let event = vault.put_event(id).await;
    assert!(event.contains("18E9FE9C8B4C24C4"));
    event.replace("18E9FE9C8B4C24C4", sequencer)
}

#[tokio::test]
async fn notifications_that_repeat_or_change_places_have_one_result() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let (early, late) = ("0055AED6DCD90281E5", "0055AED6DCD90281E6");
    for (first, second) in [(early, late), (late, early)] {
        let id = alice.store("a.txt", b"hello").await.document_id;
        let (first, second) = (put_event(&vault, id, first).await, put_event(&vault, id, second).await);
        let events = [first.clone(), first.clone(), second];
        for event in &events {
            assert_eq!(vault.classify(std::slice::from_ref(event)).await, NONE);
        }
        assert_eq!(vault.columns(id, &["status", "attempts"]).await, [json!("pending"), json!(0)]);
        alice.confirm(id).await.expect(200);
        assert_eq!(vault.take_messages().await, [json!({"document_id": id})], "one nudge for all of them");
        assert_eq!(vault.classify(&[first]).await, NONE);
        assert_eq!(vault.columns(id, &["status", "attempts"]).await, [json!("classified"), json!(1)]);
        let rows = vault.rows().await;
        for event in &events {
            assert_eq!(vault.classify(std::slice::from_ref(event)).await, NONE);
        }
        assert_eq!(vault.classify(&events).await, NONE, "in one batch");
        assert_eq!(vault.rows().await, rows);
        assert_eq!(vault.take_messages().await, [] as [Value; 0]);
    }
}
