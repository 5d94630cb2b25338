//! A request gets the same answer in every format in which API Gateway can send it: from an HTTP API and from
//! a REST API, in any stage, and with a body as text or as base64. The local gateway is the model.

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use tests::sandbox::Sandbox;
use tests::{Client, TestVault};

const HTTP_API: &str = include_str!("gateway_payloads/http-api.json");
const REST_API: &str = include_str!("gateway_payloads/rest-api.json");

/// A request. Path and query are encoded as in a URL.
#[derive(Clone, Default)]
struct Call {
    method: &'static str,
    path: String,
    query: &'static str,
    body: Option<String>,
    token: String,
}

/// The parts of an answer that must be equal in all formats: the status, the headers without the request's
/// id, and the body.
type Answer = (u64, Map<String, Value>, Value);

impl Call {
    /// Sends the request to the routes of the functions, as the local gateway does.
    async fn send_to_routes(&self, anybody: &Client) -> Answer {
        let mut request = Request::builder().method(self.method).uri(format!("{}?{}", self.path, self.query));
        for (name, value) in self.headers() {
            request = request.header(name, value);
        }
        let body = self.body.clone().map_or_else(Body::empty, Body::from);
        let answer = anybody.request(request.body(body).unwrap()).await;
        (answer.status.into(), comparable(&answer.headers), answer.body)
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        let authorization =
            (!self.token.is_empty()).then(|| ("authorization", format!("Bearer {}", self.token)));
        let content_type = self.body.as_ref().map(|_| ("content-type", "application/json".to_owned()));
        authorization.into_iter().chain(content_type).collect()
    }

    /// Returns the event of an HTTP API (payload format 2.0) in this stage.
    fn http_api_event(&self, stage: &str) -> Value {
        let mut event: Value = serde_json::from_str(HTTP_API).unwrap();
        let path = if stage == "$default" { self.path.clone() } else { format!("/{stage}{}", self.path) };
        event["rawPath"] = json!(path);
        event["rawQueryString"] = json!(self.query);
        event["requestContext"]["stage"] = json!(stage);
        event["requestContext"]["http"]["method"] = json!(self.method);
        event["requestContext"]["http"]["path"] = json!(path);
        for (name, value) in self.headers() {
            event["headers"][name] = json!(value);
        }
        if let Some(body) = &self.body {
            event["body"] = json!(body);
        }
        event
    }

    /// Returns the event of a REST API (payload format 1.0). Its query is decoded.
    fn rest_api_event(&self) -> Value {
        let mut event: Value = serde_json::from_str(REST_API).unwrap();
        event["path"] = json!(self.path);
        event["httpMethod"] = json!(self.method);
        event["requestContext"]["httpMethod"] = json!(self.method);
        event["requestContext"]["path"] = json!(format!("/prod{}", self.path));
        for pair in self.query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap();
            let value = percent_decode_str(value).decode_utf8().unwrap();
            event["queryStringParameters"][name] = json!(value);
            event["multiValueQueryStringParameters"][name] = json!([value]);
        }
        for (name, value) in self.headers() {
            event["headers"][name] = json!(value);
            event["multiValueHeaders"][name] = json!([value]);
        }
        event["body"] = json!(self.body);
        event
    }

    /// Returns the request in all formats, with names.
    fn events(&self) -> Vec<(&'static str, Value)> {
        let mut events = vec![
            ("an HTTP API", self.http_api_event("$default")),
            ("an HTTP API with a stage", self.http_api_event("prod")),
            ("an HTTP API with a stage named like the first part of the path", self.http_api_event("api")),
            ("a REST API", self.rest_api_event()),
        ];
        if let Some(body) = &self.body {
            for number in [0, 3] {
                let mut event = events[number].1.clone();
                event["body"] = json!(STANDARD.encode(body));
                event["isBase64Encoded"] = json!(true);
                events.push(("a base64 body", event));
            }
        }
        events
    }
}

/// Returns the headers without those that differ between two requests.
fn comparable(headers: &HeaderMap) -> Map<String, Value> {
    let headers = headers.iter().map(|(name, value)| (name.to_string(), json!(value.to_str().unwrap())));
    headers.filter(|(name, _)| name != "x-request-id" && name != "content-length").collect()
}

/// Gives an event to the program and reads its answer. The answer to a REST API has lists of values.
async fn send_event(sandbox: &mut Sandbox, event: &Value) -> Answer {
    let answer = sandbox.invoke(&event.to_string()).await.unwrap();
    let lists = answer["multiValueHeaders"].as_object().into_iter().flatten();
    let lists = lists.map(|(name, values)| (name.clone(), values[0].clone()));
    let single = answer["headers"].as_object().into_iter().flatten();
    let headers = single.map(|(name, value)| (name.clone(), value.clone())).chain(lists);
    let headers = headers.filter(|(name, _)| name != "x-request-id" && name != "content-length").collect();
    let body =
        answer["body"].as_str().map_or(Value::Null, |body| serde_json::from_str(body).unwrap_or_default());
    (answer["statusCode"].as_u64().unwrap(), headers, body)
}

