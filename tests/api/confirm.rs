use serde_json::json;
use tests::proxy::Mode;
use tests::{TestVault, promises};

use crate::assert_problem;

const SHA256_OF_HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

#[tokio::test]
async fn a_repeated_confirmation_charges_once() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_pending("a.txt", b"hello").await;
    let expected = json!({"id": upload.document_id, "size_bytes": 5, "used_bytes": 5, "status": "uploaded"});
    for _ in 0..3 {
        assert_eq!(alice.confirm(upload.document_id).await.expect(200), expected);
    }
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn a_confirmation_over_quota_is_refused_and_removes_row_and_object() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    alice.store_confirmed("a.txt", b"hello").await;
    vault.set_limit(alice.id(), 9).await;
    let upload = alice.store_pending("b.txt", b"world").await;
    let answer = alice.confirm(upload.document_id).await.expect(413);
    assert_eq!(
        answer,
        json!({"detail": {"used_bytes": 5, "limit_bytes": 9, "rejected_bytes": 5}, "code": "quota_exceeded"})
    );
    assert_eq!(vault.bucket.object_sizes().await.len(), 1);
    alice.confirm(upload.document_id).await.expect(404);
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn the_last_byte_of_the_quota_can_be_used() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    vault.set_limit(alice.id(), 5).await;
    alice.store_confirmed("a.txt", b"hello").await;
    alice.store_confirmed("empty.txt", b"").await;
    let upload = alice.store_pending("b.txt", b"!").await;
    alice.confirm(upload.document_id).await.expect(413);
    assert_eq!(alice.used_bytes().await, 5);
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn an_empty_file_is_a_document_like_any_other() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for declaration in [json!({}), json!({"size_bytes": 0})] {
        let mut request = json!({"filename": "empty.txt", "content_type": "text/plain"});
        request.as_object_mut().unwrap().extend(declaration.as_object().unwrap().clone());
        let upload = alice.begin_upload(request).await;
        assert_eq!(upload.put(b"").await, 200);
        assert_eq!(
            alice.confirm(upload.document_id).await.expect(200),
            json!({"id": upload.document_id, "size_bytes": 0, "used_bytes": 0, "status": "uploaded"})
        );
        assert_eq!(
            vault.classify(&[vault.put_notification(upload.document_id).await]).await,
            [] as [usize; 0]
        );
        assert_eq!(vault.row(upload.document_id).await["status"], "classified");
    }
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn a_confirmation_before_the_put_is_refused_and_keeps_the_row() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.begin_upload(json!({"filename": "a.txt", "content_type": "text/plain"})).await;
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
async fn an_object_that_differs_from_its_declaration_is_discarded() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for (declaration, stored, part) in [
        (json!({"size_bytes": 5}), "hello!", "size"),
        (json!({"size_bytes": 5}), "", "size"),
        (json!({"sha256": SHA256_OF_HELLO}), "world", "checksum"),
        (json!({"size_bytes": 5, "sha256": SHA256_OF_HELLO}), "world", "checksum"),
    ] {
        let mut request = json!({"filename": "a.txt", "content_type": "text/plain"});
        request.as_object_mut().unwrap().extend(declaration.as_object().unwrap().clone());
        let upload = alice.begin_upload(request).await;
        // The signed headers prevent this. A store that does not enforce them would let it happen.
        let body = stored.as_bytes().to_vec().into();
        let put = vault.bucket.client.put_object().bucket(&vault.bucket.name).key(upload.key()).body(body);
        put.send().await.unwrap();
        let detail = format!(
            "the {part} of the stored object differs from the declared one; the upload is discarded: begin again"
        );
        assert_eq!(
            alice.confirm(upload.document_id).await.expect(422),
            json!({"detail": detail, "code": "upload_mismatch"})
        );
        assert_problem(alice.confirm(upload.document_id).await, 404, "not_found");
    }
    assert!(vault.bucket.object_sizes().await.is_empty());
    assert_eq!(vault.count_tombstones().await, 4);
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn an_object_over_the_maximum_upload_size_is_refused() {
    let mut vault = TestVault::new().await;
    vault.limits.max_bytes = 4;
    let alice = vault.create_user().await;
    let upload = alice.store_pending("a.txt", b"hello").await;
    assert_eq!(
        alice.confirm(upload.document_id).await.expect(413),
        json!({"detail": {"used_bytes": 0, "limit_bytes": 104_857_600, "rejected_bytes": 5}, "code": "quota_exceeded"})
    );
    assert!(vault.bucket.object_sizes().await.is_empty());
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn while_the_store_is_unreachable_a_confirmation_changes_nothing_and_a_retry_works() {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_store().await;
    let alice = vault.create_user().await;
    let alice = alice.served_by(vault.routes(&services));
    let upload = alice.store_pending("a.txt", b"hello").await;
    let before = vault.rows().await;
    for mode in [Mode::Down, Mode::Status(503)] {
        proxy.set_mode(mode);
        assert_eq!(
            alice.confirm(upload.document_id).await.expect(503),
            json!({"detail": "the object store is unreachable; try again", "code": "store_unreachable"})
        );
        assert_eq!(vault.rows().await, before);
    }
    proxy.set_mode(Mode::Pass);
    alice.confirm(upload.document_id).await.expect(200);
}

#[tokio::test]
async fn swept_and_deleted_uploads_are_not_found() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let swept = alice.store_pending("a.txt", b"hello").await;
    vault.age_hours(2).await;
    vault.sweep().await;
    assert_problem(alice.confirm(swept.document_id).await, 404, "not_found");
    let deleted = alice.store_confirmed("a.txt", b"hello").await;
    alice.delete_document(deleted.document_id).await.expect(204);
    assert_problem(alice.confirm(deleted.document_id).await, 404, "not_found");
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn a_repeated_confirmation_answers_the_same_after_classification() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_pending("a.txt", b"hello").await;
    let first = alice.confirm(upload.document_id).await.expect(200);
    vault.classify(&[vault.put_notification(upload.document_id).await]).await;
    let row = vault.row(upload.document_id).await;
    assert_eq!(row["status"], "classified");
    assert_eq!(alice.confirm(upload.document_id).await.expect(200), first);
    assert_eq!(vault.row(upload.document_id).await, row);
}
