//! Events that ask for nothing: no provider is shown anything then.

use serde_json::json;

use crate::stage::{Stage, TEXT};
use crate::wire::{Api, filed};

#[tokio::test]
async fn no_model_is_called_for_what_is_gone_pending_held_put_off_ended_or_nobodys() {
    let api = Api::OpenAi;
    let stage = Stage::new(api, move |_| api.says(&filed(&[]))).await;
    let keep = async || stage.alice.keep("paper.txt", TEXT).await.document_id;
    let (deleted, held, put_off) = (keep().await, keep().await, keep().await);
    let (classified, failed, waiting) = (keep().await, keep().await, keep().await);
    let pending = stage.alice.store("paper.txt", TEXT).await.document_id;
    let mut bodies = vec!["garbage".to_owned(), "{}".to_owned(), r#"{"Records": [{}]}"#.to_owned()];
    for id in [deleted, pending, held, put_off, classified, failed] {
        bodies.extend([stage.vault.put_event(id).await, json!({"document_id": id}).to_string()]);
    }
    stage.alice.remove(deleted).await.expect(204);
    let later = "lease_expires_at = now() + interval '90 seconds'";
    for (id, state) in [
        (held, format!("lease_id = gen_random_uuid(), attempts = 1, {later}")),
        (put_off, format!("attempts = 1, {later}")),
        (classified, "status = 'classified', attempts = 1".to_owned()),
        (
            failed,
            "status = 'classification_failed', failure_code = 'answer_refused', attempts = 1".to_owned(),
        ),
    ] {
        stage.vault.tamper(&format!("update documents set {state} where id = '{id}'")).await;
    }
    for _ in 0..2 {
        assert_eq!(stage.vault.classify(&bodies).await, [0; 0]);
    }
    assert_eq!(stage.played.received().len(), 0);
    assert_eq!(stage.vault.classify(&[stage.vault.put_event(waiting).await]).await, [0; 0]);
    assert_eq!(stage.played.received().len(), 1, "one that waits is shown");
}
