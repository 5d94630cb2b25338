use tests::{TestVault, promises};

use crate::race::{Worker, against, callers, leads, sandboxes, together};

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_and_a_deletion_at_once_leave_nothing_charged() {
    let vault = TestVault::new().await;
    let (alice, sandboxes) = (vault.user().await, sandboxes(&vault, 2).await);
    alice.keep("kept.txt", b"kept").await;
    for lead in leads(60, &alice).await {
        let id = alice.store("a.txt", b"hello").await.document_id;
        let [one, two] = callers(&alice, &sandboxes).try_into().ok().unwrap();
        let (confirmed, removed) =
            against(async move { one.confirm(id).await }, lead, async move { two.remove(id).await }).await;
        // The object may be gone before the confirmation has looked, and the row before it has charged.
        assert!([200, 404, 422].contains(&confirmed.status), "{}", confirmed.body);
        removed.expect(204);
        alice.confirm(id).await.expect(404);
        assert_eq!(alice.used_bytes().await, 4);
        assert_eq!(vault.bucket.objects().await.len(), 1);
        promises::hold(&vault).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deletions_at_once_give_the_bytes_back_once() {
    let vault = TestVault::new().await;
    let (alice, sandboxes) = (vault.user().await, sandboxes(&vault, 4).await);
    alice.keep("kept.txt", b"kept, and longer than the other").await;
    for _ in 0..40 {
        let id = alice.keep("a.txt", b"hello").await.document_id;
        let runs = callers(&alice, &sandboxes).into_iter().map(|alice| async move { alice.remove(id).await });
        let mut statuses: Vec<u16> = together(runs).await.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 404, 404, 404]);
        promises::hold(&vault).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_wins_over_the_classification_that_is_under_way() {
    let vault = TestVault::new().await;
    let (alice, sandboxes) = (vault.user().await, sandboxes(&vault, 1).await);
    let worker = Worker::new(&vault);
    for lead in leads(40, &alice).await {
        let id = alice.keep("a.txt", b"hello").await.document_id;
        let body = vault.put_event(id).await;
        let elsewhere = callers(&alice, &sandboxes).remove(0);
        let (classified, removed) =
            against(worker.clone().deliver(body), lead / 2, async move { elsewhere.remove(id).await }).await;
        classified.unwrap();
        removed.expect(204);
        assert_eq!((alice.used_bytes().await, vault.bucket.objects().await.len()), (0, 0));
        promises::hold(&vault).await.unwrap();
    }
}

/// The one order of steps in which the deletion's snapshot is older than the charge that it gives back.
#[tokio::test]
async fn a_deletion_that_waited_for_a_confirmation_gives_back_what_that_has_charged() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let id = alice.store("a.txt", b"hello").await.document_id;
    let confirmation = vault.database.connect_as("docuvault_app").await;
    let lock = format!("begin; select from documents where id = '{id}' for update");
    confirmation.batch_execute(&lock).await.unwrap();
    let (deleter, waiting) = (vault.elsewhere(&alice), vault.database.superuser().await);
    let removed = tokio::spawn(async move { deleter.remove(id).await });
    let waits = "select exists (select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock')";
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(4);
    while !waiting.query_one(waits, &[]).await.unwrap().get::<_, bool>(0) {
        assert!(std::time::Instant::now() < deadline, "the deletion does not wait");
        tokio::task::yield_now().await;
    }
    let charge = format!(
        "update quotas set used_bytes = used_bytes + 5;
         update documents set status = 'uploaded', size_bytes = 5, confirmed_at = now() where id = '{id}';
         commit"
    );
    confirmation.batch_execute(&charge).await.unwrap();
    removed.await.unwrap().expect(204);
    assert_eq!(alice.used_bytes().await, 0);
    promises::hold(&vault).await.unwrap();
}
