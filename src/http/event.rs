//! The events of API Gateway in both of its formats, and the repair of malformed ones. API Gateway never
//! sends malformed events, but any AWS identity with the right to invoke the function can.

use axum::http::{Uri, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayV2httpRequest};
use lambda_http::request::LambdaRequest;
use lambda_runtime::LambdaEvent;
use serde::de::{Deserialize, Deserializer, Error as _};
use serde_json::value::RawValue;

/// The most bytes of a path and a query together: the limit of API Gateway for the request line and all
/// headers.
const MAX_TARGET_BYTES: usize = 10_240;

/// An event of an HTTP API (payload format 2.0) or of a REST API (format 1.0).
pub(super) struct GatewayEvent(LambdaRequest);

impl<'de> Deserialize<'de> for GatewayEvent {
    /// Reads format 2.0 first, because the template has an HTTP API. `lambda_http` would first try format
    /// 1.0, and so read most events twice. An event of one format lacks a field that the other requires.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let event = Box::<RawValue>::deserialize(deserializer)?;
        serde_json::from_str(event.get())
            .map(LambdaRequest::ApiGatewayV2)
            .or_else(|_| serde_json::from_str(event.get()).map(LambdaRequest::ApiGatewayV1))
            .map(Self)
            .map_err(|_| D::Error::custom("the event is not a request of API Gateway"))
    }
}

/// Prepares an event for `lambda_http`. Removes the name of the stage from the path, so that all stages have
/// the same routes. Removes parts with which `lambda_http` would panic: a path or a query that is no URI, and
/// a body that is declared as base64 but is not. Without them, no route matches or the body is missing, and
/// the request is refused as usual. Always removes the host, because no function uses it.
pub(super) fn repair(event: LambdaEvent<GatewayEvent>) -> LambdaEvent<LambdaRequest> {
    let LambdaEvent { payload: GatewayEvent(mut payload), context } = event;
    match &mut payload {
        LambdaRequest::ApiGatewayV2(request) => repair_http_api(request),
        LambdaRequest::ApiGatewayV1(request) => repair_rest_api(request),
        _ => {}
    }
    LambdaEvent { payload, context }
}

fn repair_http_api(request: &mut ApiGatewayV2httpRequest) {
    request.headers.remove(header::HOST);
    request.request_context.domain_name = None;
    remove_stage(&mut request.request_context.stage, &mut request.raw_path);
    if !is_target(request.raw_path.as_deref(), request.raw_query_string.as_deref().unwrap_or_default()) {
        (request.raw_path, request.raw_query_string) = (Some("/".into()), None);
    }
    remove_broken_body(request.is_base64_encoded, &mut request.body);
}

fn repair_rest_api(request: &mut ApiGatewayProxyRequest) {
    request.headers.remove(header::HOST);
    request.multi_value_headers.remove(header::HOST);
    request.request_context.domain_name = None;
    // The path of a REST API does not contain the stage.
    request.request_context.stage = None;
    // Where both maps have parameters, the first one has all of them.
    let (all, first) =
        (&mut request.multi_value_query_string_parameters, &mut request.query_string_parameters);
    let query = if all.is_empty() { first.to_query_string() } else { all.to_query_string() };
    if !is_target(request.path.as_deref(), &query) {
        request.path = Some("/".into());
        (*all, *first) = Default::default();
    }
    remove_broken_body(request.is_base64_encoded, &mut request.body);
}

/// Removes the name of the stage, with which the paths of an HTTP API begin, except those of its default
/// stage. `lambda_http` would add the name to paths that do not have it.
fn remove_stage(stage: &mut Option<String>, path: &mut Option<String>) {
    let Some(stage) = stage.take() else { return };
    let rest = path.as_deref().and_then(|path| path.strip_prefix('/')?.strip_prefix(&*stage));
    if let Some(rest) = rest.filter(|rest| rest.starts_with('/')) {
        *path = Some(rest.to_owned());
    }
}

/// Returns true if the path and the query are those of a URI. API Gateway decodes the path: what was `%3F` or
/// `%23` would end it.
fn is_target(path: Option<&str>, query: &str) -> bool {
    let path = path.unwrap_or_default();
    let target = format!("{path}?{query}");
    let is_path = path.starts_with('/') && !path.contains(['?', '#']);
    is_path && target.len() <= MAX_TARGET_BYTES && target.parse::<Uri>().is_ok()
}

fn remove_broken_body(is_base64: bool, body: &mut Option<String>) {
    if is_base64 && body.as_ref().is_some_and(|body| STANDARD.decode(body).is_err()) {
        *body = None;
    }
}
