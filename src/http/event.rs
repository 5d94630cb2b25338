//! The repair of malformed events. API Gateway never sends such events, but any AWS identity with the right
//! to invoke the function can.

use axum::http::{Uri, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_http::request::LambdaRequest;
use lambda_runtime::LambdaEvent;

/// The most bytes of a path and a query together: the limit of API Gateway for the request line and all
/// headers.
const MAX_TARGET_BYTES: usize = 10_240;

/// Removes the parts of an event with which `lambda_http` would panic: a path or a query that is no URI, and
/// a body that is declared as base64 but is not. Without them, no route matches or the body is missing, and
/// the request is refused as usual. The host is always removed, because no function uses it.
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
