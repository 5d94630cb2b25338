//! Some events cause no call of a provider.

use serde_json::json;

use crate::api_formats::{Api, topics_answer};
use crate::fixture::{Fixture, TEXT};

#[tokio::test]
async fn no_provider_is_called_for_documents_that_are_not_waiting_for_an_attempt() {
    let api = Api::OpenAi;
    let fixture = Fixture::new(api, move |_| api.answer(&topics_answer(&[]))).await;
    let store = async || fixture.alice.store_confirmed("paper.txt", TEXT).await.document_id;
    let (deleted, held, pausing) = (store().await, store().await, store().await);
    let (classified, failed, waiting) = (store().await, store().await, store().await);
    let pending = fixture.alice.store_pending("paper.txt", TEXT).await.document_id;
    let mut bodies = vec!["garbage".to_owned(), "{}".to_owned(), r#"{"Records": [{}]}"#.to_owned()];
    for id in [deleted, pending, held, pausing, classified, failed] {
        bodies.extend([fixture.vault.put_notification(id).await, json!({"document_id": id}).to_string()]);
    }
    fixture.alice.delete_document(deleted).await.expect(204);
    let later = "lease_expires_at = now() + interval '90 seconds'";
    for (id, state) in [
        (held, format!("lease_id = gen_random_uuid(), attempts = 1, {later}")),
        (pausing, format!("attempts = 1, {later}")),
        (classified, "status = 'classified', attempts = 1".to_owned()),
        (
            failed,
            "status = 'classification_failed', failure_code = 'answer_refused', attempts = 1".to_owned(),
        ),
    ] {
        fixture.vault.tamper(&format!("update documents set {state} where id = '{id}'")).await;
    }
    for _ in 0..2 {
        assert_eq!(fixture.vault.classify(&bodies).await, [0; 0]);
    }
    assert_eq!(fixture.provider.requests().len(), 0);
    assert_eq!(fixture.vault.classify(&[fixture.vault.put_notification(waiting).await]).await, [0; 0]);
    assert_eq!(fixture.provider.requests().len(), 1, "a waiting document is sent to the provider");
}
