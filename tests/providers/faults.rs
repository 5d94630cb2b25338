//! What a provider's status says, and what the owner is told of it.

use serde_json::{Value, json};

use crate::played::Reply;
use crate::stage::{Stage, TEXT};
use crate::wire::{ALL, Api, KEY};

/// Statuses, what they are called, and whether another attempt may go better.
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
async fn every_status_of_every_api_is_told_by_a_stable_code() {
    for api in ALL {
        let mut stage = Stage::new(api, |_| Reply::Hangup).await;
        for (status, header, code, passing) in STATUSES {
            stage.played.set(move |_| api.fails(status, header));
            let before = stage.played.received().len();
            let verdict = stage.verdict().await;
            assert_eq!((&*verdict.code, verdict.passing), (code, passing), "{api:?} {status}");
            // One request an attempt: what fails is tried again by the queue, and nowhere else.
            assert_eq!(
                stage.played.received().len() - before,
                if passing { 2 } else { 1 },
                "{api:?} {status}"
            );
            let message = verdict.message;
            assert!(message.contains(api.name()) && message.contains(&status.to_string()), "{message}");
            for secret in [KEY, "invoice", "127.0.0.1", "http"] {
                assert!(!message.contains(secret), "{message}");
            }
        }
    }
}

#[tokio::test]
async fn silence_ends_within_the_time_that_is_configured() {
    for api in ALL {
        let mut stage = Stage::new(api, |_| Reply::Silence).await;
        let verdict = stage.verdict_soon().await;
        assert_eq!((&*verdict.code, verdict.passing), ("provider_timeout", true), "{api:?}");
        assert_eq!(verdict.message, format!("the provider did not answer in time ({})", api.name()));
    }
}

#[tokio::test]
async fn one_document_that_fails_holds_up_no_other_and_comes_back_to_a_provider_that_has_recovered() {
    let api = Api::OpenAi;
    let stage = Stage::new(api, move |_| api.fails(500, "")).await;
    let (failing, again) = stage.attempt(b"the sick one").await;
    assert!(again);
    stage.played.set(move |request| {
        if request.raw.contains("the sick one") {
            api.fails(429, "retry-after: 1")
        } else {
            api.says(r#"{"topics": ["Stars"]}"#)
        }
    });
    let good = stage.alice.keep("good.txt", b"the healthy one").await.document_id;
    let bodies = [stage.vault.put_event(failing).await, stage.vault.put_event(good).await];
    stage.vault.age_minutes(1).await;
    assert_eq!(stage.vault.classify(&bodies).await, [0]);
    assert_eq!(stage.vault.columns(good, &["status"]).await, ["classified"]);
    stage.vault.age_minutes(2).await;
    stage.played.set(move |_| api.says(r#"{"topics": ["Stars"]}"#));
    assert!(stage.vault.classify(&bodies).await.is_empty());
    assert_eq!(stage.vault.columns(failing, &["status"]).await, ["classified"]);
}

#[tokio::test]
async fn a_provider_that_asks_to_be_left_alone_is_for_so_long_and_never_for_less_than_without_asking() {
    let api = Api::Anthropic;
    for (header, seconds) in
        [("", 30.0), ("retry-after: 5", 30.0), ("retry-after: 300", 300.0), ("retry-after: 99999", 3_600.0)]
    {
        let stage = Stage::new(api, move |_| api.fails(429, header)).await;
        let (id, again) = stage.attempt(b"hello").await;
        assert!(again);
        let statement =
            "select extract(epoch from lease_expires_at - now())::float8 from documents where id = $1";
        let row = stage.vault.database.superuser().await.query_one(statement, &[&id]).await.unwrap();
        let pause: f64 = row.get(0);
        assert!((pause - seconds).abs() < 5.0, "{header}: {pause}");
    }
}

#[tokio::test]
async fn a_failure_names_the_model_that_may_have_read_the_document_and_none_that_has_not() {
    for api in ALL {
        let mut stage = Stage::new(api, move |_| api.fails(400, "")).await;
        let (id, _) = stage.attempt(TEXT).await;
        let columns = ["failure_code", "failure_provider", "failure_model"];
        assert_eq!(stage.vault.columns(id, &columns).await, ["provider_rejected", api.name(), api.model()]);
        let shown = stage.alice.get(&format!("/api/documents/{id}")).await.expect(200);
        assert_eq!(
            (&shown["failure"]["provider"], &shown["failure"]["model"]),
            (&api.name().into(), &api.model().into())
        );

        let damaged = stage.attempt(b"%PDF-1.7\nno more").await.0;
        let nobody = [json!("document_damaged"), Value::Null, Value::Null];
        assert_eq!(stage.vault.columns(damaged, &columns).await, nobody);

        let path = format!("/api/documents/{id}/classify");
        stage.alice.send("POST", &path, None).await.expect(202);
        stage.vault.classification.provider = "builtin".into();
        assert!(stage.vault.classify(&[stage.vault.put_event(id).await]).await.is_empty());
        assert_eq!(stage.vault.columns(id, &columns).await, [Value::Null, Value::Null, Value::Null]);
    }
}