#[tokio::test]
async fn a_request_for_documents_gets_the_same_answer_in_every_format() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let id = alice.store_confirmed("Über a&b+c 100%.txt", b"hello").await.document_id.to_string();
    alice.store_confirmed("other.txt", b"hello").await;
    let token = vault.issue_token(alice.user());
    let mut sandbox = Sandbox::start("documents", &vault.variables()).await;
    let encoded = format!("/api/documents/%{:02x}{}", id.as_bytes()[0], &id[1..]);
    let get = |path: &str, query| Call {
        method: "GET",
        path: path.into(),
        query,
        token: token.clone(),
        ..Call::default()
    };
    let topics = Call {
        method: "PUT",
        body: Some(json!({"topic_ids": []}).to_string()),
        ..get(&format!("/api/documents/{id}/topics"), "")
    };
    for (call, status) in [
        (get("/api/documents", "limit=1&status=uploaded"), 200),
        (get("/api/documents", "q=%C3%BCBER%20A%26B%2BC%20100%25"), 200),
        (get("/api/documents", "limit=0"), 422),
        (get("/api/documents", "limit=%31"), 200),
        (get(&format!("/api/documents/{id}"), ""), 200),
        (get(&encoded, ""), 200),
        (get("/api/documents/none", ""), 422),
        (get("/api/nothing", ""), 404),
        (Call { method: "HEAD", ..get(&format!("/api/documents/{id}"), "") }, 200),
        (Call { method: "PATCH", ..get("/api/documents", "") }, 405),
        (Call { token: String::new(), ..get("/api/documents", "") }, 401),
        (topics.clone(), 200),
        (Call { body: Some("{\"topic_ids\": [\"ü\"]}".into()), ..topics }, 422),
    ] {
        let expected = call.send_to_routes(&vault.anonymous()).await;
        assert_eq!(expected.0, status, "{} {}: {}", call.method, call.path, expected.2);
        for (format, event) in call.events() {
            let answer = send_event(&mut sandbox, &event).await;
            assert_eq!(answer, expected, "{format}: {} {}?{}", call.method, call.path, call.query);
        }
    }
}

#[tokio::test]
async fn an_event_without_one_of_its_fields_is_answered() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let mut sandbox = Sandbox::start("documents", &vault.variables()).await;
    let call = Call {
        method: "GET",
        path: "/api/documents".into(),
        token: vault.issue_token(alice.user()),
        ..Call::default()
    };
    for event in [call.http_api_event("prod"), call.rest_api_event()] {
        assert_eq!(send_event(&mut sandbox, &event).await.0, 200);
        for field in event.as_object().unwrap().keys() {
            let required = ["requestContext", "httpMethod"].contains(&field.as_str());
            let mut without = event.clone();
            without.as_object_mut().unwrap().remove(field);
            match sandbox.invoke(&without.to_string()).await {
                Err(_) => assert!(required, "{field} is required"),
                Ok(answer) => {
                    let status = answer["statusCode"].as_u64().unwrap();
                    assert!([200, 401, 404].contains(&status) && !required, "{field}: {answer}");
                }
            }
        }
    }
}

#[tokio::test]
async fn an_invalid_event_of_a_rest_api_is_refused_and_the_next_one_is_answered() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let mut sandbox = Sandbox::start("documents", &vault.variables()).await;
    let token = vault.issue_token(alice.user());
    let good =
        Call { method: "GET", path: "/api/documents".into(), query: "limit=1", token, ..Call::default() };
    let good = good.rest_api_event();
    let long = "x".repeat(70_000);
    for (pointer, value) in [
        ("/path", json!("")),
        ("/path", json!("no-slash")),
        ("/path", json!("/a b")),
        ("/path", json!("//")),
        ("/path", json!("/?#")),
        ("/path", json!("@evil.example/")),
        ("/path", json!(format!("/{long}"))),
        ("/multiValueQueryStringParameters", json!({"q": [long]})),
        ("/multiValueQueryStringParameters", json!({"q": ["a b", "\u{0}"], "": ["<ü>\""]})),
        ("/queryStringParameters", json!({"limit": "&="})),
        ("/multiValueHeaders/Host", json!(["a b", "[::1", "host:99999"])),
        ("/headers/Host", json!("999.999.999.999")),
        ("/headers/X-Forwarded-Proto", json!("a b")),
        ("/requestContext/stage", json!("a b/../..")),
        ("/requestContext/domainName", json!("[")),
        ("/httpMethod", json!("PROPFIND")),
        ("/body", json!("[".repeat(60_000))),
        ("/isBase64Encoded", json!(true)),
    ] {
        let mut event = good.clone();
        *event.pointer_mut(pointer).unwrap() = value;
        let status = send_event(&mut sandbox, &event).await.0;
        assert!((200..500).contains(&status), "{pointer}: {status}");
        assert_eq!(send_event(&mut sandbox, &good).await.0, 200, "after {pointer}");
    }
}
