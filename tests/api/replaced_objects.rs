//! The vault detects an object that was replaced after its confirmation. Only somebody with credentials for
//! the store can replace it; the holder of an upload URL cannot.

use serde_json::{Value, json};
use tests::sandbox::Sandbox;
use tests::{Client, TestVault, Upload, promises};

/// Puts other bytes under a document's key, with root's credentials for the store.
async fn replace_object(vault: &TestVault, upload: &Upload, bytes: &[u8]) {
    vault.bucket.put(&upload.key(), bytes).await;
}

async fn get_document(alice: &Client, upload: &Upload) -> Value {
    alice.get(&format!("/api/documents/{}", upload.document_id)).await.expect(200)
}

#[tokio::test]
async fn a_confirmation_stores_the_entity_tag_and_never_shows_it() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let pending = alice.store_pending("a.txt", b"hello").await;
    assert_eq!(vault.columns(pending.document_id, &["etag"]).await, [Value::Null]);
    alice.confirm(pending.document_id).await.expect(200);
    let etag = "\"5d41402abc4b2a76b9719d911017c592\"";
    assert_eq!(vault.columns(pending.document_id, &["etag"]).await, [json!(etag)]);
    assert!(
        !get_document(&alice, &pending).await.to_string().contains("5d41402a"),
        "the API does not show the entity tag"
    );
}

#[tokio::test]
async fn a_replaced_object_is_not_classified_and_raises_an_alarm_in_the_log() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("private.txt", b"An invoice.").await;
    replace_object(&vault, &upload, b"Something else.").await;
    let mut classify = Sandbox::start("classify", &vault.variables()).await;
    let event = serde_json::to_string(&tests::sqs_event(&[vault.put_notification(upload.document_id).await]))
        .unwrap();
    assert_eq!(classify.invoke(&event).await.unwrap(), json!({"batchItemFailures": []}));
    let shown = get_document(&alice, &upload).await;
    assert_eq!((&shown["status"], &shown["topics"]), (&json!("classification_failed"), &json!([])));
    let failure = json!({"code": "object_changed", "message": "the stored file is not the one that was confirmed",
        "provider": null, "model": null, "images_sent": 0});
    assert_eq!(shown["failure"], failure);
    let log = classify.wait_for_log("object_changed").await;
    let line = log.lines().find(|line| line.contains("alarm")).unwrap_or_else(|| panic!("{log}"));
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!((&line["level"], &line["alarm"]), (&json!("ERROR"), &json!("object_changed")));
    assert_eq!(line["document"], upload.document_id.to_string());
    assert!(!log.contains(&upload.key()) && !log.contains("private"), "{log}");
}

#[tokio::test]
async fn a_document_without_an_entity_tag_is_classified_as_stored() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"An invoice.").await;
    vault.tamper("update documents set etag = null").await;
    replace_object(&vault, &upload, b"An invoice!").await;
    assert!(vault.classify(&[vault.put_notification(upload.document_id).await]).await.is_empty());
    assert_eq!(get_document(&alice, &upload).await["status"], "classified");
}

/// MinIO lets the uploader choose the entity tag.
#[tokio::test]
async fn a_confirmation_refuses_an_entity_tag_that_matches_other_objects() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for (tag, status) in [("*", 422), ("a, b", 422), ("00000000000000000000000000000000", 200)] {
        let upload = alice.begin_upload(json!({"filename": "a.txt", "content_type": "text/plain"})).await;
        let mut headers = upload.headers.clone();
        headers.insert("x-minio-source-etag".into(), tag.into());
        assert_eq!(upload.put_with(b"hello", &headers).await, 200);
        let answer = alice.confirm(upload.document_id).await;
        assert_eq!(answer.status, status, "{tag}: {}", answer.body);
        if status == 200 {
            assert!(vault.classify(&[vault.put_notification(upload.document_id).await]).await.is_empty());
            assert_eq!(get_document(&alice, &upload).await["status"], "classified");
        } else {
            assert_eq!(answer.body["code"], "upload_mismatch");
        }
    }
    assert_eq!(vault.bucket.object_sizes().await.len(), 1);
    promises::check(&vault).await.unwrap();
}
