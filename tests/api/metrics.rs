//! Metrics in the functions' logs: uploads, sweeps and classifications are counted once, and only if they
//! happened.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::functions::{recorded_event, recorded_request};
use tests::metrics::{NAMESPACE, metrics, sum_metrics};
use tests::proxy::Mode;
use tests::sandbox::{Sandbox, Variables};
use tests::{Client, TestVault, Upload};

fn variables(vault: &TestVault) -> Variables {
    let mut variables = vault.variables();
    variables.insert("METRICS_NAMESPACE", NAMESPACE.into());
    variables
}

/// Sends a confirmation to the built program. Returns the answer's status and code, and the log.
async fn confirm(vault: &TestVault, alice: &Client, upload: &Upload) -> (u64, Value, String) {
    let mut sandbox = Sandbox::start("confirm", &variables(vault)).await;
    let event = recorded_request("confirm", &vault.issue_token(alice.user()), upload.document_id);
    let (status, body) = sandbox.invoke_http(&event).await;
    (status, body["code"].clone(), sandbox.wait_for_log("duration_us").await)
}

#[tokio::test]
async fn a_confirmed_upload_is_counted_when_it_is_charged_and_not_again() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_pending("a.txt", b"hello").await;
    let (status, _, log) = confirm(&vault, &alice, &upload).await;
    assert_eq!(status, 200);
    assert_eq!(sum_metrics(&log), metrics([("confirmed_uploads", 1), ("confirmed_bytes", 5)]));
    let line: Value = serde_json::from_str(log.lines().find(|line| line.contains("_aws")).unwrap()).unwrap();
    assert_eq!(line["document"], json!(upload.document_id));
    assert_eq!(line["function"], "confirm");
    let (status, _, log) = confirm(&vault, &alice, &upload).await;
    assert_eq!((status, sum_metrics(&log)), (200, metrics([])));
}

#[tokio::test]
async fn concurrent_confirmations_of_an_upload_are_counted_once() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_pending("a.txt", b"hello").await;
    let confirmations: Vec<_> = (0..4).map(|_| confirm(&vault, &alice, &upload)).collect();
    let outcomes = futures_util::future::join_all(confirmations).await;
    assert!(outcomes.iter().all(|(status, ..)| *status == 200));
    let log: String = outcomes.into_iter().map(|(.., log)| log).collect();
    assert_eq!(sum_metrics(&log), metrics([("confirmed_uploads", 1), ("confirmed_bytes", 5)]));
}

#[tokio::test]
async fn a_refused_upload_is_counted_under_the_code_of_the_answer() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let large = alice.store_pending("a.txt", b"hello").await;
    let altered = alice.store_pending("b.txt", b"hi").await;
    vault.set_limit(alice.id(), 4).await;
    let declared = format!("update documents set size_bytes = 1 where id = '{}'", altered.document_id);
    vault.tamper(&declared).await;
    for (upload, refused, code, bytes) in
        [(&large, 413, "quota_exceeded", 5), (&altered, 422, "upload_mismatch", 2)]
    {
        let (status, answered, log) = confirm(&vault, &alice, upload).await;
        assert_eq!((status, &answered), (refused, &json!(code)));
        let expected = metrics([
            ("refused_uploads", 1),
            (&format!("refused_uploads of {code}"), 1),
            ("refused_bytes", bytes),
            (&format!("refused_bytes of {code}"), bytes),
        ]);
        assert_eq!(sum_metrics(&log), expected);
        let (status, _, log) = confirm(&vault, &alice, upload).await;
        assert_eq!((status, sum_metrics(&log)), (404, metrics([])), "{code}");
    }
}

#[tokio::test]
async fn what_stores_nothing_is_not_counted_as_refused() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let absent = alice.begin_upload(json!({"filename": "a.txt", "content_type": "text/plain"})).await;
    let (status, code, log) = confirm(&vault, &alice, &absent).await;
    assert_eq!((status, code), (422, json!("upload_not_found")));
    assert_eq!(sum_metrics(&log), metrics([]));
    vault.set_limit(alice.id(), 4).await;
    let mut sandbox = Sandbox::start("upload-url", &variables(&vault)).await;
    let event = recorded_request("upload-url", &vault.issue_token(alice.user()), absent.document_id);
    assert_eq!(sandbox.invoke_http(&event).await.1["code"], "quota_exceeded");
    assert_eq!(sum_metrics(&sandbox.wait_for_log("request refused").await), metrics([]));
}

#[tokio::test]
async fn without_a_namespace_a_line_has_the_numbers_and_no_metrics() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_pending("a.txt", b"hello").await;
    let mut sandbox = Sandbox::start("confirm", &vault.variables()).await;
    let event = recorded_request("confirm", &vault.issue_token(alice.user()), upload.document_id);
    assert_eq!(sandbox.invoke_http(&event).await.0, 200);
    let log = sandbox.wait_for_log("an upload was confirmed").await;
    assert!(log.contains("\"confirmed_bytes\":5") && !log.contains("_aws"), "{log}");
}

/// Returns the metrics of the sweeps in a log, without those of the audit.
fn sweep_metrics(log: &str) -> BTreeMap<String, u64> {
    let lines: Vec<_> = log.lines().filter(|line| line.contains("the sweep has ended")).collect();
    sum_metrics(&lines.join("\n"))
}

