//! How often the store is asked to remove what is buried, and by when it is gone.

use cleanup::Report;
use serde_json::json;
use tests::fuse::Fuse;
use tests::{TestVault, promises};

/// Sweeps every half an hour for a day and an hour; how many objects each removed, and how many requests the store had of all.
async fn a_day(vault: &TestVault) -> (Vec<usize>, usize) {
    let fuse = Fuse::default();
    let line = fuse.line(vault.bucket.config().endpoint.as_deref().unwrap()).await;
    let storage = vault.bucket.config_by(&line.endpoint());
    let parts = vault.parts_by(&vault.database.address(), storage, vault.queue.clone());
    let mut removed = Vec::new();
    for _ in 0..50 {
        removed.push(vault.sweep_by(&parts).await.removed);
        vault.age_minutes(30).await;
    }
    (removed, fuse.steps())
}

#[tokio::test]
async fn what_is_abandoned_is_removed_at_once_and_once_more_at_the_end() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    for _ in 0..120 {
        vault.age_minutes(1).await;
        alice.begin(json!({"filename": "a.txt", "content_type": "text/plain"})).await;
    }
    vault.age_minutes(61).await;
    let (removed, requests) = a_day(&vault).await;
    assert_eq!((removed[0], removed.iter().sum::<usize>()), (120, 240));
    assert!(requests <= 7, "{requests} requests, a thousand keys in each");
    assert_eq!(vault.tombstones().await, 0);
}

#[tokio::test]
async fn what_is_deleted_is_removed_by_the_next_sweep_and_once_more_at_the_end() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    vault.age_minutes(20).await;
    alice.remove(upload.document_id).await.expect(204);
    assert_eq!(vault.bucket.objects().await.len(), 0, "and before that by the deletion itself");
    let (removed, requests) = a_day(&vault).await;
    assert_eq!((removed[0], removed.iter().sum::<usize>(), requests), (1, 2, 2));
}

#[tokio::test]
async fn while_the_url_lives_a_removal_is_repeated_only_when_it_has_expired() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    alice.remove(upload.document_id).await.expect(204);
    assert_eq!(upload.put(b"again").await, 200);
    let (removed, requests) = a_day(&vault).await;
    assert_eq!((&removed[..3], removed.iter().sum::<usize>(), requests), (&[1, 1, 0][..], 3, 3));
    assert_eq!(vault.sweep().await, Report::default());
    assert_eq!(vault.tombstones().await, 0);
    promises::no_object_without_row(&vault).await.unwrap();
}

#[tokio::test]
async fn what_is_put_on_a_buried_key_is_removed_by_its_notification() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    let event = vault.put_event(upload.document_id).await;
    alice.remove(upload.document_id).await.expect(204);
    vault.age_minutes(16).await;
    vault.sweep().await;
    // A PUT that took its time.
    assert_eq!(upload.put(b"again").await, 200);
    assert_eq!(vault.sweep().await, Report::default());
    assert_eq!(vault.classify(&[event]).await, [0_usize; 0]);
    assert_eq!(vault.bucket.objects().await.len(), 0);
}

#[tokio::test]
async fn every_way_to_bury_says_whose_url_it_was_and_when_it_ends() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let deleted = alice.keep("deleted.txt", b"hello").await;
    let declared = json!({"filename": "a", "content_type": "text/plain", "size_bytes": 5});
    let mismatched = alice.begin(declared).await;
    let refused = alice.store("refused.txt", b"hello").await;
    alice.store("abandoned.txt", b"hello").await;
    assert_eq!(mismatched.put(b"hello").await, 200);
    vault
        .tamper(&format!("update documents set size_bytes = 4 where id = '{}'", mismatched.document_id))
        .await;
    alice.confirm(mismatched.document_id).await.expect(422);
    vault.limit(alice.id(), 5).await;
    alice.confirm(refused.document_id).await.expect(413);
    alice.remove(deleted.document_id).await.expect(204);
    vault.age_minutes(61).await;
    assert_eq!(vault.sweep().await.abandoned, 1);
    let statement = "select count(*) from tombstones where user_id = $1 and final_at = url_expires_at + interval '24 hours'
        and object_key like user_id || '/%'";
    let row = vault.database.superuser().await.query_one(statement, &[&alice.id()]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 4);
}
