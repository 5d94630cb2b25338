use std::time::{Duration, SystemTime};

use cleanup::{Event, Report, sweep};
use docuvault::deadline::Deadline;
use docuvault::limits::SWEEP_RESERVE;
use docuvault::storage::Backend;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Value, json};
use tests::proxy::Mode;
use tests::{Services, TestVault, promises};

#[tokio::test]
async fn a_sweep_with_nothing_due_changes_nothing() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    alice.store_confirmed("a.txt", b"hello").await;
    alice.store_pending("b.txt", b"you").await;
    let (rows, objects) = (vault.rows().await, vault.bucket.object_sizes().await);
    assert_eq!(vault.sweep().await, Report::default());
    assert_eq!(vault.rows().await, rows);
    assert_eq!(vault.bucket.object_sizes().await, objects);
}

#[tokio::test]
async fn an_upload_is_abandoned_after_an_hour_and_not_before() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let stored = alice.store_pending("a.txt", b"hello").await;
    alice.begin_upload(json!({"filename": "never-put.txt", "content_type": "text/plain"})).await;
    let kept = alice.store_confirmed("kept.txt", b"kept").await;
    vault.classify(&[vault.put_notification(kept.document_id).await]).await;
    vault.age_minutes(59).await;
    assert_eq!(vault.sweep().await, Report::default());
    vault.age_minutes(2).await;
    assert_eq!(vault.sweep().await, Report { abandoned: 2, removed: 2, forgotten: 1, ..Report::default() });
    assert_eq!(vault.row(stored.document_id).await, Value::Null);
    assert_eq!(vault.bucket.object_sizes().await.into_keys().collect::<Vec<_>>(), [kept.key()]);
    assert_eq!(alice.used_bytes().await, 4);
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn a_tombstone_stays_until_no_url_can_store_its_object_again() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    alice.delete_document(upload.document_id).await.expect(204);
    assert_eq!(vault.sweep().await, Report { removed: 1, ..Report::default() });
    assert_eq!(upload.put(b"again").await, 200);
    for _ in 0..2 {
        assert_eq!(vault.sweep().await, Report::default(), "the object is not removed at every sweep");
        vault.age_minutes(7).await;
    }
    vault.age_minutes(1).await;
    assert_eq!(
        vault.sweep().await,
        Report { removed: 1, ..Report::default() },
        "it is removed again when the URL has expired"
    );
    assert!(vault.bucket.object_sizes().await.is_empty());
    vault.age_hours(23).await;
    assert_eq!(upload.put(b"a PUT that takes a day").await, 200);
    assert_eq!(vault.sweep().await, Report { forgotten: 1, ..Report::default() });
    vault.age_hours(1).await;
    assert_eq!(vault.sweep().await, Report { removed: 1, settled: 1, ..Report::default() });
    assert_eq!((vault.count_tombstones().await, vault.bucket.object_sizes().await.len()), (0, 0));
    assert_eq!(vault.sweep().await, Report::default());
}

#[tokio::test]
async fn a_key_that_the_store_refuses_delays_no_other_key() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    // The key is longer than the store allows, so that the store refuses to remove it.
    let refused = "x".repeat(2_000);
    vault
        .tamper(&format!(
            "insert into tombstones (object_key, due_at, final_at) values ('{refused}', '-infinity', now())"
        ))
        .await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    alice.delete_document(upload.document_id).await.expect(204);
    assert_eq!(upload.put(b"again").await, 200);
    assert_eq!(vault.sweep().await, Report { removed: 1, postponed: 1, ..Report::default() });
    assert!(vault.bucket.object_sizes().await.is_empty());
    assert_eq!(vault.sweep().await, Report::default(), "the key is postponed");
    for attempt in 2..4 {
        vault.age_hours(1).await;
        // The window of the user's upload URLs ends once, too.
        let (removed, forgotten) = (usize::from(attempt == 2), usize::from(attempt == 2));
        assert_eq!(vault.sweep().await, Report { removed, postponed: 1, forgotten, ..Report::default() });
        let statement =
            "select attempts, due_at > now() + interval '15 minutes' from tombstones where object_key = $1";
        let row = vault.database.superuser().await.query_one(statement, &[&refused]).await.unwrap();
        assert_eq!((row.get::<_, i32>(0), row.get::<_, bool>(1)), (attempt, true), "each delay is longer");
    }
}

#[tokio::test]
async fn while_the_store_is_down_removals_are_postponed_and_none_is_lost() {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_store().await;
    let alice = vault.create_user().await;
    for name in ["a.txt", "b.txt"] {
        alice.store_pending(name, b"hello").await;
    }
    vault.age_hours(2).await;
    proxy.set_mode(Mode::Down);
    let expected = Report { abandoned: 2, postponed: 2, forgotten: 1, ..Report::default() };
    assert_eq!(vault.sweep_with(&services).await, expected);
    promises::check(&vault).await.unwrap();
    proxy.set_mode(Mode::Pass);
    vault.age_hours(1).await;
    assert_eq!(vault.sweep_with(&services).await, Report { removed: 2, ..Report::default() });
    promises::check_every_object_has_a_row(&vault).await.unwrap();
}

