use tests::{TestVault, promises};

use crate::race::{Worker, callers_in, choose_leads, open_sandboxes, run_together, run_with_lead};

#[tokio::test(flavor = "multi_thread")]
async fn a_concurrent_confirmation_and_deletion_leave_nothing_charged() {
    let vault = TestVault::new().await;
    let (alice, sandboxes) = (vault.create_user().await, open_sandboxes(&vault, 2).await);
    alice.store_confirmed("kept.txt", b"kept").await;
    for lead in choose_leads(60, &alice).await {
        let id = alice.store_pending("a.txt", b"hello").await.document_id;
        let [one, two] = callers_in(&alice, &sandboxes).try_into().ok().unwrap();
        let (confirmed, removed) = run_with_lead(async move { one.confirm(id).await }, lead, async move {
            two.delete_document(id).await
        })
        .await;
        // The deletion may remove the object before the confirmation looks, or the row before it charges.
        assert!([200, 404, 422].contains(&confirmed.status), "{}", confirmed.body);
        removed.expect(204);
        alice.confirm(id).await.expect(404);
        assert_eq!(alice.used_bytes().await, 4);
        assert_eq!(vault.bucket.object_sizes().await.len(), 1);
        promises::check(&vault).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_deletions_lower_used_bytes_once() {
    let vault = TestVault::new().await;
    let (alice, sandboxes) = (vault.create_user().await, open_sandboxes(&vault, 4).await);
    alice.store_confirmed("kept.txt", b"kept, and longer than the other").await;
    for _ in 0..40 {
        let id = alice.store_confirmed("a.txt", b"hello").await.document_id;
        let runs = callers_in(&alice, &sandboxes)
            .into_iter()
            .map(|alice| async move { alice.delete_document(id).await });
        let mut statuses: Vec<u16> = run_together(runs).await.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 404, 404, 404]);
        promises::check(&vault).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_succeeds_during_a_classification() {
    let vault = TestVault::new().await;
    let (alice, sandboxes) = (vault.create_user().await, open_sandboxes(&vault, 1).await);
    let worker = Worker::new(&vault);
    for lead in choose_leads(40, &alice).await {
        let id = alice.store_confirmed("a.txt", b"hello").await.document_id;
        let body = vault.put_notification(id).await;
        let elsewhere = callers_in(&alice, &sandboxes).remove(0);
        let (classified, removed) = run_with_lead(worker.clone().deliver(body), lead / 2, async move {
            elsewhere.delete_document(id).await
        })
        .await;
        classified.unwrap();
        removed.expect(204);
        assert_eq!((alice.used_bytes().await, vault.bucket.object_sizes().await.len()), (0, 0));
        promises::check(&vault).await.unwrap();
    }
}

/// The deletion waits for the confirmation's row lock, so its snapshot is older than the charge that it must
/// give back.
#[tokio::test]
async fn a_deletion_that_waits_for_a_confirmation_gives_back_its_charge() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let id = alice.store_pending("a.txt", b"hello").await.document_id;
    let confirmation = vault.database.connect_as("docuvault_app").await;
    let lock = format!("begin; select from documents where id = '{id}' for update");
    confirmation.batch_execute(&lock).await.unwrap();
    let (deleter, waiting) = (vault.in_own_sandbox(&alice), vault.database.superuser().await);
    let removed = tokio::spawn(async move { deleter.delete_document(id).await });
    let is_waiting = "select exists (select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock')";
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(4);
    while !waiting.query_one(is_waiting, &[]).await.unwrap().get::<_, bool>(0) {
        assert!(std::time::Instant::now() < deadline, "the deletion does not wait for the lock");
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
    promises::check(&vault).await.unwrap();
}
