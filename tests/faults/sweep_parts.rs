//! The sweep has three parts: none of them is kept from its work by what another one meets.

use cleanup::Report;
use docuvault::deadline::Deadline;
use serde_json::{Value, json};
use tests::proxy::Mode;
use tests::{Client, Parts, TestVault};
use tokio::net::TcpListener;

use crate::within;

/// An abandoned upload, a buried object that is still there, and `waiting` documents that nobody has nudged.
async fn work(vault: &TestVault, alice: &Client, waiting: usize) {
    alice.store("abandoned.txt", b"hello").await;
    let buried = alice.keep("buried.txt", b"hello").await;
    alice.remove(buried.document_id).await.expect(204);
    assert_eq!(buried.put(b"again").await, 200);
    vault
        .tamper(&format!(
            "insert into documents (id, user_id, filename, content_type, size_bytes, object_key, status, url_expires_at,
                confirmed_at, nudge_due_at)
             select gen_random_uuid(), '{}', 'a', 'text/plain', 0, 'key-' || n, 'uploaded', now(), now(), now()
             from generate_series(1, {waiting}) n",
            alice.id()
        ))
        .await;
    vault.age(2).await;
}

async fn sweep(Parts { db, storage, queue }: &Parts) -> docuvault::Result<Report> {
    cleanup::sweep(db, &storage.of("cleanup"), queue, Deadline::none()).await
}

#[tokio::test]
async fn with_the_queue_down_the_rest_is_done_and_the_queue_is_asked_once() {
    let vault = TestVault::new().await;
    let (proxy, parts) = vault.queue_by_proxy().await;
    work(&vault, &vault.user().await, 450).await;
    proxy.set(Mode::Down);
    let report = within(12, sweep(&parts)).await.unwrap();
    assert_eq!(report, Report { abandoned: 1, removed: 2, unsent: 100, ..Report::default() });
    assert!(proxy.connections() <= 3, "{} attempts", proxy.connections());
    proxy.set(Mode::Pass);
    assert_eq!(sweep(&parts).await.unwrap().nudged, 350);
    vault.age_minutes(2).await;
    assert_eq!(
        sweep(&parts).await.unwrap(),
        Report { nudged: 100, ..Report::default() },
        "soon, not in twenty minutes"
    );
    assert_eq!(vault.take_messages().await.len(), 450);
}

#[tokio::test]
async fn objects_are_removed_before_a_slow_queue_is_waited_for() {
    let vault = TestVault::new().await;
    work(&vault, &vault.user().await, 1).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut queue = vault.queue.clone();
    queue.endpoint = Some(format!("http://{}", listener.local_addr().unwrap()));
    let parts = vault.parts_by(&vault.database.address(), vault.bucket.config(), queue);
    let sweeping = tokio::spawn(async move { sweep(&parts).await });
    // From here on the sweep waits for the queue, which never answers.
    let asked = listener.accept().await.unwrap();
    assert_eq!(vault.bucket.objects().await.len(), 0);
    drop((asked, listener));
    assert_eq!(sweeping.await.unwrap().unwrap().unsent, 1);
}

#[tokio::test]
async fn with_the_store_down_the_rest_is_done() {
    let vault = TestVault::new().await;
    let (proxy, parts) = vault.store_by_proxy().await;
    work(&vault, &vault.user().await, 3).await;
    proxy.set(Mode::Down);
    let report = within(14, sweep(&parts)).await.unwrap();
    assert_eq!(report, Report { abandoned: 1, postponed: 2, nudged: 3, ..Report::default() });
}

/// What each part needs, taken away; the parts that are done nevertheless.
#[tokio::test]
async fn an_error_of_one_part_is_told_and_skips_no_other() {
    for (broken, gone, removed, nudged) in [
        ("revoke delete on documents from docuvault_app", false, 1, 3),
        ("revoke delete on tombstones from docuvault_app", true, 2, 3),
        ("revoke update on tombstones from docuvault_app", true, 0, 3),
        ("revoke update on documents from docuvault_app", false, 1, 0),
    ] {
        let vault = TestVault::new().await;
        let alice = vault.user().await;
        work(&vault, &alice, 3).await;
        let objects = vault.bucket.objects().await.len();
        vault.tamper(broken).await;
        let error = sweep(&vault.parts()).await.unwrap_err().to_string();
        assert!(error.contains("permission denied"), "{broken}: {error}");
        assert_eq!(
            alice.get("/api/documents?status=pending").await.expect(200)["items"] == serde_json::json!([]),
            gone,
            "{broken}"
        );
        assert_eq!(objects - vault.bucket.objects().await.len(), removed, "{broken}");
        assert_eq!(vault.take_messages().await.len(), nudged, "{broken}");
    }
}

#[tokio::test]
async fn a_store_that_is_down_is_asked_once_and_has_the_rest_at_the_next_sweep() {
    let vault = TestVault::new().await;
    let (proxy, parts) = vault.store_by_proxy().await;
    work(&vault, &vault.user().await, 3).await;
    let buried = "insert into tombstones (object_key, final_at) select 'gone-' || n, now() from generate_series(1, 2500) n";
    vault.tamper(buried).await;
    proxy.set(Mode::Down);
    let report = within(14, sweep(&parts)).await.unwrap();
    assert_eq!(report, Report { abandoned: 1, postponed: 1000, nudged: 3, ..Report::default() });
    proxy.set(Mode::Pass);
    assert_eq!(sweep(&parts).await.unwrap().removed, 1502);
    vault.age_minutes(30).await;
    assert!(sweep(&parts).await.unwrap().removed >= 1000, "and what was put off at a later one");
    assert!(vault.bucket.objects().await.is_empty());
}

/// The endpoint of a queue that refuses the first message of every request, which the real ones do only when they fail themselves.
async fn choosy_queue() -> String {
    let answer = async |request: String| {
        let request: Value = serde_json::from_str(&request).unwrap();
        let mut ids = request["Entries"].as_array().unwrap().iter().map(|entry| &entry["Id"]);
        let refused = json!({"Id": ids.next(), "Code": "InternalError", "SenderFault": false});
        let taken: Vec<_> =
            ids.map(|id| json!({"Id": id, "MessageId": id, "MD5OfMessageBody": ""})).collect();
        json!({"Failed": [refused], "Successful": taken}).to_string()
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let routes = axum::Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    endpoint
}

#[tokio::test]
async fn nudges_that_the_queue_refuses_come_back_and_hold_up_no_others() {
    let vault = TestVault::new().await;
    work(&vault, &vault.user().await, 250).await;
    let choosy = docuvault::config::Queue { endpoint: Some(choosy_queue().await), ..vault.queue.clone() };
    let parts = vault.parts_by(&vault.database.address(), vault.bucket.config(), choosy);
    let report = sweep(&parts).await.unwrap();
    assert_eq!(report, Report { abandoned: 1, removed: 2, nudged: 225, unsent: 25, ..Report::default() });
    vault.age_minutes(2).await;
    assert_eq!(sweep(&vault.parts()).await.unwrap(), Report { nudged: 25, ..Report::default() });
    assert_eq!(vault.take_messages().await.len(), 25);
}
