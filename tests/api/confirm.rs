use serde_json::json;
use tests::proxy::Mode;
use tests::{TestVault, promises};

use crate::assert_problem;

const SHA256_OF_HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

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

#[tokio::test]
async fn the_last_byte_of_the_quota_can_be_used() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    vault.limit(alice.id(), 5).await;
    alice.keep("a.txt", b"hello").await;
    alice.keep("empty.txt", b"").await;
    let upload = alice.store("b.txt", b"!").await;
    alice.confirm(upload.document_id).await.expect(413);
    assert_eq!(alice.used_bytes().await, 5);
    promises::hold(&vault).await.unwrap();
}

#[tokio::test]
async fn an_empty_file_is_a_document_like_any_other() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    for declaration in [json!({}), json!({"size_bytes": 0})] {
        let mut request = json!({"filename": "empty.txt", "content_type": "text/plain"});
        request.as_object_mut().unwrap().extend(declaration.as_object().unwrap().clone());
        let upload = alice.begin(request).await;
        assert_eq!(upload.put(b"").await, 200);
        assert_eq!(
            alice.confirm(upload.document_id).await.expect(200),
            json!({"id": upload.document_id, "size_bytes": 0, "used_bytes": 0, "status": "uploaded"})
        );
        assert_eq!(vault.classify(&[vault.put_event(upload.document_id).await]).await, [] as [usize; 0]);
        assert_eq!(vault.row(upload.document_id).await["status"], "classified");
    }
    promises::hold(&vault).await.unwrap();
}

#[tokio::test]
async fn before_the_put_there_is_nothing_to_confirm_and_nothing_lost() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.begin(json!({"filename": "a.txt", "content_type": "text/plain"})).await;
    let before = vault.rows().await;
    for _ in 0..2 {
        assert_eq!(
            alice.confirm(upload.document_id).await.expect(422),
            json!({"detail": "Upload not found", "code": "upload_not_found"})
        );
    }
    assert_eq!(vault.rows().await, before);
    assert_eq!(upload.put(b"hello").await, 200);
    alice.confirm(upload.document_id).await.expect(200);
}

#[tokio::test]
async fn what_was_not_declared_is_discarded() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    for (declaration, stored, part) in [
        (json!({"size_bytes": 5}), "hello!", "size"),
        (json!({"size_bytes": 5}), "", "size"),
        (json!({"sha256": SHA256_OF_HELLO}), "world", "checksum"),
        (json!({"size_bytes": 5, "sha256": SHA256_OF_HELLO}), "world", "checksum"),
    ] {
        let mut request = json!({"filename": "a.txt", "content_type": "text/plain"});
        request.as_object_mut().unwrap().extend(declaration.as_object().unwrap().clone());
        let upload = alice.begin(request).await;
        // No client of ours can store this; a store that enforces less than it should could let one.
        let body = stored.as_bytes().to_vec().into();
        let put = vault.bucket.client.put_object().bucket(&vault.bucket.name).key(upload.key()).body(body);
        put.send().await.unwrap();
        let detail = format!(
            "the stored object's {part} is not the declared one; the upload is discarded, start again"
        );
        assert_eq!(
            alice.confirm(upload.document_id).await.expect(422),
            json!({"detail": detail, "code": "upload_mismatch"})
        );
        assert_problem(alice.confirm(upload.document_id).await, 404, "not_found");
    }
    assert!(vault.bucket.objects().await.is_empty());
    assert_eq!(vault.tombstones().await, 4);
    promises::hold(&vault).await.unwrap();
}

#[tokio::test]
async fn an_object_over_the_largest_allowed_size_is_refused() {
    let mut vault = TestVault::new().await;
    vault.limits.max_bytes = 4;
    let alice = vault.user().await;
    let upload = alice.store("a.txt", b"hello").await;
    assert_eq!(
        alice.confirm(upload.document_id).await.expect(413),
        json!({"detail": {"used_bytes": 0, "limit_bytes": 104_857_600, "rejected_bytes": 5}, "code": "quota_exceeded"})
    );
    assert!(vault.bucket.objects().await.is_empty());
    promises::hold(&vault).await.unwrap();
}

#[tokio::test]
async fn while_the_store_is_unreachable_nothing_changes_and_a_retry_works() {
    let vault = TestVault::new().await;
    let (proxy, parts) = vault.store_by_proxy().await;
    let alice = vault.user().await;
    let alice = alice.served_by(vault.routes(&parts));
    let upload = alice.store("a.txt", b"hello").await;
    let before = vault.rows().await;
    for mode in [Mode::Down, Mode::Status(503)] {
        proxy.set(mode);
        assert_eq!(
            alice.confirm(upload.document_id).await.expect(503),
            json!({"detail": "the object store is unreachable; try again", "code": "store_unreachable"})
        );
        assert_eq!(vault.rows().await, before);
    }
    proxy.set(Mode::Pass);
    alice.confirm(upload.document_id).await.expect(200);
}

#[tokio::test]
async fn what_was_swept_or_deleted_is_not_found() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let swept = alice.store("a.txt", b"hello").await;
    vault.age(2).await;
    vault.sweep().await;
    assert_problem(alice.confirm(swept.document_id).await, 404, "not_found");
    let deleted = alice.keep("a.txt", b"hello").await;
    alice.remove(deleted.document_id).await.expect(204);
    assert_problem(alice.confirm(deleted.document_id).await, 404, "not_found");
    promises::hold(&vault).await.unwrap();
}

#[tokio::test]
async fn a_repeated_confirmation_answers_the_same_after_classification() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.store("a.txt", b"hello").await;
    let first = alice.confirm(upload.document_id).await.expect(200);
    vault.classify(&[vault.put_event(upload.document_id).await]).await;
    let row = vault.row(upload.document_id).await;
    assert_eq!(row["status"], "classified");
    assert_eq!(alice.confirm(upload.document_id).await.expect(200), first);
    assert_eq!(vault.row(upload.document_id).await, row);
}
