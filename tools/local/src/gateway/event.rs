//! Builds a function's event from a request: the payload of API Gateway's HTTP API, version 2.0.

use std::net::SocketAddr;

use axum::http::header::{self, HeaderMap, HeaderName};
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::parse_borrowed;
use uuid::Uuid;

use crate::routes::Route;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Returns the event for one request.
///
/// `sourceIp` is the address of the connection. A caller's own `x-forwarded-for` is kept, but proves nothing:
/// the connection's address is appended to it.
pub fn build(route: &Route, parts: &Parts, body: &[u8], caller: SocketAddr, id: Uuid) -> Value {
    let (text, is_base64) = encode_body(body);
    let mut event = json!({
        "version": "2.0",
        "routeKey": route_key(route, parts),
        "rawPath": decode_path(parts.uri.path()),
        "rawQueryString": parts.uri.query().unwrap_or_default(),
        "headers": join_headers(&parts.headers, caller),
        "requestContext": request_context(route, parts, caller, id),
        "pathParameters": path_parameters(&route.path, parts.uri.path()),
        "body": text,
        "isBase64Encoded": is_base64,
    });
    if let (Some(fields), cookies @ [_, ..]) = (event.as_object_mut(), cookies(&parts.headers).as_slice()) {
        fields.insert("cookies".into(), json!(cookies));
    }
    event
}

fn request_context(route: &Route, parts: &Parts, caller: SocketAddr, id: Uuid) -> Value {
    let now = OffsetDateTime::now_utc();
    json!({
        "accountId": "123456789012",
        "apiId": "local",
        "domainName": value(&parts.headers, &header::HOST),
        "domainPrefix": "local",
        "http": {
            "method": parts.method.as_str(),
            "path": decode_path(parts.uri.path()),
            "protocol": format!("{:?}", parts.version),
            "sourceIp": caller.ip(),
            "userAgent": value(&parts.headers, &header::USER_AGENT),
        },
        "requestId": id,
        "routeKey": route_key(route, parts),
        "stage": "$default",
        "time": common_log_time(now),
        "timeEpoch": (now.unix_timestamp_nanos() / 1_000_000) as i64,
    })
}

/// Returns the route key, such as `GET /api/documents/{id}`.
fn route_key(route: &Route, parts: &Parts) -> String {
    format!("{} {}", parts.method, route.path)
}

/// Returns the percent-decoded path, which is what AWS passes on. A path that is not UTF-8 stays encoded.
fn decode_path(path: &str) -> String {
    percent_decode_str(path).decode_utf8().map_or_else(|_| path.to_owned(), Into::into)
}

fn path_parameters(pattern: &str, path: &str) -> Map<String, Value> {
    let pairs = pattern.split('/').zip(path.split('/'));
    let named = pairs
        .filter_map(|(name, part)| Some((name.strip_prefix('{')?.strip_suffix('}')?, decode_path(part))));
    named.map(|(name, part)| (name.to_owned(), part.into())).collect()
}

/// Returns the headers, with lower-case names. Several values of one name are joined by commas. Cookies have
/// a field of their own.
fn join_headers(sent: &HeaderMap, caller: SocketAddr) -> Map<String, Value> {
    let mut headers: Map<_, _> = sent
        .keys()
        .filter(|name| **name != header::COOKIE)
        .map(|name| (name.as_str().to_owned(), value(sent, name).into()))
        .collect();
    let before = sent.contains_key(FORWARDED_FOR).then(|| value(sent, &FORWARDED_FOR) + ", ");
    let chain = format!("{}{}", before.unwrap_or_default(), caller.ip());
    headers.insert(FORWARDED_FOR.as_str().into(), chain.into());
    headers.insert("x-forwarded-proto".into(), "http".into());
    headers
}

fn cookies(sent: &HeaderMap) -> Vec<String> {
    let all = value(sent, &header::COOKIE);
    all.split(';').map(str::trim).filter(|cookie| !cookie.is_empty()).map(str::to_owned).collect()
}

fn value(sent: &HeaderMap, name: &HeaderName) -> String {
    let separator = if *name == header::COOKIE { "; " } else { "," };
    let values =
        sent.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    values.collect::<Vec<_>>().join(separator)
}

/// Returns the body as text, or in Base64 if it is not UTF-8; and whether it is Base64.
fn encode_body(body: &[u8]) -> (Value, bool) {
    match std::str::from_utf8(body) {
        Ok("") => (Value::Null, false),
        Ok(text) => (text.into(), false),
        Err(_) => (STANDARD.encode(body).into(), true),
    }
}

/// Returns a time such as `02/Mar/2026:09:30:00 +0000`.
fn common_log_time(now: OffsetDateTime) -> String {
    parse_borrowed::<2>("[day]/[month repr:short]/[year]:[hour]:[minute]:[second] +0000")
        .ok()
        .and_then(|format| now.format(&format).ok())
        .unwrap_or_default()
}
