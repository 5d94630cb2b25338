//! Events that API Gateway never sends, and anybody who may invoke a function can: given to the built programs.

use serde_json::{Value, json};
use tests::TestVault;
use tests::runtime::{self, Sandbox};

/// A recorded request, by this caller.
fn recorded(name: &str, token: &str) -> Value {
    serde_json::from_str(&runtime::recorded(name).replace("<access token>", token)).unwrap()
}

#[tokio::test]
async fn a_request_that_is_no_request_is_refused_and_the_next_one_answered() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let mut sandbox = Sandbox::start("documents", &vault.variables()).await;
    let good = recorded("documents", &vault.token(alice.id()));
    let before = vault.rows().await;
    let long = "x".repeat(70_000);
    let wide = "ü".repeat(20_000);
    for (pointer, value) in [
        ("/rawQueryString", json!("q=a b")),
        ("/rawQueryString", json!("q=a\nb")),
        ("/rawQueryString", json!("q=\u{0}")),
        ("/rawQueryString", json!("q=<ü>\"")),
        ("/rawQueryString", json!(long)),
        ("/rawPath", json!("")),
        ("/rawPath", json!("no-slash")),
        ("/rawPath", json!("/a b")),
        ("/rawPath", json!("/\n")),
        ("/rawPath", json!("//")),
        ("/rawPath", json!("/%")),
        ("/rawPath", json!("/?#")),
        ("/rawPath", json!("@evil.example/")),
        ("/rawPath", json!("/api/documents/%FF")),
        ("/rawPath", json!("/api/documents/../../..")),
        ("/rawPath", json!(format!("/{long}"))),
        ("/rawPath", json!(format!("/{wide}"))),
        ("/headers/host", json!("")),
        ("/headers/host", json!("a b")),
        ("/headers/host", json!("[::1")),
        ("/headers/host", json!("host:99999")),
        ("/headers/host", json!("exa%mple")),
        ("/headers/host", json!("ü")),
        ("/headers/host", json!("999.999.999.999")),
        ("/headers/x-forwarded-proto", json!("")),
        ("/headers/x-forwarded-proto", json!("a b")),
        ("/headers/x-forwarded-proto", json!("1")),
        ("/requestContext/stage", json!("a b/../..")),
        ("/requestContext/http/method", json!("PROPFIND")),
    ] {
        let mut event = good.clone();
        *event.pointer_mut(pointer).unwrap() = value.clone();
        let shown = value.to_string().chars().take(40).collect::<String>();
        let outcome = sandbox.invoke(&event.to_string()).await;
        let answer = outcome.unwrap_or_else(|error| panic!("{pointer}: {shown}: {error}"));
        let status = answer["statusCode"].as_u64().unwrap();
        assert!((200..500).contains(&status), "{pointer}: {shown}: {answer}");
        assert_eq!(sandbox.http(&good).await.0, 200, "after {pointer}: {shown}");
    }
    assert_eq!(vault.rows().await, before);
}

#[tokio::test]
async fn a_host_that_is_none_is_not_missed() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let mut sandbox = Sandbox::start("documents", &vault.variables()).await;
    for domain in [json!(null), json!("a b"), json!(""), json!("[")] {
        let mut event = recorded("documents", &vault.token(alice.id()));
        event["headers"].as_object_mut().unwrap().remove("host");
        event["requestContext"]["domainName"] = domain;
        assert_eq!(sandbox.http(&event).await.0, 200);
    }
}

#[tokio::test]
async fn a_body_that_is_not_what_it_claims_is_refused() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let mut sandbox = Sandbox::start("upload-url", &vault.variables()).await;
    let good = recorded("upload-url", &vault.token(alice.id()));
    let before = vault.rows().await;
    for (encoded, body) in [
        (true, json!("%%%")),
        (true, json!("a")),
        (true, json!("YQ")),
        (true, json!("//79/w==")),
        (true, json!(good["body"])),
        (true, json!(null)),
        (false, json!(null)),
        (false, json!("")),
        (false, json!("eyJmaWxlbmFtZSI6ImEifQ==")),
        (false, json!("\u{0}")),
        (false, json!("[".repeat(60_000))),
    ] {
        let mut event = good.clone();
        event["isBase64Encoded"] = json!(encoded);
        event["body"] = body.clone();
        let (status, answer) = sandbox.http(&event).await;
        assert_eq!((status, &answer["code"]), (422, &json!("invalid")), "{encoded}, {body}: {answer}");
    }
    assert_eq!(vault.rows().await, before);
    assert_eq!(sandbox.http(&good).await.0, 201);
}

#[tokio::test]
async fn an_event_of_another_kind_is_an_error_and_not_the_end() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let good = recorded("quota", &vault.token(alice.id()));
    let mut sandbox = Sandbox::start("quota", &vault.variables()).await;
    for event in ["null", "7", "[]", "{}", "\"\"", "not JSON", "", r#"{"Records":[]}"#, &"[".repeat(100_000)]
    {
        if let Ok(answer) = sandbox.invoke(event).await {
            assert_ne!(answer["statusCode"], 200, "{event}");
        }
        assert_eq!(sandbox.http(&good).await.0, 200);
    }
}

#[tokio::test]
async fn functions_without_routes_survive_what_they_can_not_read() {
    let vault = TestVault::new().await;
    let before = vault.rows().await;
    for (function, good) in [
        ("classify", json!({"Records": []})),
        ("cleanup", json!({})),
        ("migrate", json!({"migrate": "status"})),
    ] {
        let mut sandbox = Sandbox::start(function, &vault.variables()).await;
        for event in
            ["not JSON", "7", "[]", r#"{"Records":7}"#, r#"{"migrate":"sideways"}"#, &"[".repeat(100_000)]
        {
            let _either = sandbox.invoke(event).await;
            sandbox.invoke(&good.to_string()).await.unwrap();
        }
    }
    assert_eq!(vault.rows().await, before);
}

#[tokio::test]
async fn lambda_answers_carry_the_invocations_id_and_the_headers() {
    let vault = TestVault::new().await;
    let mut sandbox = Sandbox::start("health", &vault.variables()).await;
    let answer = sandbox.invoke(&recorded("health", "").to_string()).await.unwrap();
    let headers = &answer["headers"];
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    let id: uuid::Uuid = headers["x-request-id"].as_str().unwrap().parse().unwrap();
    assert_eq!(id.get_version_num(), 4, "the invocation's id, not one of ours");
}
