//! The sweep has four parts: it buries uploads, removes objects, removes old sessions and sends nudges. A
//! fault in one part does not affect the others.

use std::time::{Duration, SystemTime};

use cleanup::Report;
use docuvault::deadline::Deadline;
use serde_json::{Value, json};
use tests::proxy::Mode;
use tests::{Client, Services, TestVault};
use tokio::net::TcpListener;

use crate::assert_within;

/// Creates work for a sweep: an abandoned upload, a tombstone whose object is stored again, and `waiting`
/// documents without a nudge.
async fn create_work(vault: &TestVault, alice: &Client, waiting: usize) {
    alice.store_pending("abandoned.txt", b"hello").await;
    let buried = alice.store_confirmed("buried.txt", b"hello").await;
    alice.delete_document(buried.document_id).await.expect(204);
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
    vault.age_hours(2).await;
}

async fn sweep(Services { db, storage, queue }: &Services) -> docuvault::Result<Report> {
    cleanup::sweep(db, &storage.stores_of("cleanup"), queue, Deadline::none()).await
}

#[tokio::test]
async fn while_the_queue_is_down_the_other_parts_run_and_one_batch_of_nudges_is_tried() {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_queue().await;
    create_work(&vault, &vault.create_user().await, 450).await;
    proxy.set_mode(Mode::Down);
    let report = assert_within(12, sweep(&services)).await.unwrap();
    assert_eq!(report, Report { abandoned: 1, removed: 2, unsent: 100, forgotten: 1, ..Report::default() });
    assert!(proxy.connections() <= 3, "{} connections", proxy.connections());
    proxy.set_mode(Mode::Pass);
    assert_eq!(sweep(&services).await.unwrap().nudged, 350);
    vault.age_minutes(2).await;
    assert_eq!(
        sweep(&services).await.unwrap(),
        Report { nudged: 100, ..Report::default() },
        "unsent nudges are due soon, not after twenty minutes"
    );
    assert_eq!(vault.take_messages().await.len(), 450);
}

#[tokio::test]
async fn a_sweep_that_a_slow_queue_holds_up_sends_no_nudge_after_its_deadline() {
    let vault = TestVault::new().await;
    let (proxy, Services { db, storage, queue }) = vault.proxy_queue().await;
    create_work(&vault, &vault.create_user().await, 100).await;
    proxy.set_mode(Mode::Slow(Duration::from_millis(500)));
    let deadline = Deadline::at(SystemTime::now() + Duration::from_secs(2));
    let report = cleanup::sweep(&db, &storage.stores_of("cleanup"), &queue, deadline).await.unwrap();
    assert_eq!((report.nudged + report.unsent, report.cut_short), (100, true));
    assert!(report.unsent >= 50, "{report:?}");
    proxy.set_mode(Mode::Pass);
    vault.age_minutes(2).await;
    assert_eq!(vault.sweep().await.nudged, report.unsent, "unsent nudges are due soon");
}

#[tokio::test]
async fn objects_are_removed_before_the_sweep_waits_for_a_slow_queue() {
    let vault = TestVault::new().await;
    create_work(&vault, &vault.create_user().await, 1).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut queue = vault.queue.clone();
    queue.endpoint = Some(format!("http://{}", listener.local_addr().unwrap()));
    let services = vault.services_at(&vault.database.address(), vault.bucket.config(), queue);
    let sweeping = tokio::spawn(async move { sweep(&services).await });
    // Now the sweep waits for the queue, which never answers.
    let asked = listener.accept().await.unwrap();
    assert_eq!(vault.bucket.object_sizes().await.len(), 0);
    drop((asked, listener));
    assert_eq!(sweeping.await.unwrap().unwrap().unsent, 1);
}

#[tokio::test]
async fn while_the_store_is_down_the_other_parts_run() {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_store().await;
    create_work(&vault, &vault.create_user().await, 3).await;
    proxy.set_mode(Mode::Down);
    let report = assert_within(14, sweep(&services)).await.unwrap();
    assert_eq!(report, Report { abandoned: 1, postponed: 2, nudged: 3, forgotten: 1, ..Report::default() });
}

/// For each part, takes away a right that it needs, and checks what the other parts do.
#[tokio::test]
async fn an_error_in_one_part_is_reported_and_the_other_parts_run() {
    for (broken, gone, removed, nudged) in [
        ("revoke delete on documents from docuvault_app", false, 1, 3),
        ("revoke delete on tombstones from docuvault_app", true, 2, 3),
        ("revoke update on tombstones from docuvault_app", true, 0, 3),
        ("revoke update on documents from docuvault_app", false, 1, 0),
    ] {
        let vault = TestVault::new().await;
        let alice = vault.create_user().await;
        create_work(&vault, &alice, 3).await;
        let objects = vault.bucket.object_sizes().await.len();
        vault.tamper(broken).await;
        let error = sweep(&vault.services()).await.unwrap_err().to_string();
        assert!(error.contains("permission denied"), "{broken}: {error}");
        assert_eq!(
            alice.get("/api/documents?status=pending").await.expect(200)["items"] == serde_json::json!([]),
            gone,
            "{broken}"
        );
        assert_eq!(objects - vault.bucket.object_sizes().await.len(), removed, "{broken}");
        assert_eq!(vault.take_messages().await.len(), nudged, "{broken}");
    }
}

#[tokio::test]
async fn while_the_store_is_down_one_batch_is_tried_and_the_rest_is_left_to_the_next_sweep() {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_store().await;
    create_work(&vault, &vault.create_user().await, 3).await;
    let buried = "insert into tombstones (object_key, final_at) select 'gone-' || n, now() from generate_series(1, 2500) n";
    vault.tamper(buried).await;
    proxy.set_mode(Mode::Down);
    let report = assert_within(14, sweep(&services)).await.unwrap();
    assert_eq!(
        report,
        Report { abandoned: 1, postponed: 1000, nudged: 3, forgotten: 1, ..Report::default() }
    );
    proxy.set_mode(Mode::Pass);
    assert_eq!(sweep(&services).await.unwrap().removed, 1502);
    vault.age_minutes(30).await;
    assert!(sweep(&services).await.unwrap().removed >= 1000, "a later sweep removes what was postponed");
    assert!(vault.bucket.object_sizes().await.is_empty());
}

/// Returns the endpoint of a queue that refuses the first message of every batch. Real queues do this only
/// when they fail.
async fn start_queue_that_refuses_first_messages() -> String {
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
async fn nudges_that_the_queue_refuses_are_sent_later_and_do_not_delay_others() {
    let vault = TestVault::new().await;
    create_work(&vault, &vault.create_user().await, 250).await;
    let choosy = docuvault::config::QueueConfig {
        endpoint: Some(start_queue_that_refuses_first_messages().await),
        ..vault.queue.clone()
    };
    let services = vault.services_at(&vault.database.address(), vault.bucket.config(), choosy);
    let report = sweep(&services).await.unwrap();
    assert_eq!(
        report,
        Report { abandoned: 1, removed: 2, nudged: 225, unsent: 25, forgotten: 1, ..Report::default() }
    );
    vault.age_minutes(2).await;
    assert_eq!(sweep(&vault.services()).await.unwrap(), Report { nudged: 25, ..Report::default() });
    assert_eq!(vault.take_messages().await.len(), 25);
}