#[tokio::test]
async fn a_sweep_counts_what_it_did_and_how_late_it_was() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    alice.store_pending("abandoned.txt", b"hello").await;
    let deleted = alice.store_confirmed("deleted.txt", b"hello").await;
    alice.delete_document(deleted.document_id).await.expect(204);
    alice.store_confirmed("forgotten.txt", b"hello").await;
    vault.age_hours(25).await;
    let mut sandbox = Sandbox::start("cleanup", &variables(&vault)).await;
    sandbox.invoke(&recorded_event("cleanup")).await.unwrap();
    let mut sums = sweep_metrics(&sandbox.wait_for_log("the sweep has ended").await);
    let overdue_s = sums.remove("oldest_tombstone_s").unwrap();
    assert!((25 * 3600..25 * 3600 + 60).contains(&overdue_s), "{overdue_s}");
    let mut expected = metrics([
        ("sweeps", 1),
        ("failed_parts", 0),
        ("abandoned_uploads", 1),
        ("removed_accounts", 0),
        ("removed_objects", 2),
        ("postponed_objects", 0),
        ("dropped_tombstones", 2),
        ("sent_nudges", 1),
        ("unsent_nudges", 0),
        ("deleted_counters", 1),
    ]);
    assert_eq!(sums, expected);
    sandbox.invoke(&recorded_event("cleanup")).await.unwrap();
    let log = sandbox.wait_for_lines(2, "the sweep has ended").await;
    expected.extend(metrics([("sweeps", 2), ("oldest_tombstone_s", overdue_s)]));
    assert_eq!(sweep_metrics(&log), expected, "the second sweep has nothing to do");
}

#[tokio::test]
async fn a_sweep_whose_parts_fail_is_a_sweep_with_failed_parts() {
    let vault = TestVault::new().await;
    vault.tamper("revoke update on tombstones, documents from docuvault_app").await;
    vault.tamper("revoke delete on sessions, allowances from docuvault_app").await;
    vault
        .tamper("insert into tombstones (object_key, due_at, final_at) values ('a', '-infinity', now())")
        .await;
    let mut sandbox = Sandbox::start("cleanup", &variables(&vault)).await;
    sandbox.invoke(&recorded_event("cleanup")).await.unwrap_err();
    let sums = sweep_metrics(&sandbox.wait_for_log("the sweep has ended").await);
    assert_eq!((sums["sweeps"], sums["failed_parts"]), (1, 5));
    assert_eq!(sums["oldest_tombstone_s"], 1_000_000_000);
}

/// Sends one put-notification of a document to the built program.
async fn classify(vault: &TestVault, sandbox: &mut Sandbox, upload: &Upload) {
    let body = vault.put_notification(upload.document_id).await;
    let mut event: Value = serde_json::from_str(&recorded_event("classify")).unwrap();
    event["Records"].as_array_mut().unwrap().truncate(1);
    event["Records"][0]["body"] = body.into();
    sandbox.invoke(&event.to_string()).await.unwrap();
}

#[tokio::test]
async fn a_classified_document_is_counted_once() {
    let vault = TestVault::new().await;
    let upload = vault.create_user().await.store_confirmed("a.txt", b"hello").await;
    let mut sandbox = Sandbox::start("classify", &variables(&vault)).await;
    for _ in 0..2 {
        classify(&vault, &mut sandbox, &upload).await;
    }
    sandbox.invoke(&recorded_event("classify-test-event")).await.unwrap();
    let log = sandbox.wait_for_log("a message was ignored").await;
    assert_eq!(sum_metrics(&log), metrics([("classified_documents", 1)]));
}

#[tokio::test]
async fn a_document_that_fails_is_counted_under_its_code_after_its_postponements() {
    let vault = TestVault::new().await;
    let upload = vault.create_user().await.store_confirmed("a.txt", b"hello").await;
    let (proxy, _) = vault.proxy_store().await;
    let mut variables = variables(&vault);
    variables.insert("S3_ENDPOINT", proxy.endpoint());
    variables.insert("CLASSIFY_MAX_ATTEMPTS", "2".into());
    proxy.set_mode(Mode::Down);
    let mut sandbox = Sandbox::start("classify", &variables).await;
    classify(&vault, &mut sandbox, &upload).await;
    let log = sandbox.wait_for_log("stays in the queue").await;
    assert_eq!(sum_metrics(&log), metrics([("postponed_documents", 1)]));
    vault.age_minutes(20).await;
    classify(&vault, &mut sandbox, &upload).await;
    let log = sandbox.wait_for_log("a document was not classified").await;
    let expected = metrics([
        ("postponed_documents", 1),
        ("failed_documents", 1),
        ("failed_documents of store_unavailable", 1),
    ]);
    assert_eq!(sum_metrics(&log), expected);
}

#[tokio::test]
async fn a_document_without_attempts_left_is_counted_as_failed() {
    let vault = TestVault::new().await;
    let upload = vault.create_user().await.store_confirmed("a.txt", b"hello").await;
    vault.tamper("update documents set attempts = 5").await;
    let mut sandbox = Sandbox::start("classify", &variables(&vault)).await;
    for _ in 0..2 {
        classify(&vault, &mut sandbox, &upload).await;
    }
    sandbox.invoke(&recorded_event("classify-test-event")).await.unwrap();
    let log = sandbox.wait_for_log("a message was ignored").await;
    let expected = metrics([("failed_documents", 1), ("failed_documents of attempts_exhausted", 1)]);
    assert_eq!(sum_metrics(&log), expected);
}
