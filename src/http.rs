//! HTTP: the statuses, headers and error bodies of all answers. No other module decides them.

mod answer;
mod code;
mod cookie;
mod event;
mod extract;
mod origin;
mod routes;
mod visit;

use std::time::Instant;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use lambda_http::{Adapter, RequestExt as _};
use lambda_runtime::Runtime;
use lambda_runtime::layers::TracingLayer;
use lambda_runtime::tower::ServiceBuilder;
use lambda_runtime::tower::layer::layer_fn;

use crate::Error;
use crate::telemetry::TracedInvocations;
use crate::trace::{TRACEPARENT, Trace};

pub use answer::error_response;
pub use code::Code;
pub use cookie::{Cookie, Cookies, answer_started, set_cookies};
pub use extract::{Json, Path, Query};
pub use origin::KnownOrigin;
pub use routes::{add_route, paste};

/// The size of the largest request body, in bytes. Documents are uploaded directly to the store, and never in
/// a request body.
const MAX_BODY_BYTES: usize = 64 * 1024;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The header that names the caller's trace.
const TRACE: HeaderName = HeaderName::from_static(TRACEPARENT);

/// Handles requests that API Gateway sends through Lambda, until Lambda ends the sandbox.
pub async fn run(routes: Router) -> Result<(), lambda_http::Error> {
    let service = ServiceBuilder::new().map_request(event::repair).service(Adapter::from(add_layers(routes)));
    Runtime::new(service).layer(TracingLayer::new()).layer(layer_fn(TracedInvocations)).run().await
}

/// Adds the common behaviour of all functions to the routes: the headers of each answer, errors for unknown
/// paths and methods, the limit of request bodies, the trace of each request, and one log line for it.
pub fn add_layers(routes: Router) -> Router {
    routes
        .fallback(async || Error::NotFound)
        .method_not_allowed_fallback(async || Error::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn(handle_request))
}

/// Handles a request in the trace that its caller names.
async fn handle_request(request: Request, next: Next) -> Response {
    read_trace(request.headers()).scope(finish_response(request, next)).await
}

/// Returns the trace that the caller names, or that of the invocation. Two headers are not valid.
fn read_trace(headers: &HeaderMap) -> Trace {
    let mut values = headers.get_all(TRACE).iter();
    let only = values.next().filter(|_| values.next().is_none());
    Trace::continue_from(only.and_then(|value| value.to_str().ok()))
}

/// Sets the common headers of an answer, and logs the request. Neither body nor query is logged. The
/// request's id is in the span of Lambda's runtime.
async fn finish_response(mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let id = request
        .lambda_context_ref()
        .map_or_else(|| uuid::Uuid::now_v7().to_string(), |context| context.request_id.clone());
    request.extensions_mut().insert(visit::RequestId(id.clone()));
    let (method, route) = (request.method().clone(), request.extensions().get::<MatchedPath>().cloned());
    let mut response = next.run(request).await;
    log_request(&method, route.as_ref().map(MatchedPath::as_str), &mut response, begun);
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR {
        response = answer::internal_error(&id);
    }
    set_common_headers(response.headers_mut(), &id);
    response
}

/// Logs the end of a request. `route` is `None` if no route has the request's path.
fn log_request(method: &Method, route: Option<&str>, response: &mut Response, begun: Instant) {
    let (status, duration_us) = (response.status().as_u16(), begun.elapsed().as_micros() as u64);
    let (method, cause) = (method.as_str(), response.extensions_mut().remove::<answer::Cause>());
    match cause.as_ref().map(|cause| &*cause.0) {
        None => tracing::info!(method, route, status, duration_us, "request answered"),
        Some(error) if status < 500 => {
            let code = answer::code_of(error).as_str();
            tracing::info!(method, route, status, code, duration_us, "request refused");
        }
        Some(error) => tracing::error!(method, route, status, %error, duration_us, "request failed"),
    }
}

/// Sets the headers that every answer has. They forbid caching, forbid browsers to guess the content type,
/// and contain the request's id.
pub fn set_common_headers(headers: &mut HeaderMap, id: &str) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
}
