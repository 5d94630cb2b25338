//! Events as API Gateway sends them for a browser's requests, and the queue for a document.

use docuvault::id::{DocumentId, UserId};
use serde_json::{Value, json};

/// An event, and how it must be answered.
#[derive(Clone)]
pub struct Request {
    /// What is asked, for people.
    pub what: String,
    /// The event.
    pub event: String,
    /// The status that the answer must have, where it has one.
    pub status: Option<u64>,
}

/// Who asks.
pub struct Caller {
    /// Known to the vault by the token; told to the floor, which checks none.
    pub user: UserId,
    /// An access token.
    pub token: String,
}

/// A request to a function with routes.
pub fn http(caller: &Caller, method: &str, path: &str, body: Option<Value>, status: u64) -> Request {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut headers = json!({
        "accept": "application/json",
        "accept-encoding": "gzip, deflate, br, zstd",
        "accept-language": "en-GB,en;q=0.5",
        "authorization": format!("Bearer {}", caller.token),
        "host": "api.example.com",
        "origin": "https://example.com",
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "x-amzn-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793",
        "x-forwarded-for": "192.0.2.1",
        "x-user": caller.user,
    });
    if let (Some(_), Some(headers)) = (&body, headers.as_object_mut()) {
        headers.insert("content-type".into(), "application/json".into());
    }
    let context = json!({
        "accountId": "123456789012", "apiId": "bench", "domainName": "api.example.com", "domainPrefix": "api",
        "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "bench"},
        "requestId": "bench", "routeKey": "$default", "stage": "$default",
        "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 1_767_225_600_000_i64,
    });
    let event = json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query, "headers": headers,
        "requestContext": context, "body": body.map(|body| body.to_string()), "isBase64Encoded": false,
    });
    Request { what: format!("{method} {path}"), event: event.to_string(), status: Some(status) }
}

/// A message about a document.
pub fn nudge(id: &DocumentId) -> Request {
    let body = json!({"document_id": id}).to_string();
    let record = json!({"messageId": "bench", "receiptHandle": "bench", "body": body});
    Request { what: "a message".into(), event: json!({"Records": [record]}).to_string(), status: None }
}
