//! What the gateway answers in a function's place, in the vault's own form (SPEC section 3).

use std::fmt;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use docuvault::Error;
use serde_json::json;
use uuid::Uuid;

/// Why there is no answer of a function.
#[derive(Clone, Copy, Debug)]
pub enum Refusal {
    /// No route has the path.
    NotFound,
    /// The path has no such method.
    MethodNotAllowed,
    /// The body is larger than API Gateway admits.
    BodyTooLarge,
    /// The body did not arrive as a whole.
    BodyBroken,
    /// Too many wait for the function.
    TooMany,
    /// The integration's time is over.
    TimedOut,
    /// The emulator is away.
    Unreachable,
    /// The function failed or died, or its answer is none.
    Failed,
}

impl Refusal {
    /// Why a body could not be read.
    pub fn of_body(error: axum::Error) -> Self {
        if error.into_inner().is::<http_body_util::LengthLimitError>() {
            Self::BodyTooLarge
        } else {
            Self::BodyBroken
        }
    }

    /// The answer to the request of this id.
    pub fn answer(self, id: Uuid) -> Response {
        let mut response = match self {
            Self::NotFound => Error::NotFound.into_response(),
            Self::MethodNotAllowed => Error::MethodNotAllowed.into_response(),
            Self::BodyTooLarge => Error::BodyTooLarge.into_response(),
            Self::BodyBroken => problem(StatusCode::BAD_REQUEST, "body_broken", &self.to_string()),
            Self::TooMany => again(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", self),
            Self::TimedOut => again(StatusCode::SERVICE_UNAVAILABLE, "timed_out", self),
            Self::Unreachable => again(StatusCode::SERVICE_UNAVAILABLE, "functions_unreachable", self),
            Self::Failed => {
                problem(StatusCode::INTERNAL_SERVER_ERROR, "internal", &format!("{self}, request {id}"))
            }
        };
        docuvault::http::mark(response.headers_mut(), &id.to_string());
        response
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "no such route",
            Self::MethodNotAllowed => "no such method",
            Self::BodyTooLarge => "the body is too large",
            Self::BodyBroken => "the body is broken",
            Self::TooMany => "too many requests at once; try again",
            Self::TimedOut => "no answer in time; try again",
            Self::Unreachable => "the functions are unreachable; try again",
            Self::Failed => "internal error",
        })
    }
}

fn again(status: StatusCode, code: &str, refusal: Refusal) -> Response {
    let mut response = problem(status, code, &refusal.to_string());
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

fn problem(status: StatusCode, code: &str, detail: &str) -> Response {
    (status, Json(json!({ "detail": detail, "code": code }))).into_response()
}
