//! The errors that the gateway itself answers with, in the vault's own format (SPEC section 3).

use std::fmt;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use docuvault::Error;
use serde_json::json;
use uuid::Uuid;

/// Why a request gets no answer from a function.
#[derive(Clone, Copy, Debug)]
pub enum GatewayError {
    /// No route has this path.
    NotFound,
    /// The path has no route for this method.
    MethodNotAllowed,
    /// The body is larger than 10 MiB.
    BodyTooLarge,
    /// The body is malformed or incomplete.
    BodyBroken,
    /// Too many requests for the function are open.
    TooMany,
    /// The time limit of the request is over.
    TimedOut,
    /// The emulator cannot be reached.
    Unreachable,
    /// The function failed or died, or its answer is malformed.
    Failed,
}

impl GatewayError {
    /// Tells a body that is too large from one that cannot be read.
    pub fn from_body_error(error: axum::Error) -> Self {
        if error.into_inner().is::<http_body_util::LengthLimitError>() {
            Self::BodyTooLarge
        } else {
            Self::BodyBroken
        }
    }

    /// The response to the request with this id.
    pub fn into_response(self, id: Uuid) -> Response {
        let mut response = match self {
            Self::NotFound => Error::NotFound.into_response(),
            Self::MethodNotAllowed => Error::MethodNotAllowed.into_response(),
            Self::BodyTooLarge => Error::BodyTooLarge.into_response(),
            Self::BodyBroken => error(StatusCode::BAD_REQUEST, "body_broken", &self.to_string()),
            Self::TooMany => retryable(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", self),
            Self::TimedOut => retryable(StatusCode::SERVICE_UNAVAILABLE, "timed_out", self),
            Self::Unreachable => retryable(StatusCode::SERVICE_UNAVAILABLE, "functions_unreachable", self),
            Self::Failed => {
                error(StatusCode::INTERNAL_SERVER_ERROR, "internal", &format!("{self}, request {id}"))
            }
        };
        docuvault::http::mark(response.headers_mut(), &id.to_string());
        response
    }
}

impl fmt::Display for GatewayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "no route has this path",
            Self::MethodNotAllowed => "the path does not have this method",
            Self::BodyTooLarge => "the body is too large",
            Self::BodyBroken => "the body could not be read",
            Self::TooMany => "too many requests at once; try again",
            Self::TimedOut => "no answer in time; try again",
            Self::Unreachable => "the functions cannot be reached; try again",
            Self::Failed => "internal error",
        })
    }
}

/// A response with `Retry-After: 1`.
fn retryable(status: StatusCode, code: &str, reason: GatewayError) -> Response {
    let mut response = error(status, code, &reason.to_string());
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

fn error(status: StatusCode, code: &str, detail: &str) -> Response {
    (status, Json(json!({ "detail": detail, "code": code }))).into_response()
}
