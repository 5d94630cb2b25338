use serde_json::json;
use tests::{TestVault, promises};

#[tokio::test]
async fn a_stored_object_is_charged_once() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.store("a.txt", b"hello").await;
    let expected = json!({"id": upload.document_id, "size_bytes": 5, "used_bytes": 5, "status": "uploaded"});
    for _ in 0..3 {
        assert_eq!(alice.confirm(upload.document_id).await.expect(200), expected);
    }
    promises::hold(&vault).await.unwrap();
}

#[tokio::test]
async fn over_quota_is_refused_with_fresh_numbers_and_leaves_nothing() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    alice.keep("a.txt", b"hello").await;
    vault.limit(alice.id(), 9).await;
    let upload = alice.store("b.txt", b"world").await;
    let answer = alice.confirm(upload.document_id).await.expect(413);
    assert_eq!(
        answer,
        json!({"detail": {"used_bytes": 5, "limit_bytes": 9, "rejected_bytes": 5}, "code": "quota_exceeded"})
    );
    assert_eq!(vault.bucket.objects().await.len(), 1);
    alice.confirm(upload.document_id).await.expect(404);
    promises::hold(&vault).await.unwrap();
}
