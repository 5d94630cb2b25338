//! A sweep that runs at the same time as requests and other sweeps. It waits for no lock, and sweeps share
//! the work.

use std::collections::BTreeSet;
use std::time::Duration;

use cleanup::Report;
use tests::{Client, TestVault, promises};

/// Creates work for a sweep: `count` abandoned uploads, `count` tombstones and `count` documents without a
/// nudge.
async fn create_work(vault: &TestVault, alice: &Client, count: usize) {
    for _ in 0..count {
        alice.store_pending("abandoned.txt", b"hello").await;
        alice.store_confirmed("unnudged.txt", b"hello").await;
        let buried = alice.store_confirmed("buried.txt", b"hello").await;
        alice.delete_document(buried.document_id).await.expect(204);
    }
    vault.age_hours(2).await;
}

#[tokio::test]
async fn a_sweep_skips_locked_rows_without_waiting() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    create_work(&vault, &alice, 3).await;
    let holder = vault.database.superuser().await;
    let hold = "begin;
        select from documents where id = (select min(id::text)::uuid from documents where status = 'pending') for update;
        select from documents where id = (select min(id::text)::uuid from documents where status = 'uploaded') for update;
        select from tombstones where object_key = (select min(object_key) from tombstones) for update";
    holder.batch_execute(hold).await.unwrap();
    // The limit is shorter than the 5 s after which a statement that waits for a lock fails.
    let report = tokio::time::timeout(Duration::from_secs(4), vault.sweep())
        .await
        .expect("the sweep waits for a lock");
    assert_eq!(report, Report { abandoned: 2, removed: 4, nudged: 2, forgotten: 1, ..Report::default() });
    holder.batch_execute("rollback").await.unwrap();
    assert_eq!(vault.sweep().await, Report { abandoned: 1, removed: 2, nudged: 1, ..Report::default() });
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn concurrent_sweeps_do_everything_once() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for _ in 0..3 {
        create_work(&vault, &alice, 5).await;
        let (a, b, c) = tokio::join!(vault.sweep(), vault.sweep(), vault.sweep());
        let sum = |count: fn(&Report) -> usize| count(&a) + count(&b) + count(&c);
        assert_eq!(sum(|report| report.abandoned), 5);
        assert_eq!(sum(|report| report.postponed + report.unsent), 0);
        let messages = vault.take_messages().await;
        assert_eq!(sum(|report| report.nudged), messages.len());
        let named: BTreeSet<_> = messages.iter().map(|message| message["document_id"].as_str()).collect();
        assert_eq!(named.len(), messages.len(), "no document is nudged twice");
        promises::check(&vault).await.unwrap();
    }
    assert_eq!(vault.bucket.object_sizes().await.len(), 15);
}

#[tokio::test]
async fn a_concurrent_confirmation_and_sweep_keep_or_remove_row_and_object_together() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for _ in 0..8 {
        let upload = alice.store_pending("a.txt", b"hello").await;
        vault.age_hours(2).await;
        let (answer, _) = tokio::join!(alice.confirm(upload.document_id), vault.sweep());
        assert!([200, 404, 422].contains(&answer.status), "{}: {}", answer.status, answer.body);
        let known = !vault.row(upload.document_id).await.is_null();
        assert_eq!(known, answer.status == 200);
        promises::check(&vault).await.unwrap();
    }
}
