//! A trace joins the log lines of all functions that worked on one thing (W3C Trace Context).

use std::time::Duration;

use docuvault::id::DocumentId;
use serde_json::{Value, json};
use tests::functions::{recorded_event, recorded_request};
use tests::poller::Poller;
use tests::sandbox::Sandbox;
use tests::{TestVault, sqs_client};

const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const OTHER_ID: &str = "0af7651916cd43dd8448eb211c80319c";
const OTHER_TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

/// Returns the trace's id on each line of a log, and the id of the invocation's own trace.
fn trace_ids(log: &str) -> Vec<(String, String)> {
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines
        .map(|line| {
            let root = line["xrayTraceId"].as_str().unwrap().split(';').next().unwrap();
            let own = root.strip_prefix("Root=1-").unwrap().replace('-', "");
            (line["trace_id"].as_str().unwrap_or_else(|| panic!("{line}")).to_owned(), own)
        })
        .collect()
}

/// Asserts that each line has this trace, or that of its invocation if it is `None`.
#[track_caller]
fn assert_traces(log: &str, expected: Option<&str>) {
    let ids = trace_ids(log);
    assert!(!ids.is_empty());
    for (id, own) in ids {
        assert_eq!(id, expected.unwrap_or(&own), "{log}");
    }
}

#[tokio::test]
async fn a_trace_leads_from_a_confirmation_through_the_queue_to_the_classification() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_pending("a.txt", b"hello").await;
    // The put-notification comes first, so that the confirmation sends the nudge.
    assert!(vault.classify(&[vault.put_notification(upload.document_id).await]).await.is_empty());
    let mut sandbox = Sandbox::start("confirm", &vault.variables()).await;
    let mut event = recorded_request("confirm", &vault.issue_token(alice.user()), upload.document_id);
    event["headers"]["traceparent"] = TRACEPARENT.into();
    assert_eq!(sandbox.invoke_http(&event).await.0, 200);
    let log = sandbox.wait_for_log("request answered").await;
    assert!(log.contains("an upload was confirmed"), "{log}");
    assert_traces(&log, Some(ID));
    let mut poller = Poller::start(&vault, &vault.variables(), Duration::from_secs(60)).await;
    assert!(poller.poll_once().await.unwrap().is_empty());
    let log = poller.sandbox().wait_for_log("a document was classified").await;
    assert_traces(&log, Some(ID));
    assert!(log.contains(&upload.document_id.to_string()), "{log}");
}

#[tokio::test]
async fn a_request_without_one_valid_header_has_the_trace_of_lambda() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let mut sandbox = Sandbox::start("quota", &vault.variables()).await;
    let untraced = recorded_request("quota", &vault.issue_token(alice.user()), DocumentId::new());
    let twice = format!("{TRACEPARENT},{OTHER_TRACEPARENT}");
    let forged = format!("{TRACEPARENT}\",\"level\":\"ERROR");
    let invalid = [&TRACEPARENT.to_uppercase(), &TRACEPARENT.replacen("00", "ff", 1), &twice, &forged, ""];
    for (index, header) in invalid.into_iter().enumerate() {
        let mut event = untraced.clone();
        event["headers"]["traceparent"] = header.into();
        sandbox.invoke_http(&event).await;
        let log = sandbox.wait_for_lines(index + 1, "request answered").await;
        assert_traces(&log, None);
    }
    sandbox.invoke_http(&untraced).await;
    assert_traces(&sandbox.wait_for_lines(6, "request answered").await, None);
}

#[tokio::test]
async fn two_headers_of_a_rest_api_are_no_trace() {
    let vault = TestVault::new().await;
    let event = |traces: Value| {
        json!({
            "resource": "/{proxy+}", "path": "/api/auth/me/quota", "httpMethod": "GET", "headers": {},
            "multiValueHeaders": {"traceparent": traces}, "queryStringParameters": null,
            "multiValueQueryStringParameters": null, "pathParameters": null, "stageVariables": null,
            "requestContext": {"httpMethod": "GET", "path": "/api/auth/me/quota", "stage": "v1"},
            "body": null, "isBase64Encoded": false,
        })
    };
    for (traces, expected) in
        [(json!([TRACEPARENT]), Some(ID)), (json!([TRACEPARENT, OTHER_TRACEPARENT]), None)]
    {
        let mut sandbox = Sandbox::start("quota", &vault.variables()).await;
        assert_eq!(sandbox.invoke_http(&event(traces)).await.0, 401);
        assert_traces(&sandbox.wait_for_log("request refused").await, expected);
    }
}

#[tokio::test]
async fn messages_of_one_batch_have_their_own_traces() {
    let vault = TestVault::new().await;
    let mut event: Value = serde_json::from_str(&recorded_event("classify-test-event")).unwrap();
    let record = event["Records"][0].clone();
    let attributes = [
        json!({}),
        message_attributes(TRACEPARENT),
        message_attributes("00-x"),
        message_attributes(OTHER_TRACEPARENT),
    ];
    let records = attributes.map(|attributes| {
        let mut record = record.clone();
        record["messageAttributes"] = attributes;
        record
    });
    event["Records"] = records.to_vec().into();
    let mut sandbox = Sandbox::start("classify", &vault.variables()).await;
    sandbox.invoke(&event.to_string()).await.unwrap();
    let ids = trace_ids(&sandbox.wait_for_lines(4, "a message was ignored").await);
    let own = &ids[0].1;
    let found: Vec<_> = ids.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(found, [own, ID, own, OTHER_ID]);
}

/// Returns the attributes of a message in the form in which Lambda passes them to a function.
fn message_attributes(traceparent: &str) -> Value {
    json!({"traceparent": {
        "stringValue": traceparent, "stringListValues": [], "binaryListValues": [], "dataType": "String",
    }})
}

#[tokio::test]
async fn a_sweep_has_a_trace_which_all_its_nudges_carry() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for name in ["a.txt", "b.txt", "c.txt"] {
        alice.store_confirmed(name, b"hello").await;
    }
    vault.age_minutes(11).await;
    let mut sandbox = Sandbox::start("cleanup", &vault.variables()).await;
    sandbox.invoke(&recorded_event("cleanup")).await.unwrap();
    let log = sandbox.wait_for_log("the sweep has ended").await;
    assert_traces(&log, None);
    let (id, _) = trace_ids(&log).remove(0);
    let receive = sqs_client(&vault.queue).receive_message().queue_url(&vault.queue.url);
    let received = receive.max_number_of_messages(10).message_attribute_names("All").send().await.unwrap();
    assert_eq!(received.messages().len(), 3);
    for message in received.messages() {
        let attributes = message.message_attributes().unwrap();
        assert_eq!(attributes.len(), 1);
        let (_, trace) = attributes["traceparent"].string_value().unwrap().split_once('-').unwrap();
        assert!(trace.starts_with(&id), "{trace}");
    }
}

#[tokio::test]
async fn the_line_of_a_failed_invocation_has_its_trace() {
    let vault = TestVault::new().await;
    let mut sandbox = Sandbox::start("migrate", &vault.variables()).await;
    sandbox.invoke(&json!({"migrate": "sideways"}).to_string()).await.unwrap_err();
    assert_traces(&sandbox.wait_for_log("ERROR").await, None);
}
