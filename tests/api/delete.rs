use serde_json::Value;
use tests::proxy::Mode;
use tests::{TestVault, promises};

use crate::assert_problem;

#[tokio::test]
async fn a_deletion_removes_row_and_object_and_lowers_used_bytes() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let (gone, kept) =
        (alice.store_confirmed("a.txt", b"hello").await, alice.store_confirmed("b.txt", b"you").await);
    let answer = alice.delete_document(gone.document_id).await;
    assert_eq!((answer.status, answer.body), (204, Value::Null));
    assert_eq!(alice.used_bytes().await, 3);
    assert_eq!(vault.bucket.object_sizes().await.into_keys().collect::<Vec<_>>(), [kept.key()]);
    assert_problem(alice.get(&format!("/api/documents/{}", gone.document_id)).await, 404, "not_found");
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn a_repeated_deletion_is_not_found_and_lowers_nothing() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    alice.store_confirmed("b.txt", b"you").await;
    alice.delete_document(upload.document_id).await.expect(204);
    for _ in 0..2 {
        assert_problem(alice.delete_document(upload.document_id).await, 404, "not_found");
        assert_eq!(alice.used_bytes().await, 3);
    }
}

#[tokio::test]
async fn deleting_a_pending_upload_lowers_nothing() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    alice.store_confirmed("a.txt", b"hello").await;
    let declared = serde_json::json!({"filename": "b.txt", "content_type": "text/plain", "size_bytes": 3});
    let pending = alice.begin_upload(declared).await;
    assert_eq!(pending.put(b"you").await, 200);
    alice.delete_document(pending.document_id).await.expect(204);
    assert_eq!(alice.used_bytes().await, 5);
    assert_eq!(vault.bucket.object_sizes().await.len(), 1);
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn the_bytes_of_a_deleted_document_can_be_used_again() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    vault.set_limit(alice.id(), 5).await;
    for _ in 0..3 {
        let upload = alice.store_confirmed("a.txt", b"hello").await;
        alice.delete_document(upload.document_id).await.expect(204);
    }
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn while_the_store_is_down_a_deletion_succeeds_and_the_sweep_removes_the_object() {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_store().await;
    let alice = vault.create_user().await;
    let alice = alice.served_by(vault.routes(&services));
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    proxy.set_mode(Mode::Down);
    alice.delete_document(upload.document_id).await.expect(204);
    assert_eq!(alice.used_bytes().await, 0);
    assert_eq!(vault.bucket.object_sizes().await.len(), 1);
    promises::check(&vault).await.unwrap();
    assert_eq!(vault.sweep().await.removed, 1);
    assert!(vault.bucket.object_sizes().await.is_empty());
}

#[tokio::test]
async fn a_deleted_document_loses_its_topics_and_leaves_the_lists() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    vault.tamper("insert into topics (id, name) values (gen_random_uuid(), 'Hello')").await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    vault.classify(&[vault.put_notification(upload.document_id).await]).await;
    assert_eq!(vault.rows().await["document_topics"].as_array().unwrap().len(), 1);
    alice.delete_document(upload.document_id).await.expect(204);
    assert_eq!(vault.rows().await["document_topics"], Value::Null);
    assert_eq!(alice.get("/api/documents").await.expect(200)["items"], serde_json::json!([]));
}
