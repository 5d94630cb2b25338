//! Attempts to classify a document are counted. The last one ends the document (SPEC section 4).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use docuvault::classification::{FailureCode, Job, Outcome, Reading};
use docuvault::db::classification::{Claim, claim, fail, finish, release};
use docuvault::id::DocumentId;
use lambda_runtime::Context;
use serde_json::{Value, json};
use tests::TestVault;
use tests::proxy::Mode;

const NONE: [usize; 0] = [];

#[tokio::test]
async fn the_last_failed_attempt_ends_the_document_with_its_reason() {
    let mut vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_store().await;
    vault.classification.max_attempts = 3;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    let event = [vault.put_notification(upload.document_id).await];
    proxy.set_mode(Mode::Down);
    for (attempt, failed, status) in
        [(1, vec![0], "uploaded"), (2, vec![0], "uploaded"), (3, vec![], "classification_failed")]
    {
        assert_eq!(vault.classify_with(services.clone(), Context::default(), &event).await, failed);
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
    proxy.set_mode(Mode::Pass);
    let before = vault.rows().await;
    assert_eq!(vault.classify_with(services, Context::default(), &event).await, NONE);
    assert_eq!(vault.rows().await, before, "a late event does not restart a document that has ended");
}

#[tokio::test]
async fn a_worker_that_dies_is_replaced_after_its_lease_until_the_attempts_are_used_up() {
    let mut vault = TestVault::new().await;
    vault.classification.max_attempts = 2;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    let event = [vault.put_notification(upload.document_id).await];
    let die = "update documents set status = 'uploaded', lease_id = gen_random_uuid(),
        lease_expires_at = now() + interval '90 seconds', attempts = ";
    vault.tamper(&format!("{die} 1")).await;
    let held = vault.rows().await;
    assert_eq!(vault.classify(&event).await, NONE);
    assert_eq!(vault.rows().await, held, "a document under another worker's lease is left alone");
    vault.age_hours(1).await;
    assert_eq!(vault.classify(&event).await, NONE);
    assert_eq!(
        vault.columns(upload.document_id, &["status", "attempts"]).await,
        [json!("classified"), json!(2)]
    );
    vault.tamper(&format!("{die} 2")).await;
    vault.age_hours(1).await;
    assert_eq!(vault.classify(&event).await, NONE);
    assert_eq!(
        vault.columns(upload.document_id, &["status", "attempts", "failure_code"]).await,
        [json!("classification_failed"), json!(2), json!("attempts_exhausted")]
    );
}

#[tokio::test]
async fn only_one_of_three_concurrent_workers_classifies_a_document() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    let event = [vault.put_notification(upload.document_id).await];
    let (a, b, c) = tokio::join!(vault.classify(&event), vault.classify(&event), vault.classify(&event));
    assert_eq!([a, b, c], [NONE; 3]);
    assert_eq!(
        vault.columns(upload.document_id, &["status", "attempts"]).await,
        [json!("classified"), json!(1)]
    );
}

#[tokio::test]
async fn messages_that_are_not_begun_before_the_deadline_stay_in_the_queue() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    let event = vault.put_notification(upload.document_id).await;
    let before = vault.rows().await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let mut context = Context::default();
    context.deadline = u64::try_from(now).unwrap() + 4_000;
    let bodies = [event.clone(), "garbage".into(), event];
    assert_eq!(vault.classify_with(vault.services(), context, &bodies).await, [0, 1, 2]);
    assert_eq!(vault.rows().await, before);
}

#[tokio::test]
async fn while_the_database_is_down_no_message_about_a_document_is_acknowledged() {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_postgres().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    let event = vault.put_notification(upload.document_id).await;
    proxy.set_mode(Mode::Down);
    let bodies = [event, "garbage".into()];
    assert_eq!(vault.classify_with(services.clone(), Context::default(), &bodies).await, [0]);
    proxy.set_mode(Mode::Pass);
    assert_eq!(vault.classify_with(services, Context::default(), &bodies).await, NONE);
}

#[tokio::test]
async fn a_document_that_the_store_refuses_with_403_is_tried_again() {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_store().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    let event = [vault.put_notification(upload.document_id).await];
    proxy.set_mode(Mode::Status(403));
    assert_eq!(vault.classify_with(services.clone(), Context::default(), &event).await, [0]);
    assert_eq!(vault.columns(upload.document_id, &["status"]).await, [json!("uploaded")]);
    proxy.set_mode(Mode::Pass);
    vault.age_minutes(1).await;
    assert_eq!(vault.classify_with(services, Context::default(), &event).await, NONE);
    assert_eq!(vault.columns(upload.document_id, &["status"]).await, [json!("classified")]);
}

#[tokio::test]
async fn a_failure_is_shown_to_the_owner_without_internal_details() {
    let mut vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_store().await;
    vault.classification.max_attempts = 1;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    let event = [vault.put_notification(upload.document_id).await];
    proxy.set_mode(Mode::Status(500));
    assert_eq!(vault.classify_with(services, Context::default(), &event).await, NONE);
    let document = alice.get(&format!("/api/documents/{}", upload.document_id)).await.expect(200);
    let failure = json!({"code": "store_unavailable", "message": "the stored file could not be fetched", "provider": null, "model": null, "images_sent": 0});
    assert_eq!(document["failure"], failure);
}

async fn claim_job(vault: &TestVault, id: DocumentId) -> Job {
    match claim(&vault.services().db, id, None, &vault.classification).await.unwrap() {
        Claim::Held(job) => *job,
        _ => panic!("the document is not free"),
    }
}

#[tokio::test]
async fn only_the_worker_that_holds_the_document_is_told_that_it_has_changed_it() {
    let vault = TestVault::new().await;
    let id = vault.create_user().await.store_confirmed("a.txt", b"hello").await.document_id;
    let db = vault.services().db;
    let outcome = Outcome {
        matches: Vec::new(),
        suggestions: Vec::new(),
        truncated: false,
        images: 0,
        model: "m".into(),
        prompt_version: "p".into(),
    };
    let problem = FailureCode::ProviderTimeout.into();
    let late = claim_job(&vault, id).await;
    vault.age_minutes(3).await;
    let holder = claim_job(&vault, id).await;
    assert!(!finish(&db, &late, &outcome, Reading::default()).await.unwrap());
    assert!(!fail(&db, &late, &problem).await.unwrap());
    assert!(!release(&db, &late, Duration::ZERO).await.unwrap());
    assert!(release(&db, &holder, Duration::ZERO).await.unwrap());
    assert!(!fail(&db, &holder, &problem).await.unwrap(), "it holds the document no longer");
    let holder = claim_job(&vault, id).await;
    assert!(finish(&db, &holder, &outcome, Reading::default()).await.unwrap());
    vault.tamper("update documents set status = 'uploaded', attempts = 0").await;
    let holder = claim_job(&vault, id).await;
    assert!(fail(&db, &holder, &problem).await.unwrap());
}