#[tokio::test]
async fn a_sweep_stops_at_its_deadline_and_the_next_one_continues() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    alice.store_pending("a.txt", b"hello").await;
    alice.store_confirmed("b.txt", b"you").await;
    let buried = alice.store_confirmed("c.txt", b"gone").await;
    alice.delete_document(buried.document_id).await.expect(204);
    vault.age_hours(2).await;
    let Services { db, storage, queue } = vault.services();
    // The first part waits for its rows until the deadline is over.
    let holder = vault.database.connect_as("docuvault_migrate").await;
    holder.batch_execute("begin; lock table documents").await.unwrap();
    let time = Duration::from_secs(2);
    let stores = storage.stores_of("cleanup");
    let sweeping = sweep(&db, &stores, &queue, Deadline::at(SystemTime::now() + time));
    let release = async {
        tokio::time::sleep(time).await;
        holder.batch_execute("commit").await.unwrap();
    };
    let (report, ()) = tokio::join!(sweeping, release);
    assert_eq!(report.unwrap(), Report { abandoned: 1, cut_short: true, ..Report::default() });
    assert_eq!(vault.sweep().await, Report { removed: 2, nudged: 1, forgotten: 1, ..Report::default() });
}

#[tokio::test]
async fn a_sweep_without_time_is_an_error_that_says_what_to_do() {
    let vault = TestVault::new().await;
    vault.create_user().await.store_pending("a.txt", b"hello").await;
    vault.age_hours(2).await;
    let before = vault.rows().await;
    let Services { db, storage, queue } = vault.services();
    let with = cleanup::Capabilities { db, stores: storage.stores_of("cleanup"), queue };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let mut context = Context::default();
    context.deadline = u64::try_from((now + SWEEP_RESERVE).as_millis()).unwrap();
    let error = cleanup::handle(&with, LambdaEvent::new(Event::Sweep, context)).await.unwrap_err();
    assert!(error.to_string().contains("give cleanup a timeout of more than 45 s"), "{error}");
    assert_eq!(vault.rows().await, before);
}

#[tokio::test]
async fn a_tombstone_that_becomes_due_during_a_sweep_is_left_to_the_next_sweep() {
    let vault = TestVault::new().await;
    vault
        .tamper(
            "insert into tombstones (object_key, due_at, final_at) values
            ('before', now() - interval '2 hours', now()), ('after', now() - interval '1 minute', now())",
        )
        .await;
    let db = vault.services().db;
    let begun = time::OffsetDateTime::now_utc() - Duration::from_secs(3600);
    let due = docuvault::db::cleanup::take_due_removals(&db, Backend::S3, begun, 10).await.unwrap();
    assert_eq!(due.into_iter().map(|due| due.object_key).collect::<Vec<_>>(), ["before"]);
}

#[tokio::test]
async fn a_sweep_removes_old_sessions_with_their_tokens_and_browsers_that_are_not_used() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let old = vault.sign_in(&alice).await;
    for user in [alice.user(), old.user()] {
        vault.refresh_token(user).await;
    }
    vault
        .tamper(&format!(
            "insert into devices (token_hash, user_id, last_used_at)
             select sha256(n::text::bytea), '{0}', now() - interval '399 days' - interval '2 days' * (n % 2)
             from generate_series(1, 4) n;
             update sessions set ended_at = now();
             update sessions set expires_at = now(), ends_at = now() where id = '{1}'",
            alice.id(),
            old.user().session
        ))
        .await;
    assert_eq!(vault.sweep().await, Report { expired: 3, ..Report::default() });
    let rows = vault.rows().await;
    assert_eq!(rows["sessions"][0]["id"], json!(alice.user().session), "an ended session stays for 90 days");
    assert_eq!(rows["refresh_tokens"][0]["session_id"], json!(alice.user().session));
    let count = |table: &str| rows[table].as_array().unwrap().len();
    assert_eq!((count("sessions"), count("refresh_tokens"), count("devices")), (1, 1, 2));
    assert_eq!(vault.sweep().await, Report::default());
}

/// More old sessions than one statement removes.
#[tokio::test]
async fn a_sweep_removes_old_sessions_in_batches() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    vault
        .tamper(&format!(
            "insert into sessions (id, user_id, expires_at, ends_at)
             select gen_random_uuid(), '{}', now(), now() from generate_series(1, 250)",
            alice.id()
        ))
        .await;
    assert_eq!(vault.sweep().await, Report { expired: 250, ..Report::default() });
    alice.get("/api/auth/me").await.expect(200);
}
