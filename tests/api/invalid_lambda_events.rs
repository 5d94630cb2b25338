//! The built programs get events that API Gateway never sends. Anyone with the right to invoke a function can
//! send them.

use serde_json::{Value, json};
use tests::sandbox::Sandbox;
use tests::{TestVault, functions};

/// Returns a recorded request with this access token.
fn recorded_event(name: &str, token: &str) -> Value {
    serde_json::from_str(&functions::recorded_event(name).replace("<access token>", token)).unwrap()
}

#[tokio::test]
async fn an_invalid_http_event_is_refused_and_the_next_one_is_answered() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let mut sandbox = Sandbox::start("documents", &vault.variables()).await;
    let good = recorded_event("documents", &vault.issue_token(alice.user()));
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
        assert_eq!(sandbox.invoke_http(&good).await.0, 200, "after {pointer}: {shown}");
    }
    assert_eq!(vault.rows().await, before);
}

#[tokio::test]
async fn a_path_with_an_encoded_question_mark_or_hash_names_no_route() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let mut sandbox = Sandbox::start("documents", &vault.variables()).await;
    for path in ["/api/documents?", "/api/documents#", "/api/documents#/topics"] {
        let mut event = recorded_event("documents", &vault.issue_token(alice.user()));
        event["rawPath"] = json!(path);
        assert_eq!(sandbox.invoke_http(&event).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn requests_with_a_missing_or_invalid_host_are_answered() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let mut sandbox = Sandbox::start("documents", &vault.variables()).await;
    for domain in [json!(null), json!("a b"), json!(""), json!("[")] {
        let mut event = recorded_event("documents", &vault.issue_token(alice.user()));
        event["headers"].as_object_mut().unwrap().remove("host");
        event["requestContext"]["domainName"] = domain;
        assert_eq!(sandbox.invoke_http(&event).await.0, 200);
    }
}

#[tokio::test]
async fn a_body_with_a_wrong_encoding_is_refused() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let mut sandbox = Sandbox::start("upload-url", &vault.variables()).await;
    let good = recorded_event("upload-url", &vault.issue_token(alice.user()));
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
        let (status, answer) = sandbox.invoke_http(&event).await;
        assert_eq!((status, &answer["code"]), (422, &json!("invalid")), "{encoded}, {body}: {answer}");
    }
    assert_eq!(vault.rows().await, before);
    assert_eq!(sandbox.invoke_http(&good).await.0, 201);
}

#[tokio::test]
async fn an_event_of_another_kind_is_an_error_and_the_program_keeps_running() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let good = recorded_event("quota", &vault.issue_token(alice.user()));
    let mut sandbox = Sandbox::start("quota", &vault.variables()).await;
    for event in ["null", "7", "[]", "{}", "\"\"", "not JSON", "", r#"{"Records":[]}"#, &"[".repeat(100_000)]
    {
        if let Ok(answer) = sandbox.invoke(event).await {
            assert_ne!(answer["statusCode"], 200, "{event}");
        }
        assert_eq!(sandbox.invoke_http(&good).await.0, 200);
    }
}

#[tokio::test]
async fn functions_without_routes_survive_unreadable_events() {
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
async fn responses_carry_the_invocation_id_and_the_common_headers() {
    let vault = TestVault::new().await;
    let mut sandbox = Sandbox::start("health", &vault.variables()).await;
    let answer = sandbox.invoke(&recorded_event("health", "").to_string()).await.unwrap();
    let headers = &answer["headers"];
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    let id: uuid::Uuid = headers["x-request-id"].as_str().unwrap().parse().unwrap();
    assert_eq!(id.get_version_num(), 4, "the request id is the invocation's");
}
