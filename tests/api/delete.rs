use serde_json::Value;
use tests::proxy::Mode;
use tests::{TestVault, promises};

use crate::assert_problem;

#[tokio::test]
async fn a_document_goes_with_its_object_and_gives_its_bytes_back() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let (gone, kept) = (alice.keep("a.txt", b"hello").await, alice.keep("b.txt", b"you").await);
    let answer = alice.remove(gone.document_id).await;
    assert_eq!((answer.status, answer.body), (204, Value::Null));
    assert_eq!(alice.used_bytes().await, 3);
    assert_eq!(vault.bucket.objects().await.into_keys().collect::<Vec<_>>(), [kept.key()]);
    assert_problem(alice.get(&format!("/api/documents/{}", gone.document_id)).await, 404, "not_found");
    promises::hold(&vault).await.unwrap();
}

#[tokio::test]
async fn a_repeated_deletion_is_not_found_and_gives_nothing_back() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    alice.keep("b.txt", b"you").await;
    alice.remove(upload.document_id).await.expect(204);
    for _ in 0..2 {
        assert_problem(alice.remove(upload.document_id).await, 404, "not_found");
        assert_eq!(alice.used_bytes().await, 3);
    }
}

#[tokio::test]
async fn a_pending_upload_goes_and_lowers_nothing() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    alice.keep("a.txt", b"hello").await;
    let declared = serde_json::json!({"filename": "b.txt", "content_type": "text/plain", "size_bytes": 3});
    let pending = alice.begin(declared).await;
    assert_eq!(pending.put(b"you").await, 200);
    alice.remove(pending.document_id).await.expect(204);
    assert_eq!(alice.used_bytes().await, 5);
    assert_eq!(vault.bucket.objects().await.len(), 1);
    promises::hold(&vault).await.unwrap();
}

#[tokio::test]
async fn bytes_that_were_given_back_can_be_used_again() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    vault.limit(alice.id(), 5).await;
    for _ in 0..3 {
        let upload = alice.keep("a.txt", b"hello").await;
        alice.remove(upload.document_id).await.expect(204);
    }
    promises::hold(&vault).await.unwrap();
}

#[tokio::test]
async fn a_store_that_fails_keeps_nobody_waiting_and_the_sweep_removes_the_object() {
    let vault = TestVault::new().await;
    let (proxy, parts) = vault.store_by_proxy().await;
    let alice = vault.user().await;
    let alice = alice.served_by(vault.routes(&parts));
    let upload = alice.keep("a.txt", b"hello").await;
    proxy.set(Mode::Down);
    alice.remove(upload.document_id).await.expect(204);
    assert_eq!(alice.used_bytes().await, 0);
    assert_eq!(vault.bucket.objects().await.len(), 1);
    promises::hold(&vault).await.unwrap();
    assert_eq!(vault.sweep().await.removed, 1);
    assert!(vault.bucket.objects().await.is_empty());
}

#[tokio::test]
async fn a_deleted_document_takes_its_topics_and_its_place_in_lists_along() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    vault.tamper("insert into topics (id, name) values (gen_random_uuid(), 'Hello')").await;
    let upload = alice.keep("a.txt", b"hello").await;
    vault.classify(&[vault.put_event(upload.document_id).await]).await;
    assert_eq!(vault.rows().await["document_topics"].as_array().unwrap().len(), 1);
    alice.remove(upload.document_id).await.expect(204);
    assert_eq!(vault.rows().await["document_topics"], Value::Null);
    assert_eq!(alice.get("/api/documents").await.expect(200)["items"], serde_json::json!([]));
}
