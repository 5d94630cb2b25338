//! A document that could not be classified now is left alone for a while: the row says how long, and its message comes back then.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lambda_events::sqs::SqsEvent;
use docuvault::id::DocumentId;
use lambda_runtime::Context;
use serde_json::{Value, json};
use tests::proxy::Mode;
use tests::{DEAD_LETTERS, TestVault, sqs_event};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const NONE: [usize; 0] = [];

/// Seconds until the document may be taken up again, and until the sweep nudges.
async fn pause(vault: &TestVault, id: DocumentId) -> (f64, f64) {
    let statement = "select round(extract(epoch from lease_expires_at - now()))::float8,
        round(extract(epoch from nudge_due_at - now()))::float8 from documents where id = $1";
    let row = vault.database.superuser().await.query_one(statement, &[&id]).await.unwrap();
    (row.get(0), row.get(1))
}

#[tokio::test]
async fn each_failure_is_followed_by_a_longer_pause_in_which_nobody_takes_the_document_up() {
    let mut vault = TestVault::new().await;
    vault.classification.max_attempts = 8;
    let (proxy, parts) = vault.store_by_proxy().await;
    let alice = vault.user().await;
    let id = alice.keep("a.txt", b"hello").await.document_id;
    let event = [vault.put_event(id).await];
    proxy.set(Mode::Down);
    for (attempt, seconds) in (1..).zip([30.0, 60.0, 120.0, 240.0, 480.0, 900.0, 900.0]) {
        assert_eq!(vault.classify_by(parts.clone(), Context::default(), &event).await, [0]);
        let (free, nudge) = pause(&vault, id).await;
        assert!((free - seconds).abs() < 5.0, "attempt {attempt}: {free}");
        assert!(nudge > free + 590.0, "the sweep does not nudge into the pause: {nudge}");
        let before = vault.rows().await;
        assert_eq!(vault.classify_by(parts.clone(), Context::default(), &event).await, NONE, "a duplicate");
        assert_eq!(vault.rows().await, before);
        vault.age_minutes(20).await;
    }
    proxy.set(Mode::Pass);
    assert_eq!(vault.classify_by(parts, Context::default(), &event).await, NONE);
    assert_eq!(vault.columns(id, &["status", "attempts"]).await, [json!("classified"), json!(8)]);
}

#[tokio::test]
async fn the_message_comes_back_when_the_pause_is_over_and_not_before() {
    let vault = TestVault::new().await;
    let (proxy, parts) = vault.store_by_proxy().await;
    let alice = vault.user().await;
    let id = alice.keep("a.txt", b"hello").await.document_id;
    vault.hide_messages_for(0).await;
    let body = vault.put_event(id).await;
    vault.send(&body).await;
    let mut event = sqs_event(&[body]);
    event.records[0].receipt_handle = vault.receive().await;
    assert!(vault.receive().await.is_some(), "it would come again at once");
    event.records[0].receipt_handle = vault.receive().await;
    proxy.set(Mode::Down);
    assert_eq!(vault.classify_event(parts, Context::default(), event).await, [0]);
    assert_eq!(vault.receive().await, None);
}

/// A queue that takes one request, and its body.
async fn listening() -> (String, impl Future<Output = Value>) {
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
async fn a_message_whose_outcome_could_not_be_stored_comes_back_when_its_document_is_free() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let id = alice.keep("a.txt", b"hello").await.document_id;
    vault.tamper("alter table documents add constraint unlucky check (status <> 'classified')").await;
    let (endpoint, request) = listening().await;
    let queue = docuvault::config::Queue { endpoint: Some(endpoint), ..vault.queue.clone() };
    let parts = vault.parts_by(&vault.database.address(), vault.bucket.config(), queue);
    let mut event = sqs_event(&[vault.put_event(id).await]);
    event.records[0].receipt_handle = Some("receipt".into());
    let (failed, request) = tokio::join!(vault.classify_event(parts, Context::default(), event), request);
    assert_eq!(failed, [0]);
    let (held, _) = pause(&vault, id).await;
    let hidden = request["VisibilityTimeout"].as_f64().unwrap();
    assert!(
        hidden > held,
        "until then it would be acknowledged, and its document left to the sweep: {hidden}, {held}"
    );
}

#[tokio::test]
async fn what_is_not_begun_before_the_deadline_comes_back_at_once() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let id = alice.keep("a.txt", b"hello").await.document_id;
    vault.hide_messages_for(1_000).await;
    let body = vault.put_event(id).await;
    vault.send(&body).await;
    let mut event = sqs_event(&[body]);
    event.records[0].receipt_handle = vault.receive().await;
    assert_eq!(vault.receive().await, None);
    let before = vault.rows().await;
    let soon = SystemTime::now() + vault.classification.providers.timeout + Duration::from_secs(20);
    let mut context = Context::default();
    context.deadline = u64::try_from(soon.duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
    assert_eq!(vault.classify_event(vault.parts(), context, event).await, [0]);
    assert_eq!(vault.rows().await, before, "a call that could not be finished is not begun");
    assert!(vault.receive().await.is_some());
}

/// The event of one document, as the queue of dead letters delivers it.
async fn dead_letter(vault: &TestVault, id: DocumentId) -> SqsEvent {
    let mut event = sqs_event(&[vault.put_event(id).await]);
    event.records[0].event_source_arn = Some(DEAD_LETTERS.into());
    event
}

#[tokio::test]
async fn a_dead_letter_is_the_last_attempt_and_ends_the_document() {
    let vault = TestVault::new().await;
    let (proxy, parts) = vault.store_by_proxy().await;
    let alice = vault.user().await;
    let (failing, other) = (alice.keep("a.txt", b"hello").await, alice.keep("b.txt", b"hello").await);
    proxy.set(Mode::Down);
    let event = dead_letter(&vault, failing.document_id).await;
    assert_eq!(vault.classify_event(parts.clone(), Context::default(), event).await, NONE);
    assert_eq!(
        vault.columns(failing.document_id, &["status", "failure_code", "attempts"]).await,
        [json!("classification_failed"), json!("store_unavailable"), json!(1)]
    );
    proxy.set(Mode::Pass);
    let event = dead_letter(&vault, other.document_id).await;
    assert_eq!(vault.classify_event(parts.clone(), Context::default(), event).await, NONE);
    assert_eq!(vault.columns(other.document_id, &["status"]).await, [json!("classified")]);
    let before = vault.rows().await;
    let event = dead_letter(&vault, other.document_id).await;
    assert_eq!(vault.classify_event(parts, Context::default(), event).await, NONE, "redriven once more");
    assert_eq!(vault.rows().await, before);
}
