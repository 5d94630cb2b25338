//! An owner can have a document classified again.

use docuvault::id::DocumentId;
use serde_json::{Value, json};
use tests::{Client, TestVault};

use crate::assert_problem;
use crate::topics_set_by_hand::classify_again;

#[tokio::test]
async fn repeated_requests_classify_a_document_again_once() {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.create_user().await, vault.create_user().await);
    let id = alice.store_confirmed("a.txt", b"hello").await.document_id;
    let path = format!("/api/documents/{id}/classify");
    let ask = async |client: &Client| client.send("POST", &path, None).await;
    ask(&alice).await.expect(202);
    assert_eq!(
        vault.take_messages().await,
        [Value::Null; 0],
        "the first classification has not happened yet, so no nudge is needed"
    );
    vault.classify(&[vault.put_notification(id).await]).await;
    let answers = (0..8).map(|_| {
        let (alice, path) = (vault.in_own_sandbox(&alice), path.clone());
        tokio::spawn(async move { alice.send("POST", &path, None).await.status })
    });
    for answer in answers.collect::<Vec<_>>() {
        assert_eq!(answer.await.unwrap(), 202);
    }
    assert_eq!(vault.take_messages().await, [json!({"document_id": id})]);
    assert_eq!(vault.columns(id, &["status", "attempts"]).await, [json!("uploaded"), json!(0)]);
    let pending = alice.store_pending("b.txt", b"hello").await.document_id;
    for id in [pending, DocumentId::new()] {
        let answer = alice.send("POST", &format!("/api/documents/{id}/classify"), None).await;
        assert_problem(answer, 404, "not_found");
    }
    assert_problem(ask(&bob).await, 404, "not_found");
    assert_problem(ask(&vault.create_admin().await).await, 403, "wrong_role");
    assert_problem(ask(&vault.anonymous()).await, 401, "unauthenticated");
}

#[tokio::test]
async fn a_failed_document_that_is_classified_again_gets_all_its_attempts() {
    let mut vault = TestVault::new().await;
    vault.classification.provider = "oracle".into();
    vault.classification.max_attempts = 1;
    let alice = vault.create_user().await;
    let id = alice.store_confirmed("a.txt", b"hello").await.document_id;
    vault.classify(&[vault.put_notification(id).await]).await;
    assert_eq!(vault.row(id).await["status"], "classification_failed");
    vault.classification.provider = "builtin".into();
    classify_again(&vault, &alice, id).await;
    assert_eq!(
        vault.columns(id, &["attempts", "failure_code", "failure_message"]).await,
        [json!(1), Value::Null, Value::Null]
    );
}
