//! A row names the store that has its object. This release knows one store. In these tests rows name another
//! one, as a later release may write them.

use docuvault::db;
use docuvault::deadline::Deadline;
use docuvault::id::DocumentId;
use docuvault::storage::StoredObject;
use serde_json::{Value, json};
use tests::{Services, TestVault};

const TAPE: &str = "update documents set storage_backend = 'tape'";

/// Reads the store of each tombstone, and the number of times that its removal was begun.
async fn read_tombstones(vault: &TestVault) -> Value {
    let statement = "select coalesce(jsonb_agg(jsonb_build_array(storage_backend, attempts)), '[]')
        from tombstones";
    vault.database.superuser().await.query_one(statement, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_document_in_an_unknown_store_is_refused_and_the_error_names_the_store() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let kept = alice.store_confirmed("a.txt", b"hello").await.document_id;
    let pending = alice.store_pending("b.txt", b"hello").await.document_id;
    vault.tamper(TAPE).await;
    let before = vault.rows().await;
    alice.get(&format!("/api/documents/{kept}/download")).await.expect(500);
    alice.confirm(pending).await.expect(500);
    assert_eq!(vault.rows().await, before);
    let error = db::document::find_stored(&vault.services().db, alice.user(), kept).await.err().unwrap();
    assert!(error.to_string().contains("\"tape\""), "{error}");
    assert_eq!(vault.bucket.object_sizes().await.len(), 2);
}

#[tokio::test]
async fn a_document_in_an_unknown_store_waits_for_a_release_that_knows_it() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let id = alice.store_confirmed("a.txt", b"hello").await.document_id;
    vault.tamper(TAPE).await;
    let before = vault.rows().await;
    let nudge = json!({"document_id": id}).to_string();
    for _ in 0..=vault.classification.max_attempts {
        assert_eq!(vault.classify(std::slice::from_ref(&nudge)).await, [0_usize; 0]);
    }
    assert_eq!(vault.rows().await, before);
    vault.age_hours(1).await;
    assert_eq!(vault.sweep().await.nudged, 1, "the sweep asks again");
    vault.tamper("update documents set storage_backend = 's3'").await;
    assert_eq!(vault.classify(&[nudge]).await, [0_usize; 0]);
    assert_eq!(vault.columns(id, &["status", "attempts"]).await, [json!("classified"), json!(1)]);
}

#[tokio::test]
async fn no_url_is_signed_before_the_row_says_where_the_object_goes() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let new = json!({"filename": "a.txt", "content_type": "text/plain"});
    alice.begin_upload(new.clone()).await;
    vault
        .tamper(
            "create function to_tape() returns trigger language plpgsql as
                $$ begin new.storage_backend := 'tape'; return new; end $$;
             create trigger to_tape before insert on documents for each row execute function to_tape()",
        )
        .await;
    alice.post("/api/documents/upload-url", new).await.expect(500);
}

#[tokio::test]
async fn a_tombstone_remembers_its_store_whatever_buried_it() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let mut pending = Vec::new();
    for _ in 0..3 {
        pending.push(alice.store_pending("a.txt", b"hello").await.document_id);
    }
    let kept = alice.store_confirmed("b.txt", b"hello").await.document_id;
    vault.tamper(TAPE).await;
    alice.delete_document(kept).await.expect(204);
    let (db, stored) =
        (vault.services().db, StoredObject { size_bytes: 5, sha256: None, etag: None, content_type: None });
    db::upload::refuse(&db, alice.id(), pending[0]).await.unwrap();
    db::upload::charge(&db, alice.id(), pending[1], &stored, 0).await.unwrap();
    let age = std::time::Duration::ZERO;
    assert_eq!(db::cleanup::bury_abandoned(&db, age, 10).await.unwrap(), 1);
    assert_eq!(read_tombstones(&vault).await, json!(vec![json!(["tape", 0]); 4]));
    assert_eq!(alice.used_bytes().await, 0);
}

#[tokio::test]
async fn a_sweep_removes_objects_of_the_stores_that_it_knows_and_names_the_others() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let (here, there) =
        (alice.store_confirmed("a.txt", b"hello").await, alice.store_confirmed("b.txt", b"hello").await);
    vault.tamper(&format!("{TAPE} where id = '{}'", there.document_id)).await;
    alice.delete_document(there.document_id).await.expect(204);
    // As after a deletion whose request to the store was lost.
    vault
        .tamper(
            "with gone as (delete from documents returning *)
        insert into tombstones (object_key, storage_backend, final_at)
            select object_key, storage_backend, now() from gone",
        )
        .await;
    let Services { db, storage, queue } = vault.services();
    let error =
        cleanup::sweep(&db, &storage.stores_of("cleanup"), &queue, Deadline::none()).await.unwrap_err();
    assert!(error.to_string().contains("\"tape\""), "{error}");
    assert_eq!(read_tombstones(&vault).await, json!([["tape", 0]]));
    let objects = vault.bucket.object_sizes().await;
    assert_eq!(objects.keys().collect::<Vec<_>>(), [&there.key()], "{}", here.key());
}

#[tokio::test]
async fn an_object_in_another_store_than_its_row_says_is_an_orphan() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let id: DocumentId = alice.store_confirmed("a.txt", b"hello").await.document_id;
    let event = vault.put_notification(id).await;
    vault.tamper(TAPE).await;
    let before = vault.rows().await;
    assert_eq!(vault.classify(&[event]).await, [0_usize; 0]);
    assert_eq!(vault.rows().await, before);
    assert!(vault.bucket.object_sizes().await.is_empty());
}
