//! What an error is on the wire: status, code, detail.

use std::sync::Arc;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::Error;

/// The error behind a response, for the log.
#[derive(Clone)]
pub(super) struct Cause(pub Arc<Error>);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, code) = status_and_code(&self);
        let detail = match &self {
            Self::QuotaExceeded(refusal) => json!(refusal),
            Self::DatabaseUnreachable(_) => json!("the database is unreachable; try again"),
            Self::Storage(_) => json!("the object store is unreachable; try again"),
            Self::Queue(_) => json!("the queue is unreachable; try again"),
            _ => json!(self.to_string()),
        };
        let mut response = (status, Json(json!({"detail": detail, "code": code}))).into_response();
        if let Some(wait) = self.retry_after() {
            response.headers_mut().insert(header::RETRY_AFTER, wait.as_secs().into());
        }
        if status == StatusCode::UNAUTHORIZED {
            // RFC 9110, section 11.6.1: a 401 names the scheme that is asked for.
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(Cause(Arc::new(self)));
        response
    }
}

/// A defect of ours says nothing but where to find it in the log.
pub(super) fn internal(request_id: &str) -> impl IntoResponse + use<> {
    let detail = format!("internal error, request {request_id}");
    (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({"detail": detail, "code": "internal"})))
}

/// The stable name that clients may rely on.
pub(super) fn code(error: &Error) -> &'static str {
    status_and_code(error).1
}

fn status_and_code(error: &Error) -> (StatusCode, &'static str) {
    match error {
        Error::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthenticated"),
        Error::InvalidCredentials => (StatusCode::UNAUTHORIZED, "invalid_credentials"),
        Error::WrongRole(_) => (StatusCode::FORBIDDEN, "wrong_role"),
        Error::PasswordChangeOwed => (StatusCode::FORBIDDEN, "password_change_owed"),
        Error::NotFound => (StatusCode::NOT_FOUND, "not_found"),
        Error::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
        Error::EmailTaken => (StatusCode::CONFLICT, "email_taken"),
        Error::TopicExists => (StatusCode::CONFLICT, "topic_exists"),
        Error::TooManyTopics(_) => (StatusCode::CONFLICT, "too_many_topics"),
        Error::QuotaExceeded(_) => (StatusCode::PAYLOAD_TOO_LARGE, "quota_exceeded"),
        Error::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
        Error::UnsupportedMediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
        Error::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
        Error::UploadNotFound => (StatusCode::UNPROCESSABLE_ENTITY, "upload_not_found"),
        Error::UploadMismatch(_) | Error::UploadAltered => {
            (StatusCode::UNPROCESSABLE_ENTITY, "upload_mismatch")
        }
        Error::TooManyPending { .. } => (StatusCode::TOO_MANY_REQUESTS, "too_many_pending"),
        Error::TooManyUploads { .. } => (StatusCode::TOO_MANY_REQUESTS, "too_many_uploads"),
        Error::TooManyClassifications { .. } => (StatusCode::TOO_MANY_REQUESTS, "too_many_classifications"),
        Error::DatabaseUnreachable(_) => (StatusCode::SERVICE_UNAVAILABLE, "database_unreachable"),
        Error::Storage(_) => (StatusCode::SERVICE_UNAVAILABLE, "store_unreachable"),
        Error::Queue(_) => (StatusCode::SERVICE_UNAVAILABLE, "queue_unreachable"),
        Error::Database(_) | Error::PutOff { .. } | Error::Internal(_) => {
            (StatusCode::INTERNAL_SERVER_ERROR, "internal")
        }
    }
}
