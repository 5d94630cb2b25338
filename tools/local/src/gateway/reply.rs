//! A function's answer as API Gateway reads it.

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

/// The response, if the answer is one.
pub fn read(answer: &[u8]) -> Option<Response> {
    let reply: Reply = serde_json::from_slice(answer).ok()?;
    let body = reply.body.unwrap_or_default();
    let body = if reply.is_base64_encoded { STANDARD.decode(body).ok()? } else { body.into_bytes() };
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(reply.status_code).ok()?;
    let headers = response.headers_mut();
    for (name, value) in &reply.headers {
        replace(headers, name, std::slice::from_ref(value))?;
    }
    for (name, values) in &reply.multi_value_headers {
        replace(headers, name, values)?;
    }
    for cookie in &reply.cookies {
        headers.append(SET_COOKIE, HeaderValue::try_from(cookie).ok()?);
    }
    Some(response)
}

/// A name that stands in both maps is told once.
fn replace(headers: &mut HeaderMap, name: &str, values: &[String]) -> Option<()> {
    let name = HeaderName::try_from(name).ok()?;
    headers.remove(&name);
    for value in values {
        headers.append(&name, HeaderValue::try_from(value).ok()?);
    }
    Some(())
}
