//! Events of API Gateway for a browser's requests, and of the queue for a document.

use docuvault::auth::User;
use docuvault::id::DocumentId;
use serde_json::{Value, json};
use tests::WEB_ORIGIN;

/// An event, and the status that its answer must have.
#[derive(Clone)]
pub struct Request {
    /// A description of the request, for error messages.
    pub what: String,
    /// The event as JSON.
    pub event: String,
    /// The status that the answer must have, if the answer has one.
    pub status: Option<u64>,
}

/// The caller of a request.
pub struct Caller {
    /// The user and the session. The floor reads them from headers, because it checks no token.
    pub user: User,
    /// An access token.
    pub token: String,
}

impl Request {
    /// Adds a cookie to a request to a function with routes.
    pub fn with_cookie(self, cookie: &str) -> serde_json::Result<Self> {
        let mut event: Value = serde_json::from_str(&self.event)?;
        if let Some(event) = event.as_object_mut() {
            event.insert("cookies".into(), json!([cookie]));
        }
        Ok(Self { event: event.to_string(), ..self })
    }
}

/// Builds a request to a function with routes.
pub fn http_request(caller: &Caller, method: &str, path: &str, body: Option<Value>, status: u64) -> Request {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut headers = json!({
        "accept": "application/json",
        "accept-encoding": "gzip, deflate, br, zstd",
        "accept-language": "en-GB,en;q=0.5",
        "authorization": format!("Bearer {}", caller.token),
        "host": "api.example.com",
        "origin": WEB_ORIGIN,
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "x-amzn-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793",
        "x-forwarded-for": "192.0.2.1",
        "x-session": caller.user.session,
        "x-user": caller.user.id,
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

/// Builds an event with a nudge for a document.
pub fn nudge(id: &DocumentId) -> Request {
    let body = json!({"document_id": id}).to_string();
    let record = json!({"messageId": "bench", "receiptHandle": "bench", "body": body});
    Request { what: "a nudge".into(), event: json!({"Records": [record]}).to_string(), status: None }
}
