use std::time::{Duration, SystemTime};

use cleanup::{Report, sweep};
use docuvault::deadline::Deadline;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Value, json};
use tests::proxy::Mode;
use tests::{Parts, TestVault, promises};

#[tokio::test]
async fn with_nothing_due_nothing_is_done() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    alice.keep("a.txt", b"hello").await;
    alice.store("b.txt", b"you").await;
    let (rows, objects) = (vault.rows().await, vault.bucket.objects().await);
    assert_eq!(vault.sweep().await, Report::default());
    assert_eq!(vault.rows().await, rows);
    assert_eq!(vault.bucket.objects().await, objects);
}

#[tokio::test]
async fn uploads_are_abandoned_after_an_hour_and_not_before() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let stored = alice.store("a.txt", b"hello").await;
    alice.begin(json!({"filename": "never-put.txt", "content_type": "text/plain"})).await;
    let kept = alice.keep("kept.txt", b"kept").await;
    vault.classify(&[vault.put_event(kept.document_id).await]).await;
    vault.age_minutes(59).await;
    assert_eq!(vault.sweep().await, Report::default());
    vault.age_minutes(2).await;
    assert_eq!(vault.sweep().await, Report { abandoned: 2, removed: 2, ..Report::default() });
    assert_eq!(vault.row(stored.document_id).await, Value::Null);
    assert_eq!(vault.bucket.objects().await.into_keys().collect::<Vec<_>>(), [kept.key()]);
    assert_eq!(alice.used_bytes().await, 4);
    promises::hold(&vault).await.unwrap();
}

#[tokio::test]
async fn a_tombstone_stands_until_no_url_can_recreate_its_object() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    alice.remove(upload.document_id).await.expect(204);
    assert_eq!(vault.sweep().await, Report { removed: 1, ..Report::default() });
    assert_eq!(upload.put(b"again").await, 200);
    for _ in 0..2 {
        assert_eq!(vault.sweep().await, Report::default(), "not at every sweep");
        vault.age_minutes(7).await;
    }
    vault.age_minutes(1).await;
    assert_eq!(vault.sweep().await, Report { removed: 1, ..Report::default() }, "the URL has expired");
    assert!(vault.bucket.objects().await.is_empty());
    vault.age(23).await;
    assert_eq!(upload.put(b"a PUT that takes a day").await, 200);
    assert_eq!(vault.sweep().await, Report::default());
    vault.age(1).await;
    assert_eq!(vault.sweep().await, Report { removed: 1, settled: 1, ..Report::default() });
    assert_eq!((vault.tombstones().await, vault.bucket.objects().await.len()), (0, 0));
    assert_eq!(vault.sweep().await, Report::default());
}

#[tokio::test]
async fn one_key_that_the_store_refuses_holds_up_no_other() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    // The store takes no key of this length, so it does not remove one either.
    let refused = "x".repeat(2_000);
    vault
        .tamper(&format!(
            "insert into tombstones (object_key, due_at, final_at) values ('{refused}', '-infinity', now())"
        ))
        .await;
    let upload = alice.keep("a.txt", b"hello").await;
    alice.remove(upload.document_id).await.expect(204);
    assert_eq!(upload.put(b"again").await, 200);
    assert_eq!(vault.sweep().await, Report { removed: 1, postponed: 1, ..Report::default() });
    assert!(vault.bucket.objects().await.is_empty());
    assert_eq!(vault.sweep().await, Report::default(), "put off");
    for attempt in 2..4 {
        vault.age(1).await;
        let removed = usize::from(attempt == 2);
        assert_eq!(vault.sweep().await, Report { removed, postponed: 1, ..Report::default() });
        let statement =
            "select attempts, due_at > now() + interval '15 minutes' from tombstones where object_key = $1";
        let row = vault.database.superuser().await.query_one(statement, &[&refused]).await.unwrap();
        assert_eq!((row.get::<_, i32>(0), row.get::<_, bool>(1)), (attempt, true), "ever longer");
    }
}

#[tokio::test]
async fn a_store_that_is_down_puts_everything_off_and_loses_nothing() {
    let vault = TestVault::new().await;
    let (proxy, parts) = vault.store_by_proxy().await;
    let alice = vault.user().await;
    for name in ["a.txt", "b.txt"] {
        alice.store(name, b"hello").await;
    }
    vault.age(2).await;
    proxy.set(Mode::Down);
    assert_eq!(vault.sweep_by(&parts).await, Report { abandoned: 2, postponed: 2, ..Report::default() });
    promises::hold(&vault).await.unwrap();
    proxy.set(Mode::Pass);
    vault.age(1).await;
    assert_eq!(vault.sweep_by(&parts).await, Report { removed: 2, ..Report::default() });
    promises::no_object_without_row(&vault).await.unwrap();
}

#[tokio::test]
async fn a_sweep_stops_before_its_deadline_and_the_next_goes_on() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    alice.store("a.txt", b"hello").await;
    alice.keep("b.txt", b"you").await;
    let buried = alice.keep("c.txt", b"gone").await;
    alice.remove(buried.document_id).await.expect(204);
    vault.age(2).await;
    let before = vault.rows().await;
    let Parts { db, storage, queue } = vault.parts();
    let storage = storage.of("cleanup");
    let passed = Deadline::at(SystemTime::now() - Duration::from_millis(1));
    let report = sweep(&db, &storage, &queue, passed).await.unwrap();
    assert_eq!(report, Report { cut_short: true, ..Report::default() });
    assert_eq!(vault.rows().await, before);
    // Through the function: 10 seconds are kept back of what an invocation has.
    let mut context = Context::default();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
    context.deadline = u64::try_from(now).unwrap() + 9_000;
    let with = cleanup::Capabilities { db, storage, queue };
    let report = cleanup::handle(&with, LambdaEvent::new(json!({}), context)).await.unwrap();
    assert_eq!(report, Report { cut_short: true, ..Report::default() });
    assert_eq!(vault.rows().await, before);
    assert_eq!(vault.sweep().await, Report { abandoned: 1, removed: 2, nudged: 1, ..Report::default() });
}

#[tokio::test]
async fn what_fell_due_after_a_sweep_began_is_left_to_the_next() {
    let vault = TestVault::new().await;
    vault
        .tamper(
            "insert into tombstones (object_key, due_at, final_at) values
            ('before', now() - interval '2 hours', now()), ('after', now() - interval '1 minute', now())",
        )
        .await;
    let db = vault.parts().db;
    let begun = time::OffsetDateTime::now_utc() - Duration::from_secs(3600);
    let due = docuvault::db::cleanup::take_due(&db, begun, 10).await.unwrap();
    assert_eq!(due.into_iter().map(|due| due.object_key).collect::<Vec<_>>(), ["before"]);
}
