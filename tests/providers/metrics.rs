//! Metrics of requests to providers: their time, their errors, and the tokens that the provider has counted.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::TestVault;
use tests::functions::recorded_event;
use tests::metrics::{NAMESPACE, metrics, sum_metrics};
use tests::sandbox::Sandbox;

use crate::api_formats::{ALL, Api, topics_answer};
use crate::fake_provider::{FakeProvider, Reply};
use crate::fixture::TEXT;
use crate::program::{event_with, variables};

const TRACE_ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// Classifies a document by the built program with this provider, in a trace. Returns the log.
async fn classify(api: Api, provider: &FakeProvider) -> String {
    let vault = TestVault::new().await;
    let id = vault.create_user().await.store_confirmed("paper.txt", TEXT).await.document_id;
    let mut variables = variables(&vault, api, &provider.url);
    variables.insert("METRICS_NAMESPACE", NAMESPACE.into());
    let mut event: Value = serde_json::from_str(&event_with(&vault.put_notification(id).await)).unwrap();
    let trace = format!("00-{TRACE_ID}-00f067aa0ba902b7-01");
    event["Records"][0]["messageAttributes"] =
        json!({"traceparent": {"stringValue": trace, "dataType": "String"}});
    let mut sandbox = Sandbox::start("classify", &variables).await;
    sandbox.invoke(&event.to_string()).await.unwrap();
    // The last line of this second event comes after all lines of the first.
    sandbox.invoke(&recorded_event("classify-test-event")).await.unwrap();
    sandbox.wait_for_log("a message was ignored").await
}

/// Returns the metrics of a log, without those that the provider's time and the outcome of the document add.
fn provider_metrics(log: &str, provider: &str) -> BTreeMap<String, u64> {
    let mut sums = sum_metrics(log);
    let waited = sums.remove("provider_us").unwrap();
    assert!((1..20_000_000).contains(&waited), "{waited}");
    assert_eq!(sums.remove(&format!("provider_us of {provider}")), Some(waited));
    sums.retain(|name, _| !name.contains("documents"));
    sums
}

/// Returns metrics that have no other dimension than the provider.
fn of_provider<const N: usize>(provider: &str, expected: [(&str, u64); N]) -> BTreeMap<String, u64> {
    let named = expected.map(|(name, value)| (format!("{name} of {provider}"), value));
    metrics(expected).into_iter().chain(named).collect()
}

#[tokio::test]
async fn a_request_has_its_time_and_the_tokens_that_the_provider_has_counted() {
    for api in ALL {
        let provider = FakeProvider::start(move |_| api.answer(&topics_answer(&[]))).await;
        let log = classify(api, &provider).await;
        let expected = [("provider_errors", 0), ("input_tokens", 26), ("output_tokens", 8)];
        assert_eq!(provider_metrics(&log, api.name()), of_provider(api.name(), expected), "{api:?}");
        assert_eq!(sum_metrics(&log)["classified_documents"], 1);
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_used_is_an_error_whose_tokens_count() {
    for api in ALL {
        let provider = FakeProvider::start(move |_| api.answer("I do not know.")).await;
        let log = classify(api, &provider).await;
        let expected = [("provider_errors", 1), ("input_tokens", 26), ("output_tokens", 8)];
        assert_eq!(provider_metrics(&log, api.name()), of_provider(api.name(), expected), "{api:?}");
        assert!(log.contains("\"code\":\"answer_unreadable\""), "{log}");
        assert_eq!(sum_metrics(&log)["postponed_documents"], 1);
    }
}

#[tokio::test]
async fn a_failed_request_is_an_error_without_tokens() {
    for api in ALL {
        for reply in [api.error(503, ""), Reply::Hangup] {
            let provider = FakeProvider::start(move |_| reply.clone()).await;
            let log = classify(api, &provider).await;
            let expected = of_provider(api.name(), [("provider_errors", 1)]);
            assert_eq!(provider_metrics(&log, api.name()), expected, "{api:?}");
        }
    }
}

/// Returns the answer of a model, in which this replaces each number of tokens.
fn answer_with_tokens(api: Api, tokens: &Value) -> Reply {
    let Reply::Whole(status, header, body) = api.answer(&topics_answer(&[])) else { unreachable!() };
    let mut body: Value = serde_json::from_str(&body).unwrap();
    let counts = match body.get_mut("usage") {
        Some(counts) => counts,
        None => &mut body,
    };
    for (_, count) in
        counts.as_object_mut().unwrap().iter_mut().filter(|(_, count)| **count == 26 || **count == 8)
    {
        *count = tokens.clone();
    }
    Reply::Whole(status, header, body.to_string())
}

#[tokio::test]
async fn absent_and_strange_numbers_of_tokens_are_no_metric_and_no_error() {
    let strange =
        [json!(null), json!("26"), json!(-1), json!(0.5), json!([26]), json!({}), json!(100_000_001)];
    for (index, tokens) in strange.into_iter().enumerate() {
        let api = ALL[index % ALL.len()];
        let reply = answer_with_tokens(api, &tokens);
        let provider = FakeProvider::start(move |_| reply.clone()).await;
        let log = classify(api, &provider).await;
        let expected = of_provider(api.name(), [("provider_errors", 0)]);
        assert_eq!(provider_metrics(&log, api.name()), expected, "{api:?}, {tokens}");
        assert_eq!(sum_metrics(&log)["classified_documents"], 1);
    }
}

#[tokio::test]
async fn a_provider_is_not_told_the_trace() {
    for api in ALL {
        let provider = FakeProvider::start(move |_| api.answer(&topics_answer(&[]))).await;
        let log = classify(api, &provider).await;
        assert!(log.contains(&format!("\"trace_id\":\"{TRACE_ID}\"")), "{log}");
        let request = provider.only_request();
        let headers: Vec<_> =
            request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let sent = format!("{} {} {}", request.line, headers.join(" "), request.raw).to_lowercase();
        for part in [TRACE_ID, "traceparent", "x-amzn-trace-id", "root=1-"] {
            assert!(!sent.contains(part), "{api:?}: {part}: {sent}");
        }
    }
}
