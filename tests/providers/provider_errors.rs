//! Error responses of providers, and what the owner sees of them.

use serde_json::{Value, json};

use crate::api_formats::{ALL, Api, KEY};
use crate::fake_provider::Reply;
use crate::fixture::{Fixture, TEXT};

/// Statuses, an added header, the failure code, and whether the document is tried again.
const STATUSES: [(u16, &str, &str, bool); 16] = [
    (400, "", "provider_rejected", false),
    (401, "", "provider_unauthorized", true),
    (402, "", "provider_rejected", false),
    (403, "", "provider_unauthorized", true),
    (404, "", "provider_model_unknown", true),
    (408, "", "provider_timeout", true),
    (413, "", "prompt_too_long", false),
    (422, "", "provider_rejected", false),
    (424, "", "provider_unavailable", true),
    (429, "", "provider_rate_limited", true),
    (429, "retry-after: 7", "provider_rate_limited", true),
    (429, "retry-after: Fri, 31 Dec 2999 23:59:59 GMT", "provider_rate_limited", true),
    (500, "", "provider_unavailable", true),
    (503, "retry-after: soon", "provider_unavailable", true),
    (504, "", "provider_timeout", true),
    (529, "", "provider_unavailable", true),
];

#[tokio::test]
async fn every_error_status_has_a_failure_code_and_is_retried_or_final() {
    for api in ALL {
        let mut fixture = Fixture::new(api, |_| Reply::Hangup).await;
        for (status, header, code, retried) in STATUSES {
            fixture.provider.answer_with(move |_| api.error(status, header));
            let before = fixture.provider.requests().len();
            let failure = fixture.expect_failure().await;
            assert_eq!((&*failure.code, failure.retried), (code, retried), "{api:?} {status}");
            // Each attempt sends one request: only the queue retries.
            assert_eq!(
                fixture.provider.requests().len() - before,
                if retried { 2 } else { 1 },
                "{api:?} {status}"
            );
            let message = failure.message;
            assert!(message.contains(api.name()) && message.contains(&status.to_string()), "{message}");
            for secret in [KEY, "invoice", "127.0.0.1", "http"] {
                assert!(!message.contains(secret), "{message}");
            }
        }
    }
}

#[tokio::test]
async fn a_provider_that_does_not_answer_times_out() {
    for api in ALL {
        let mut fixture = Fixture::new(api, |_| Reply::NoAnswer).await;
        let failure = fixture.expect_failure_with_short_timeout().await;
        assert_eq!((&*failure.code, failure.retried), ("provider_timeout", true), "{api:?}");
        assert_eq!(failure.message, format!("the provider did not answer in time ({})", api.name()));
    }
}

#[tokio::test]
async fn a_failing_document_delays_no_other_and_succeeds_when_the_provider_recovers() {
    let api = Api::OpenAi;
    let fixture = Fixture::new(api, move |_| api.error(500, "")).await;
    let (failing, again) = fixture.attempt_classification(b"the sick one").await;
    assert!(again);
    fixture.provider.answer_with(move |request| {
        if request.raw.contains("the sick one") {
            api.error(429, "retry-after: 1")
        } else {
            api.answer(r#"{"topics": ["Stars"]}"#)
        }
    });
    let good = fixture.alice.store_confirmed("good.txt", b"the healthy one").await.document_id;
    let bodies = [fixture.vault.put_notification(failing).await, fixture.vault.put_notification(good).await];
    fixture.vault.age_minutes(1).await;
    assert_eq!(fixture.vault.classify(&bodies).await, [0]);
    assert_eq!(fixture.vault.columns(good, &["status"]).await, ["classified"]);
    fixture.vault.age_minutes(2).await;
    fixture.provider.answer_with(move |_| api.answer(r#"{"topics": ["Stars"]}"#));
    assert!(fixture.vault.classify(&bodies).await.is_empty());
    assert_eq!(fixture.vault.columns(failing, &["status"]).await, ["classified"]);
}

#[tokio::test]
async fn retry_after_lengthens_the_pause_up_to_an_hour_and_never_shortens_it() {
    let api = Api::Anthropic;
    for (header, seconds) in
        [("", 30.0), ("retry-after: 5", 30.0), ("retry-after: 300", 300.0), ("retry-after: 99999", 3_600.0)]
    {
        let fixture = Fixture::new(api, move |_| api.error(429, header)).await;
        let (id, again) = fixture.attempt_classification(b"hello").await;
        assert!(again);
        let statement =
            "select extract(epoch from lease_expires_at - now())::float8 from documents where id = $1";
        let row = fixture.vault.database.superuser().await.query_one(statement, &[&id]).await.unwrap();
        let pause: f64 = row.get(0);
        assert!((pause - seconds).abs() < 5.0, "{header}: {pause}");
    }
}

#[tokio::test]
async fn a_failure_names_the_model_only_if_it_may_have_read_the_document() {
    for api in ALL {
        let mut fixture = Fixture::new(api, move |_| api.error(400, "")).await;
        let (id, _) = fixture.attempt_classification(TEXT).await;
        let columns = ["failure_code", "failure_provider", "failure_model"];
        assert_eq!(fixture.vault.columns(id, &columns).await, ["provider_rejected", api.name(), api.model()]);
        let shown = fixture.alice.get(&format!("/api/documents/{id}")).await.expect(200);
        assert_eq!(
            (&shown["failure"]["provider"], &shown["failure"]["model"]),
            (&api.name().into(), &api.model().into())
        );

        let damaged = fixture.attempt_classification(b"%PDF-1.7\nno more").await.0;
        let no_provider = [json!("document_damaged"), Value::Null, Value::Null];
        assert_eq!(fixture.vault.columns(damaged, &columns).await, no_provider);

        let path = format!("/api/documents/{id}/classify");
        fixture.alice.send("POST", &path, None).await.expect(202);
        fixture.vault.classification.provider = "builtin".into();
        assert!(fixture.vault.classify(&[fixture.vault.put_notification(id).await]).await.is_empty());
        assert_eq!(fixture.vault.columns(id, &columns).await, [Value::Null, Value::Null, Value::Null]);
    }
}
