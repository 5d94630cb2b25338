//! After a failed attempt a document pauses. The row says how long, and the message comes back when the pause
//! ends.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lambda_events::sqs::SqsEvent;
use docuvault::id::DocumentId;
use lambda_runtime::Context;
use serde_json::{Value, json};
use tests::proxy::Mode;
use tests::{DEAD_LETTER_QUEUE_ARN, TestVault, sqs_event};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const NONE: [usize; 0] = [];

/// Returns the seconds until the document may be claimed again, and until the sweep sends a nudge for it.
async fn read_pauses(vault: &TestVault, id: DocumentId) -> (f64, f64) {
    let statement = "select round(extract(epoch from lease_expires_at - now()))::float8,
        round(extract(epoch from nudge_due_at - now()))::float8 from documents where id = $1";
    let row = vault.database.superuser().await.query_one(statement, &[&id]).await.unwrap();
    (row.get(0), row.get(1))
}

#[tokio::test]
async fn each_failed_attempt_is_followed_by_a_longer_pause_without_attempts() {
    let mut vault = TestVault::new().await;
    vault.classification.max_attempts = 8;
    let (proxy, services) = vault.proxy_store().await;
    let alice = vault.create_user().await;
    let id = alice.store_confirmed("a.txt", b"hello").await.document_id;
    let event = [vault.put_notification(id).await];
    proxy.set_mode(Mode::Down);
    for (attempt, seconds) in (1..).zip([30.0, 60.0, 120.0, 240.0, 480.0, 900.0, 900.0]) {
        assert_eq!(vault.classify_with(services.clone(), Context::default(), &event).await, [0]);
        let (free, nudge) = read_pauses(&vault, id).await;
        assert!((free - seconds).abs() < 5.0, "attempt {attempt}: {free}");
        assert!(nudge > free + 590.0, "the sweep must not nudge during the pause: {nudge}");
        let before = vault.rows().await;
        assert_eq!(
            vault.classify_with(services.clone(), Context::default(), &event).await,
            NONE,
            "a duplicate message is acknowledged"
        );
        assert_eq!(vault.rows().await, before);
        vault.age_minutes(20).await;
    }
    proxy.set_mode(Mode::Pass);
    assert_eq!(vault.classify_with(services, Context::default(), &event).await, NONE);
    assert_eq!(vault.columns(id, &["status", "attempts"]).await, [json!("classified"), json!(8)]);
}

#[tokio::test]
async fn a_message_stays_hidden_until_the_pause_ends() {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_store().await;
    let alice = vault.create_user().await;
    let id = alice.store_confirmed("a.txt", b"hello").await.document_id;
    vault.set_visibility_timeout(0).await;
    let body = vault.put_notification(id).await;
    vault.send_message(&body).await;
    let mut event = sqs_event(&[body]);
    event.records[0].receipt_handle = vault.receive_message().await;
    assert!(vault.receive_message().await.is_some(), "without a pause the message is visible at once");
    event.records[0].receipt_handle = vault.receive_message().await;
    proxy.set_mode(Mode::Down);
    assert_eq!(vault.classify_event(services, Context::default(), event).await, [0]);
    assert_eq!(vault.receive_message().await, None);
}

/// Returns the endpoint of a queue that accepts one request, and the request's body.
async fn start_queue_for_one_request() -> (String, impl Future<Output = Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let body = async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut request = String::new();
        let mut buffer = [0; 4096];
        while !request.ends_with('}') {
            let length = client.read(&mut buffer).await.unwrap();
            request.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
        }
        client.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.unwrap();
        serde_json::from_str(request.rsplit_once("\r\n").unwrap().1).unwrap()
    };
    (address, body)
}

