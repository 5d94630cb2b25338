//! Tests of the gateway in front of a fake emulator.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::support::{Program, Runner, answer_success, wait_for_listener};

/// The number of invocations that run now, and the highest number so far.
#[derive(Clone, Default)]
struct Running {
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

/// Acts as a function: sleeps for as many milliseconds as the query says, then fails or answers with the
/// event.
async fn invoke(State(running): State<Running>, Path(name): Path<String>, body: String) -> Response {
    let Ok(event) = serde_json::from_str::<Value>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    // The schedules invoke these, whatever the gateway does.
    if ["cleanup", "mail"].contains(&name.as_str()) {
        return answer_success();
    }
    let now = running.now.fetch_add(1, Ordering::SeqCst) + 1;
    running.most.fetch_max(now, Ordering::SeqCst);
    let query = event["rawQueryString"].as_str().unwrap_or_default();
    tokio::time::sleep(Duration::from_millis(query.parse().unwrap_or_default())).await;
    running.now.fetch_sub(1, Ordering::SeqCst);
    match query {
        "fail" => {
            let error = json!({"errorType": "panic", "errorMessage": "a secret"});
            (StatusCode::INTERNAL_SERVER_ERROR, axum::Json(error)).into_response()
        }
        "nonsense" => "nonsense".into_response(),
        _ => axum::Json(json!({
            "statusCode": 201,
            "headers": {"x-function": name, "x-twice": "a"},
            "multiValueHeaders": {"x-twice": ["a", "b"]},
            "cookies": ["one=1; Secure", "two=2"],
            "body": STANDARD.encode(event.to_string()),
            "isBase64Encoded": true,
        }))
        .into_response(),
    }
}

/// A gateway, a fake emulator behind it, and a client.
struct GatewaySetup {
    runner: Runner,
    running: Running,
    client: Client,
    _program: Program,
}

impl GatewaySetup {
    async fn new(api_timeout: u64) -> Result<Self> {
        let mut runner = Runner::prepare().await?;
        runner.api_timeout = api_timeout;
        Self::start(runner).await
    }

    async fn start(runner: Runner) -> Result<Self> {
        let running = Running::default();
        let router = Router::new()
            .route("/2015-03-31/functions/{name}/invocations", post(invoke))
            .layer(DefaultBodyLimit::disable())
            .with_state(running.clone());
        let listener = TcpListener::bind(("127.0.0.1", runner.functions_port)).await?;
        tokio::spawn(async move { axum::serve(listener, router).await });
        let program = runner.start().await?;
        wait_for_listener(runner.api_port).await?;
        let elsewhere = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
        let client = Client::builder().local_address(elsewhere).build()?;
        Ok(Self { runner, running, client, _program: program })
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("http://127.0.0.1:{}{path}", self.runner.api_port))
    }

    /// Sends `count` GET requests at once and returns the statuses, sorted.
    async fn send_all(&self, count: usize, path: &str) -> Result<Vec<u16>> {
        let mut tasks = JoinSet::new();
        for _ in 0..count {
            let request = self.request(Method::GET, path);
            tasks.spawn(async move { anyhow::Ok(request.send().await?.status().as_u16()) });
        }
        let mut statuses = tasks.join_all().await.into_iter().collect::<Result<Vec<_>>>()?;
        statuses.sort_unstable();
        Ok(statuses)
    }
}

#[tokio::test]
async fn the_page_is_served_beside_the_api() -> Result<()> {
    let mut runner = Runner::prepare().await?;
    let folder = std::env::temp_dir().join(format!("page-{}", runner.port));
    std::fs::create_dir_all(folder.join("assets"))?;
    std::fs::write(folder.join("index.html"), "the page")?;
    std::fs::write(folder.join("assets/a.js"), "a script")?;
    runner.page = Some(folder.clone());
    let stage = GatewaySetup::start(runner).await?;
    let lasting = "public, max-age=31536000, immutable";
    let store = format!("http://127.0.0.1:{}", stage.runner.s3_port);
    let wanted = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: {store}; \
         connect-src 'self' {store}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'"
    );
    for (method, path, status, caching, body) in [
        (Method::GET, "/", 200, "no-cache", "the page"),
        (Method::GET, "/documents/1?a=b", 200, "no-cache", "the page"),
        (Method::GET, "/assets/a.js", 200, lasting, "a script"),
        (Method::GET, "/assets/b.js", 404, "no-cache", ""),
        (Method::GET, "/%2e%2e/Cargo.toml", 200, "no-cache", "the page"),
        (Method::POST, "/", 405, "no-cache", ""),
        (Method::GET, "/api", 404, "no-store", "not_found"),
        (Method::GET, "/api/settings", 404, "no-store", "not_found"),
    ] {
        let answer = stage.request(method, path).send().await?;
        assert_eq!(answer.status(), status, "{path}");
        assert_eq!(answer.headers()["cache-control"], caching, "{path}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{path}");
        let policy = answer.headers().get("content-security-policy").map(|policy| policy.to_str().unwrap());
        assert_eq!(policy.is_some(), !path.starts_with("/api"), "{path}");
        assert!(policy.is_none_or(|policy| policy == wanted), "{policy:?}");
        assert!(answer.text().await?.contains(body), "{path}");
    }
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

