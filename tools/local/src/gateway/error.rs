//! The errors with which the gateway itself answers, in the format of the vault's errors (SPEC section 3).

use std::fmt;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use docuvault::Error;
use docuvault::http::{Code, error_response};
use uuid::Uuid;

/// A reason why a request gets no answer from a function.
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
    /// Distinguishes a body that is too large from one that cannot be read.
    pub fn from_body_error(error: axum::Error) -> Self {
        if error.into_inner().is::<http_body_util::LengthLimitError>() {
            Self::BodyTooLarge
        } else {
            Self::BodyBroken
        }
    }

    /// Returns the response to the request with this id.
    pub fn into_response(self, id: Uuid) -> Response {
        let mut response = match self {
            Self::NotFound => Error::NotFound.into_response(),
            Self::MethodNotAllowed => Error::MethodNotAllowed.into_response(),
            Self::BodyTooLarge => Error::BodyTooLarge.into_response(),
            Self::BodyBroken => error_response(Code::BodyBroken, self.to_string()),
            Self::TooMany => retryable_response(Code::TooManyRequests, self),
            Self::TimedOut => retryable_response(Code::TimedOut, self),
            Self::Unreachable => retryable_response(Code::FunctionsUnreachable, self),
            Self::Failed => error_response(Code::Internal, format!("{self}, request {id}")),
        };
        docuvault::http::set_common_headers(response.headers_mut(), &id.to_string());
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

/// Returns a response with `Retry-After: 1`.
fn retryable_response(code: Code, reason: GatewayError) -> Response {
    let mut response = error_response(code, reason.to_string());
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}
