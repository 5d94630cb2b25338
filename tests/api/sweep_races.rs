//! The sweep among others: it waits for nobody, and two share the work.

use std::collections::BTreeSet;
use std::time::Duration;

use cleanup::Report;
use tests::{Client, TestVault, promises};

/// `count` uploads that are abandoned, `count` objects that are buried, `count` documents without a nudge.
async fn work(vault: &TestVault, alice: &Client, count: usize) {
    for _ in 0..count {
        alice.store("abandoned.txt", b"hello").await;
        alice.keep("unnudged.txt", b"hello").await;
        let buried = alice.keep("buried.txt", b"hello").await;
        alice.remove(buried.document_id).await.expect(204);
    }
    vault.age(2).await;
}

#[tokio::test]
async fn what_somebody_holds_is_passed_over_without_waiting() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    work(&vault, &alice, 3).await;
    let holder = vault.database.superuser().await;
    let hold = "begin;
        select from documents where id = (select min(id::text)::uuid from documents where status = 'pending') for update;
        select from documents where id = (select min(id::text)::uuid from documents where status = 'uploaded') for update;
        select from tombstones where object_key = (select min(object_key) from tombstones) for update";
    holder.batch_execute(hold).await.unwrap();
    // Less than the five seconds after which a statement that waits for a lock gives up.
    let report = tokio::time::timeout(Duration::from_secs(4), vault.sweep()).await.expect("the sweep waits");
    assert_eq!(report, Report { abandoned: 2, removed: 4, nudged: 2, ..Report::default() });
    holder.batch_execute("rollback").await.unwrap();
    assert_eq!(vault.sweep().await, Report { abandoned: 1, removed: 2, nudged: 1, ..Report::default() });
    promises::hold(&vault).await.unwrap();
}

#[tokio::test]
async fn two_sweeps_at_once_do_everything_once() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    for _ in 0..3 {
        work(&vault, &alice, 5).await;
        let (a, b, c) = tokio::join!(vault.sweep(), vault.sweep(), vault.sweep());
        let sum = |count: fn(&Report) -> usize| count(&a) + count(&b) + count(&c);
        assert_eq!(sum(|report| report.abandoned), 5);
        assert_eq!(sum(|report| report.postponed + report.unsent), 0);
        let messages = vault.take_messages().await;
        assert_eq!(sum(|report| report.nudged), messages.len());
        let named: BTreeSet<_> = messages.iter().map(|message| message["document_id"].as_str()).collect();
        assert_eq!(named.len(), messages.len(), "nobody is nudged twice");
        promises::hold(&vault).await.unwrap();
    }
    assert_eq!(vault.bucket.objects().await.len(), 15);
}

#[tokio::test]
async fn a_confirmation_and_a_sweep_at_once_keep_the_document_or_lose_it_whole() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    for _ in 0..8 {
        let upload = alice.store("a.txt", b"hello").await;
        vault.age(2).await;
        let (answer, _) = tokio::join!(alice.confirm(upload.document_id), vault.sweep());
        assert!([200, 404, 422].contains(&answer.status), "{}: {}", answer.status, answer.body);
        let known = !vault.row(upload.document_id).await.is_null();
        assert_eq!(known, answer.status == 200);
        promises::hold(&vault).await.unwrap();
    }
}