/// Returns the event with which the function was invoked.
async fn received_event(answer: reqwest::Response) -> Result<Value> {
    assert_eq!(answer.status(), 201);
    Ok(answer.json().await?)
}

#[tokio::test]
async fn a_request_becomes_the_event_that_api_gateway_sends() -> Result<()> {
    let stage = GatewaySetup::new(29).await?;
    let request = stage.request(Method::POST, "/api/documents/a%20b/confirm?x=1%202&y");
    let request = request.header("X-Own", "1").header("x-own", "2").header("cookie", "a=1; b=2");
    let answer = request.header("x-forwarded-for", "203.0.113.9").body("{}").send().await?;
    assert_eq!(answer.headers()["x-function"], "confirm");
    assert_eq!(answer.headers().get_all("x-twice").iter().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(answer.headers().get_all("set-cookie").iter().collect::<Vec<_>>(), ["one=1; Secure", "two=2"]);
    let event = received_event(answer).await?;
    assert_eq!(event["version"], "2.0");
    assert_eq!(event["routeKey"], "POST /api/documents/{id}/confirm");
    assert_eq!(event["rawPath"], "/api/documents/a b/confirm", "AWS decodes it");
    assert_eq!(event["rawQueryString"], "x=1%202&y");
    assert_eq!(event["pathParameters"], json!({"id": "a b"}));
    assert_eq!(event["headers"]["x-own"], "1,2");
    assert_eq!(event["headers"]["cookie"], Value::Null);
    assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("{}"), &json!(false)));
    assert_eq!(event["requestContext"]["http"]["method"], "POST");
    Ok(())
}

#[tokio::test]
async fn the_source_address_is_that_of_the_connection() -> Result<()> {
    let stage = GatewaySetup::new(29).await?;
    let request = stage.request(Method::GET, "/api/documents");
    let event = received_event(request.header("x-forwarded-for", "203.0.113.9").send().await?).await?;
    assert_eq!(event["requestContext"]["http"]["sourceIp"], "127.0.0.2");
    assert_eq!(event["headers"]["x-forwarded-for"], "203.0.113.9, 127.0.0.2");
    Ok(())
}

#[tokio::test]
async fn head_goes_where_get_goes() -> Result<()> {
    let stage = GatewaySetup::new(29).await?;
    let answer = stage.request(Method::HEAD, "/api/documents").send().await?;
    assert_eq!((answer.status().as_u16(), &answer.headers()["x-function"]), (201, &"documents".parse()?));
    assert_eq!(stage.request(Method::HEAD, "/api/auth/login").send().await?.status(), 405);
    let refused = stage.request(Method::PUT, "/api/documents").send().await?;
    assert_eq!(refused.headers()["allow"], "GET,HEAD");
    Ok(())
}

#[tokio::test]
async fn unknown_routes_are_answered_like_errors_of_functions() -> Result<()> {
    let stage = GatewaySetup::new(29).await?;
    for (method, path, status, code) in [
        (Method::GET, "/api/settings", 404, "not_found"),
        (Method::GET, "/", 404, "not_found"),
        (Method::GET, "/api/documents/", 404, "not_found"),
        (Method::PUT, "/api/documents", 405, "method_not_allowed"),
        (Method::GET, "/api/auth/login", 405, "method_not_allowed"),
    ] {
        let answer = stage.request(method, path).send().await?;
        assert_eq!(answer.status(), status, "{path}");
        assert_eq!(answer.headers().contains_key("allow"), status == 405, "{path}");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert!(answer.headers().contains_key("x-request-id"));
        let body: Value = answer.json().await?;
        assert_eq!(body["code"], code, "{path}");
        assert!(body["detail"].is_string());
    }
    assert_eq!(stage.running.most.load(Ordering::SeqCst), 0, "no function was invoked");
    Ok(())
}

#[tokio::test]
async fn a_body_has_at_most_ten_mebibytes() -> Result<()> {
    let stage = GatewaySetup::new(29).await?;
    let bytes = vec![0xff; 10 * 1024 * 1024 + 1];
    let largest = bytes.get(1..).context("a slice")?.to_vec();
    let answer = stage.request(Method::POST, "/api/topics").body(largest.clone()).send().await?;
    let event = received_event(answer).await?;
    assert_eq!(event["isBase64Encoded"], true);
    assert!(STANDARD.decode(event["body"].as_str().context("a body")?)? == largest);
    let answer = stage.request(Method::POST, "/api/topics").body(bytes).send().await?;
    assert_eq!(answer.status(), 413);
    assert_eq!(answer.json::<Value>().await?["code"], "body_too_large");
    Ok(())
}

