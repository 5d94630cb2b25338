//! Events that API Gateway never sends, and anybody who may invoke the function can.

use axum::http::{Uri, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_http::request::LambdaRequest;
use lambda_runtime::LambdaEvent;

/// The longest path and query, in bytes: what API Gateway takes for a request line and all headers.
const MAX_TARGET_BYTES: usize = 10_240;

/// `lambda_http` panics where scheme, host, path and query are no URI and where a body is not the base64 it
/// claims to be. Such an event goes on without the part: it names no route, or has no body, and is refused
/// like any other of that kind. The host is always dropped: no function asks by which name it was called.
pub(super) fn repair(mut event: LambdaEvent<LambdaRequest>) -> LambdaEvent<LambdaRequest> {
    let LambdaRequest::ApiGatewayV2(request) = &mut event.payload else { return event };
    request.headers.remove(header::HOST);
    request.request_context.domain_name = None;
    let path = request.raw_path.as_deref().unwrap_or_default();
    let query = request.raw_query_string.as_deref().unwrap_or_default();
    let target = format!("{path}?{query}");
    // API Gateway decodes the path: what was `%3F` or `%23` would end it.
    let is_path = path.starts_with('/') && !path.contains(['?', '#']);
    if !is_path || target.len() > MAX_TARGET_BYTES || target.parse::<Uri>().is_err() {
        request.raw_path = Some("/".into());
        request.raw_query_string = None;
    }
    if request.is_base64_encoded && request.body.as_ref().is_some_and(|body| STANDARD.decode(body).is_err()) {
        request.body = None;
    }
    event
}
