//! Rows may have words that only a later release knows: a failure code, a provider, a reason. Such a release
//! may run at the same time, or may have been rolled back.

use docuvault::id::DocumentId;
use serde_json::{Value, json};
use tests::{Client, TestVault};

/// Returns the document by every route that shows it: alone, in the list, and after a change of its topics.
async fn read_by_every_route(client: &Client, id: DocumentId) -> [Value; 3] {
    let path = format!("/api/documents/{id}");
    let mut list = client.get("/api/documents").await.expect(200);
    let changed = client.put(&format!("{path}/topics"), json!({"topic_ids": []})).await;
    [client.get(&path).await.expect(200), list["items"][0].take(), changed.expect(200)]
}

#[tokio::test]
async fn an_unknown_failure_code_and_provider_are_shown_as_unknown() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let id = alice.store_confirmed("a.txt", b"hello").await.document_id;
    vault
        .tamper(
            "update documents set status = 'classification_failed', failure_code = 'model_on_strike',
                failure_message = 'the model is on strike', failure_provider = 'oracle', failure_model = 'delphi-1'",
        )
        .await;
    for document in read_by_every_route(&alice, id).await {
        let failure = json!({
            "code": "unknown", "message": "the model is on strike", "provider": "unknown", "model": "delphi-1",
            "images_sent": 0,
        });
        assert_eq!(document["failure"], failure);
    }
}

#[tokio::test]
async fn a_provider_and_a_reason_of_a_later_release_are_shown_as_unknown() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let id = alice.store_confirmed("a.txt", b"hello").await.document_id;
    vault
        .tamper(
            "update documents set status = 'classified', classified_at = now(), ai_provider = 'oracle',
                ai_model = 'delphi-1', truncated = false, without_text = 'hologram'",
        )
        .await;
    for document in read_by_every_route(&alice, id).await {
        let classification = &document["classification"];
        assert_eq!(classification["provider"], "unknown");
        assert_eq!(classification["model"], "delphi-1");
        assert_eq!(classification["without_text"], "unknown");
    }
}