/// Sends a request whose body starts with these chunks, and returns the gateway's answer.
async fn send_chunks(stage: &GatewaySetup, body: &str) -> Result<String> {
    let mut connection = TcpStream::connect(("127.0.0.1", stage.runner.api_port)).await?;
    let head = "POST /api/topics HTTP/1.1\r\nhost: local\r\ntransfer-encoding: chunked\r\n\r\n";
    connection.write_all(format!("{head}{body}").as_bytes()).await?;
    let mut answer = vec![0; 4096];
    let length = connection.read(&mut answer).await?;
    Ok(String::from_utf8_lossy(answer.get(..length).unwrap_or_default()).into_owned())
}

#[tokio::test]
async fn a_malformed_body_is_answered_400() -> Result<()> {
    let stage = GatewaySetup::new(29).await?;
    let answer = send_chunks(&stage, "zz\r\n").await?;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("body_broken"), "{answer}");
    Ok(())
}

#[tokio::test]
async fn a_body_that_never_ends_times_out() -> Result<()> {
    let stage = GatewaySetup::new(1).await?;
    let answer =
        tokio::time::timeout(Duration::from_secs(20), send_chunks(&stage, "5\r\nhello\r\n")).await??;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("timed_out"), "{answer}");
    Ok(())
}

#[tokio::test]
async fn requests_beyond_a_thousand_are_answered_429_at_once() -> Result<()> {
    rlimit::increase_nofile_limit(u64::MAX)?;
    let stage = GatewaySetup::new(10).await?;
    let mut tasks = JoinSet::new();
    for _ in 0..1_100 {
        let request = stage.request(Method::GET, "/api/documents?60000");
        tasks.spawn(async move {
            let answer = request.send().await?;
            let again = answer.headers().get("retry-after").cloned();
            anyhow::Ok((answer.status().as_u16(), again == Some("1".parse()?)))
        });
    }
    let mut answers = tasks.join_all().await.into_iter().collect::<Result<Vec<_>>>()?;
    answers.sort_unstable();
    assert_eq!(answers, [vec![(429, true); 100], vec![(503, true); 1_000]].concat());
    Ok(())
}

#[tokio::test]
async fn a_failed_function_is_an_internal_error_without_details() -> Result<()> {
    let stage = GatewaySetup::new(29).await?;
    for query in ["fail", "nonsense"] {
        let answer = stage.request(Method::GET, &format!("/api/documents?{query}")).send().await?;
        assert_eq!(answer.status(), 500);
        let id = answer.headers()["x-request-id"].to_str()?.to_owned();
        let detail = format!("internal error, request {id}");
        assert_eq!(answer.json::<Value>().await?, json!({"detail": detail, "code": "internal"}));
    }
    Ok(())
}

#[tokio::test]
async fn unreachable_functions_are_answered_503() -> Result<()> {
    let runner = Runner::prepare().await?;
    let _program = runner.start().await?;
    wait_for_listener(runner.api_port).await?;
    let answer = reqwest::get(format!("http://127.0.0.1:{}/api/documents", runner.api_port)).await?;
    assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (503, &"1".parse()?));
    assert_eq!(answer.json::<Value>().await?["code"], "functions_unreachable");
    Ok(())
}

#[tokio::test]
async fn all_of_five_hundred_requests_are_answered_and_the_emulator_gets_four_at_a_time() -> Result<()> {
    let stage = GatewaySetup::new(29).await?;
    assert_eq!(stage.send_all(500, "/api/documents?5").await?, [201; 500]);
    assert_eq!(stage.running.most.load(Ordering::SeqCst), 4);
    Ok(())
}

#[tokio::test]
async fn slow_requests_are_answered_503_and_count_until_the_function_answers() -> Result<()> {
    let stage = GatewaySetup::new(1).await?;
    let begun = Instant::now();
    assert_eq!(stage.send_all(20, "/api/documents?4000").await?, [503; 20]);
    assert!(begun.elapsed() < Duration::from_millis(3500), "{:?}", begun.elapsed());
    let answer = stage.request(Method::GET, "/api/documents?4000").send().await?;
    assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (503, &"1".parse()?));
    assert_eq!(answer.json::<Value>().await?["code"], "timed_out");
    assert_eq!(stage.running.most.load(Ordering::SeqCst), 4, "requests that were given up still count");
    assert_eq!(stage.send_all(1, "/api/topics").await?, [201], "callers of another function do not wait");
    Ok(())
}