#[tokio::test]
async fn a_message_whose_outcome_was_not_stored_comes_back_after_the_lease() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let id = alice.store_confirmed("a.txt", b"hello").await.document_id;
    vault.tamper("alter table documents add constraint unlucky check (status <> 'classified')").await;
    let (endpoint, request) = start_queue_for_one_request().await;
    let queue = docuvault::config::QueueConfig { endpoint: Some(endpoint), ..vault.queue.clone() };
    let services = vault.services_at(&vault.database.address(), vault.bucket.config(), queue);
    let mut event = sqs_event(&[vault.put_notification(id).await]);
    event.records[0].receipt_handle = Some("receipt".into());
    let (failed, request) = tokio::join!(vault.classify_event(services, Context::default(), event), request);
    assert_eq!(failed, [0]);
    let (held, _) = read_pauses(&vault, id).await;
    let hidden = request["VisibilityTimeout"].as_f64().unwrap();
    assert!(hidden > held, "an earlier message would be acknowledged without an attempt: {hidden}, {held}");
}

#[tokio::test]
async fn a_message_that_is_not_begun_before_the_deadline_comes_back_at_once() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let id = alice.store_confirmed("a.txt", b"hello").await.document_id;
    vault.set_visibility_timeout(1_000).await;
    let body = vault.put_notification(id).await;
    vault.send_message(&body).await;
    let mut event = sqs_event(&[body]);
    event.records[0].receipt_handle = vault.receive_message().await;
    assert_eq!(vault.receive_message().await, None);
    let before = vault.rows().await;
    let soon = SystemTime::now() + vault.classification.providers.timeout + Duration::from_secs(20);
    let mut context = Context::default();
    context.deadline = u64::try_from(soon.duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
    assert_eq!(vault.classify_event(vault.services(), context, event).await, [0]);
    assert_eq!(vault.rows().await, before, "no attempt begins that could not end in time");
    assert!(vault.receive_message().await.is_some());
}

/// Returns the event of one document, as the dead-letter queue delivers it.
async fn dead_letter_event(vault: &TestVault, id: DocumentId) -> SqsEvent {
    let mut event = sqs_event(&[vault.put_notification(id).await]);
    event.records[0].event_source_arn = Some(DEAD_LETTER_QUEUE_ARN.into());
    event
}

#[tokio::test]
async fn a_dead_letter_is_the_last_attempt_of_its_document() {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_store().await;
    let alice = vault.create_user().await;
    let (failing, other) =
        (alice.store_confirmed("a.txt", b"hello").await, alice.store_confirmed("b.txt", b"hello").await);
    proxy.set_mode(Mode::Down);
    let event = dead_letter_event(&vault, failing.document_id).await;
    assert_eq!(vault.classify_event(services.clone(), Context::default(), event).await, NONE);
    assert_eq!(
        vault.columns(failing.document_id, &["status", "failure_code", "attempts"]).await,
        [json!("classification_failed"), json!("store_unavailable"), json!(1)]
    );
    proxy.set_mode(Mode::Pass);
    let event = dead_letter_event(&vault, other.document_id).await;
    assert_eq!(vault.classify_event(services.clone(), Context::default(), event).await, NONE);
    assert_eq!(vault.columns(other.document_id, &["status"]).await, [json!("classified")]);
    let before = vault.rows().await;
    let event = dead_letter_event(&vault, other.document_id).await;
    assert_eq!(
        vault.classify_event(services, Context::default(), event).await,
        NONE,
        "the dead letter is delivered again"
    );
    assert_eq!(vault.rows().await, before);
}

#[tokio::test]
async fn the_answer_of_a_proxy_does_not_end_a_document() {
    for status in [200, 404, 412] {
        let vault = TestVault::new().await;
        let (proxy, services) = vault.proxy_store().await;
        let alice = vault.create_user().await;
        let upload = alice.store_confirmed("a.txt", b"hello").await;
        let event = [vault.put_notification(upload.document_id).await];
        proxy.set_mode(Mode::Status(status));
        assert_eq!(vault.classify_with(services, Context::default(), &event).await, [0], "{status}");
        assert_eq!(
            vault.columns(upload.document_id, &["status", "attempts"]).await,
            [json!("uploaded"), json!(1)]
        );
    }
}
