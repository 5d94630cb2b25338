//! Turns a function's answer into an HTTP response, as API Gateway does.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::http::header::{HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply {
    status_code: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    multi_value_headers: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    cookies: Vec<String>,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// Returns the HTTP response, or `None` if the function's answer is malformed.
pub fn parse(answer: &[u8]) -> Option<Response> {
    let reply: Reply = serde_json::from_slice(answer).ok()?;
    let body = reply.body.unwrap_or_default();
    let body = if reply.is_base64_encoded { STANDARD.decode(body).ok()? } else { body.into_bytes() };
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(reply.status_code).ok()?;
    let headers = response.headers_mut();
    for (name, value) in &reply.headers {
        set_header(headers, name, std::slice::from_ref(value))?;
    }
    for (name, values) in &reply.multi_value_headers {
        set_header(headers, name, values)?;
    }
    for cookie in &reply.cookies {
        headers.append(SET_COOKIE, HeaderValue::try_from(cookie).ok()?);
    }
    Some(response)
}

/// Sets a header, and replaces earlier values: a name may be in both `headers` and `multiValueHeaders`.
fn set_header(headers: &mut HeaderMap, name: &str, values: &[String]) -> Option<()> {
    let name = HeaderName::try_from(name).ok()?;
    headers.remove(&name);
    for value in values {
        headers.append(&name, HeaderValue::try_from(value).ok()?);
    }
    Some(())
}
