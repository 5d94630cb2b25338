use std::time::{Duration, SystemTime};

use docuvault::cleanup::{Report, sweep};
use docuvault::deadline::Deadline;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Value, json};
use tests::proxy::{Mode, Proxy};
use tests::{Parts, TestVault, promises};

/// One run of the sweep by other parts.
async fn sweep_by(parts: &Parts) -> Report {
    sweep(&parts.db, &parts.storage, &parts.queue, Deadline::none()).await.unwrap()
}

async fn minutes_pass(vault: &TestVault, minutes: u32) {
    let i = format!("interval '{minutes} minutes'");
    let statements = format!(
        "update documents set created_at = created_at - {i}, url_expires_at = url_expires_at - {i},
            nudge_due_at = nudge_due_at - {i}, lease_expires_at = lease_expires_at - {i};
         update tombstones set created_at = created_at - {i}, due_at = due_at - {i}, final_at = final_at - {i}"
    );
    vault.tamper(&statements).await;
}

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
    minutes_pass(&vault, 59).await;
    assert_eq!(vault.sweep().await, Report::default());
    minutes_pass(&vault, 2).await;
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
    assert_eq!(vault.sweep().await, Report::default(), "not at every sweep of a minute");
    for _ in 0..3 {
        minutes_pass(&vault, 5).await;
        assert_eq!(upload.put(b"again").await, 200);
        assert_eq!(vault.sweep().await, Report { removed: 1, ..Report::default() });
        assert!(vault.bucket.objects().await.is_empty());
    }
    vault.age(23).await;
    assert_eq!(vault.sweep().await, Report { removed: 1, ..Report::default() });
    vault.age(1).await;
    assert_eq!(vault.sweep().await, Report { removed: 1, settled: 1, ..Report::default() });
    assert_eq!(vault.tombstones().await, 0);
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
        assert_eq!(vault.sweep().await, Report { removed: 1, postponed: 1, ..Report::default() });
        let statement =
            "select attempts, due_at > now() + interval '15 minutes' from tombstones where object_key = $1";
        let row = vault.database.superuser().await.query_one(statement, &[&refused]).await.unwrap();
        assert_eq!((row.get::<_, i32>(0), row.get::<_, bool>(1)), (attempt, true), "ever longer");
    }
}

#[tokio::test]
async fn a_store_that_is_down_puts_everything_off_and_loses_nothing() {
    let vault = TestVault::new().await;
    let proxy = Proxy::before(vault.bucket.config().endpoint.as_deref().unwrap()).await;
    let storage = vault.bucket.config_by(&proxy.endpoint());
    let parts = vault.parts_by(&vault.database.address(), storage, vault.queue.clone());
    let alice = vault.user().await;
    for name in ["a.txt", "b.txt"] {
        alice.store(name, b"hello").await;
    }
    vault.age(2).await;
    proxy.set(Mode::Down);
    assert_eq!(sweep_by(&parts).await, Report { abandoned: 2, postponed: 2, ..Report::default() });
    promises::hold(&vault).await.unwrap();
    proxy.set(Mode::Pass);
    vault.age(1).await;
    assert_eq!(sweep_by(&parts).await, Report { removed: 2, ..Report::default() });
    promises::no_object_without_row(&vault).await.unwrap();
}

#[tokio::test]
async fn documents_that_nobody_nudged_are_nudged_and_again_if_that_was_lost() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    minutes_pass(&vault, 9).await;
    assert_eq!(vault.sweep().await, Report::default(), "the event may be on its way");
    minutes_pass(&vault, 2).await;
    for _ in 0..2 {
        assert_eq!(vault.sweep().await, Report { nudged: 1, ..Report::default() });
        assert_eq!(vault.sweep().await, Report::default(), "once");
        assert_eq!(vault.take_messages().await, [json!({"document_id": upload.document_id})]);
        minutes_pass(&vault, 21).await;
    }
    vault.sweep().await;
    let message = vault.take_messages().await.remove(0);
    assert_eq!(vault.classify(&[message.to_string()]).await, [] as [usize; 0]);
    vault.age(2).await;
    assert_eq!(vault.sweep().await, Report::default(), "what is classified is left alone");
}

#[tokio::test]
async fn a_document_under_a_lease_is_not_nudged() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    alice.keep("a.txt", b"hello").await;
    minutes_pass(&vault, 11).await;
    vault.tamper("update documents set lease_expires_at = now() + interval '1 minute'").await;
    assert_eq!(vault.sweep().await, Report::default());
    minutes_pass(&vault, 2).await;
    assert_eq!(vault.sweep().await, Report { nudged: 1, ..Report::default() });
}

#[tokio::test]
async fn nudges_that_the_queue_did_not_take_are_sent_next_time() {
    let vault = TestVault::new().await;
    let proxy = Proxy::before(vault.queue.endpoint.as_deref().unwrap()).await;
    let mut queue = vault.queue.clone();
    queue.endpoint = Some(proxy.endpoint());
    let parts = vault.parts_by(&vault.database.address(), vault.bucket.config(), queue);
    let alice = vault.user().await;
    for name in ["a.txt", "b.txt", "c.txt"] {
        alice.keep(name, b"hello").await;
    }
    minutes_pass(&vault, 11).await;
    proxy.set(Mode::Down);
    assert_eq!(sweep_by(&parts).await, Report { unsent: 3, ..Report::default() });
    assert_eq!(vault.take_messages().await, [] as [Value; 0]);
    proxy.set(Mode::Pass);
    minutes_pass(&vault, 21).await;
    assert_eq!(sweep_by(&parts).await, Report { nudged: 3, ..Report::default() });
    assert_eq!(vault.take_messages().await.len(), 3);
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
