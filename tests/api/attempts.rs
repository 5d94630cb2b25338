//! Classifications that are begun more than once: they are counted, and end (SPEC section 4).

use std::time::{SystemTime, UNIX_EPOCH};

use lambda_runtime::Context;
use serde_json::{Value, json};
use tests::TestVault;
use tests::proxy::Mode;

const NONE: [usize; 0] = [];

#[tokio::test]
async fn attempts_are_counted_and_end_with_a_reason() {
    let mut vault = TestVault::new().await;
    let (proxy, parts) = vault.store_by_proxy().await;
    vault.classification.max_attempts = 3;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    let event = [vault.put_event(upload.document_id).await];
    proxy.set(Mode::Down);
    for (attempt, failed, status) in
        [(1, vec![0], "uploaded"), (2, vec![0], "uploaded"), (3, vec![], "classification_failed")]
    {
        assert_eq!(vault.classify_by(parts.clone(), Context::default(), &event).await, failed);
        assert_eq!(
            vault.columns(upload.document_id, &["attempts", "status"]).await,
            [json!(attempt), json!(status)]
        );
        vault.age_minutes(20).await;
    }
    assert_eq!(
        vault.columns(upload.document_id, &["failure_code", "lease_id", "nudge_due_at"]).await,
        [json!("store_unavailable"), Value::Null, Value::Null]
    );
    proxy.set(Mode::Pass);
    let before = vault.rows().await;
    assert_eq!(vault.classify_by(parts, Context::default(), &event).await, NONE);
    assert_eq!(vault.rows().await, before, "what has ended is not begun again by a late event");
}

#[tokio::test]
async fn a_worker_that_dies_is_replaced_after_its_lease_and_not_for_ever() {
    let mut vault = TestVault::new().await;
    vault.classification.max_attempts = 2;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    let event = [vault.put_event(upload.document_id).await];
    let die = "update documents set status = 'uploaded', lease_id = gen_random_uuid(),
        lease_expires_at = now() + interval '90 seconds', attempts = ";
    vault.tamper(&format!("{die} 1")).await;
    let held = vault.rows().await;
    assert_eq!(vault.classify(&event).await, NONE);
    assert_eq!(vault.rows().await, held, "another worker's document is left alone");
    vault.age(1).await;
    assert_eq!(vault.classify(&event).await, NONE);
    assert_eq!(
        vault.columns(upload.document_id, &["status", "attempts"]).await,
        [json!("classified"), json!(2)]
    );
    vault.tamper(&format!("{die} 2")).await;
    vault.age(1).await;
    assert_eq!(vault.classify(&event).await, NONE);
    assert_eq!(
        vault.columns(upload.document_id, &["status", "attempts", "failure_code"]).await,
        [json!("classification_failed"), json!(2), json!("attempts_exhausted")]
    );
}

#[tokio::test]
async fn of_workers_at_once_one_classifies() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    let event = [vault.put_event(upload.document_id).await];
    let (a, b, c) = tokio::join!(vault.classify(&event), vault.classify(&event), vault.classify(&event));
    assert_eq!([a, b, c], [NONE; 3]);
    assert_eq!(
        vault.columns(upload.document_id, &["status", "attempts"]).await,
        [json!("classified"), json!(1)]
    );
}

#[tokio::test]
async fn messages_that_are_not_reached_before_the_deadline_stay_in_the_queue() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    let event = vault.put_event(upload.document_id).await;
    let before = vault.rows().await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let mut context = Context::default();
    context.deadline = u64::try_from(now).unwrap() + 4_000;
    let bodies = [event.clone(), "garbage".into(), event];
    assert_eq!(vault.classify_by(vault.parts(), context, &bodies).await, [0, 1, 2]);
    assert_eq!(vault.rows().await, before);
}

#[tokio::test]
async fn a_database_that_is_down_acknowledges_nothing() {
    let vault = TestVault::new().await;
    let (proxy, parts) = vault.postgres_by_proxy().await;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    let event = vault.put_event(upload.document_id).await;
    proxy.set(Mode::Down);
    let bodies = [event, "garbage".into()];
    assert_eq!(vault.classify_by(parts.clone(), Context::default(), &bodies).await, [0]);
    proxy.set(Mode::Pass);
    assert_eq!(vault.classify_by(parts, Context::default(), &bodies).await, NONE);
}

#[tokio::test]
async fn a_store_that_forbids_is_asked_again_and_ends_no_document() {
    let vault = TestVault::new().await;
    let (proxy, parts) = vault.store_by_proxy().await;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    let event = [vault.put_event(upload.document_id).await];
    proxy.set(Mode::Status(403));
    assert_eq!(vault.classify_by(parts.clone(), Context::default(), &event).await, [0]);
    assert_eq!(vault.columns(upload.document_id, &["status"]).await, [json!("uploaded")]);
    proxy.set(Mode::Pass);
    vault.age_minutes(1).await;
    assert_eq!(vault.classify_by(parts, Context::default(), &event).await, NONE);
    assert_eq!(vault.columns(upload.document_id, &["status"]).await, [json!("classified")]);
}

#[tokio::test]
async fn the_owner_of_a_failed_document_is_told_what_failed_and_nothing_of_how() {
    let mut vault = TestVault::new().await;
    let (proxy, parts) = vault.store_by_proxy().await;
    vault.classification.max_attempts = 1;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    let event = [vault.put_event(upload.document_id).await];
    proxy.set(Mode::Status(500));
    assert_eq!(vault.classify_by(parts, Context::default(), &event).await, NONE);
    let document = alice.get(&format!("/api/documents/{}", upload.document_id)).await.expect(200);
    let failure = json!({"code": "store_unavailable", "message": "the stored file could not be fetched", "provider": null, "model": null});
    assert_eq!(document["failure"], failure);
}
