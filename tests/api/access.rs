//! The view `document_access` decides what an account sees and changes. These tests replace the view by one
//! that also shows documents to a reader, as sharing will.

use docuvault::db;
use docuvault::id::UserId;
use docuvault::storage::StoredObject;
use serde_json::json;
use tests::TestVault;

async fn show_all_documents_to(vault: &TestVault, reader: UserId) {
    vault
        .tamper(&format!(
            "create or replace view document_access as
             select d.user_id as account_id, 'owner'::text as access, d.* from documents d
             union all
             select '{reader}', 'reader', d.* from documents d where d.user_id <> '{reader}'"
        ))
        .await;
}

#[tokio::test]
async fn a_reader_sees_documents_and_changes_none() {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.create_user().await, vault.create_user().await);
    let kept = alice.store_confirmed("a.txt", b"hello").await.document_id;
    vault.classify(&[vault.put_notification(kept).await]).await;
    let pending = alice.store_pending("b.txt", b"hello").await.document_id;
    show_all_documents_to(&vault, bob.id()).await;
    for path in ["/api/documents", &format!("/api/documents/{kept}")] {
        assert_eq!(bob.get(path).await.expect(200), alice.get(path).await.expect(200), "{path}");
    }
    bob.get(&format!("/api/documents/{kept}/download")).await.expect(200);
    let before = vault.rows().await;
    for id in [kept, pending] {
        bob.confirm(id).await.expect(404);
        bob.delete_document(id).await.expect(404);
        bob.put(&format!("/api/documents/{id}/topics"), json!({"topic_ids": []})).await.expect(404);
        bob.send("POST", &format!("/api/documents/{id}/classify"), None).await.expect(404);
    }
    let (db, stored) =
        (vault.services().db, StoredObject { size_bytes: 5, sha256: None, etag: None, content_type: None });
    db::upload::charge(&db, bob.id(), pending, &stored, 5).await.unwrap_err();
    db::upload::refuse(&db, bob.id(), pending).await.unwrap_err();
    assert_eq!(vault.rows().await, before);
    alice.confirm(pending).await.expect(200);
    alice.delete_document(kept).await.expect(204);
}

#[tokio::test]
async fn a_document_that_the_view_does_not_show_is_not_found() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let id = alice.store_confirmed("a.txt", b"hello").await.document_id;
    vault
        .tamper(
            "create or replace view document_access as
             select d.user_id as account_id, 'owner'::text as access, d.* from documents d where false",
        )
        .await;
    let before = vault.rows().await;
    for path in [format!("/api/documents/{id}"), format!("/api/documents/{id}/download")] {
        alice.get(&path).await.expect(404);
    }
    for query in ["", "?q=a"] {
        let list = alice.get(&format!("/api/documents{query}")).await.expect(200);
        assert_eq!(list["items"], json!([]), "{query}");
    }
    alice.confirm(id).await.expect(404);
    alice.delete_document(id).await.expect(404);
    assert_eq!(vault.rows().await, before);
}
