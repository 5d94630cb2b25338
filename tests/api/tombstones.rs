//! The sweep asks the store a limited number of times to remove the object of a tombstone, and then removes
//! the tombstone.

use cleanup::Report;
use serde_json::json;
use tests::fuse::Fuse;
use tests::{TestVault, promises};

/// Sweeps every 30 minutes for 25 hours. Returns how many objects each sweep removed, and how many requests
/// all sweeps sent to the store.
async fn sweep_for_a_day(vault: &TestVault) -> (Vec<usize>, usize) {
    let fuse = Fuse::default();
    let line = fuse.open_line(vault.bucket.config().endpoint.as_deref().unwrap()).await;
    let storage = vault.bucket.config_at(&line.endpoint());
    let services = vault.services_at(&vault.database.address(), storage, vault.queue.clone());
    let mut removed = Vec::new();
    for _ in 0..50 {
        removed.push(vault.sweep_with(&services).await.removed);
        vault.age_minutes(30).await;
    }
    (removed, fuse.requests())
}

#[tokio::test]
async fn an_abandoned_object_is_removed_by_the_next_sweep_and_again_after_a_day() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for _ in 0..120 {
        vault.age_minutes(1).await;
        alice.begin_upload(json!({"filename": "a.txt", "content_type": "text/plain"})).await;
    }
    vault.age_minutes(61).await;
    let (removed, requests) = sweep_for_a_day(&vault).await;
    assert_eq!((removed[0], removed.iter().sum::<usize>()), (120, 240));
    assert!(requests <= 7, "{requests} requests, though each can remove a thousand keys");
    assert_eq!(vault.count_tombstones().await, 0);
}

#[tokio::test]
async fn a_deleted_object_is_removed_by_the_next_sweep_and_again_after_a_day() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    vault.age_minutes(20).await;
    alice.delete_document(upload.document_id).await.expect(204);
    assert_eq!(vault.bucket.object_sizes().await.len(), 0, "the deletion itself removed the object");
    let (removed, requests) = sweep_for_a_day(&vault).await;
    assert_eq!((removed[0], removed.iter().sum::<usize>(), requests), (1, 2, 2));
}

#[tokio::test]
async fn a_removal_is_repeated_once_when_the_url_has_expired() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    alice.delete_document(upload.document_id).await.expect(204);
    assert_eq!(upload.put(b"again").await, 200);
    let (removed, requests) = sweep_for_a_day(&vault).await;
    assert_eq!((&removed[..3], removed.iter().sum::<usize>(), requests), (&[1, 1, 0][..], 3, 3));
    assert_eq!(vault.sweep().await, Report::default());
    assert_eq!(vault.count_tombstones().await, 0);
    promises::check_every_object_has_a_row(&vault).await.unwrap();
}

#[tokio::test]
async fn an_object_put_on_a_buried_key_is_removed_by_its_put_notification() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    let event = vault.put_notification(upload.document_id).await;
    alice.delete_document(upload.document_id).await.expect(204);
    vault.age_minutes(16).await;
    vault.sweep().await;
    // A slow PUT that ends after the URL has expired.
    assert_eq!(upload.put(b"again").await, 200);
    assert_eq!(vault.sweep().await, Report::default());
    assert_eq!(vault.classify(&[event]).await, [0_usize; 0]);
    assert_eq!(vault.bucket.object_sizes().await.len(), 0);
}

#[tokio::test]
async fn every_tombstone_records_its_owner_and_when_its_url_expires() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let deleted = alice.store_confirmed("deleted.txt", b"hello").await;
    let declared = json!({"filename": "a", "content_type": "text/plain", "size_bytes": 5});
    let mismatched = alice.begin_upload(declared).await;
    let refused = alice.store_pending("refused.txt", b"hello").await;
    alice.store_pending("abandoned.txt", b"hello").await;
    assert_eq!(mismatched.put(b"hello").await, 200);
    vault
        .tamper(&format!("update documents set size_bytes = 4 where id = '{}'", mismatched.document_id))
        .await;
    alice.confirm(mismatched.document_id).await.expect(422);
    vault.set_limit(alice.id(), 5).await;
    alice.confirm(refused.document_id).await.expect(413);
    alice.delete_document(deleted.document_id).await.expect(204);
    vault.age_minutes(61).await;
    assert_eq!(vault.sweep().await.abandoned, 1);
    let statement = "select count(*) from tombstones where user_id = $1 and final_at = url_expires_at + interval '24 hours'
        and object_key like user_id || '/%'";
    let row = vault.database.superuser().await.query_one(statement, &[&alice.id()]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 4);
}
