//! The HTTP response to an error: its status, its code and its detail.

use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::code::Code;
use super::extract::Json;
use crate::Error;

/// The body of an error response.
#[derive(Serialize)]
struct ErrorBody<D> {
    /// The stable code of the error, for programs.
    code: Code,
    /// The description of the error, for people. Its wording may change.
    detail: D,
}

/// Builds the response to an error. Its status is the status of the code.
pub fn error_response(code: Code, detail: impl Serialize) -> Response {
    let mut response = (code.status(), Json(ErrorBody { code, detail })).into_response();
    if code.status() == StatusCode::UNAUTHORIZED {
        // RFC 9110, section 11.6.1: a 401 response must name an authentication scheme.
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// The error that caused a response. It is logged, and not sent to the client.
#[derive(Clone)]
pub(super) struct Cause(pub Arc<Error>);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let code = code_of(&self);
        let mut response = match &self {
            Self::QuotaExceeded(refusal) => error_response(code, refusal),
            Self::DatabaseUnreachable(_) => error_response(code, "the database is unreachable; try again"),
            Self::Storage(_) => error_response(code, "the object store is unreachable; try again"),
            Self::Queue(_) => error_response(code, "the queue is unreachable; try again"),
            Self::Secret(_) => error_response(code, "a secret of the service is unavailable; try again"),
            _ => error_response(code, self.to_string()),
        };
        if let Some(wait) = self.retry_after() {
            response.headers_mut().insert(header::RETRY_AFTER, wait.as_secs().into());
        }
        response.extensions_mut().insert(Cause(Arc::new(self)));
        response
    }
}

/// Builds the response to a defect of the vault. It contains only the request's id, by which the cause can be
/// found in the log.
pub(super) fn internal_error(request_id: &str) -> Response {
    error_response(Code::Internal, format!("internal error, request {request_id}"))
}

/// Returns the code that a client gets for an error.
pub(super) const fn code_of(error: &Error) -> Code {
    match error {
        Error::Unauthenticated => Code::Unauthenticated,
        Error::InvalidCredentials => Code::InvalidCredentials,
        Error::SessionEnded => Code::SessionEnded,
        Error::WrongOrigin => Code::WrongOrigin,
        Error::InvalidCode => Code::InvalidCode,
        Error::InvalidChallenge => Code::InvalidChallenge,
        Error::TotpEnabled => Code::TotpEnabled,
        Error::TotpNotSetUp => Code::TotpNotSetUp,
        Error::TotpNotEnabled => Code::TotpNotEnabled,
        Error::WrongRole(_) => Code::WrongRole,
        Error::PasswordChangeOwed => Code::PasswordChangeOwed,
        Error::FactorOwed => Code::FactorOwed,
        Error::TemporaryPasswordExpired => Code::TemporaryPasswordExpired,
        Error::RegistrationClosed => Code::RegistrationClosed,
        Error::TooManyAttempts { .. } => Code::TooManyAttempts,
        Error::NotFound => Code::NotFound,
        Error::MethodNotAllowed => Code::MethodNotAllowed,
        Error::EmailTaken => Code::EmailTaken,
        Error::PasskeyRefused | Error::PasskeyCopied => Code::PasskeyRefused,
        Error::PasskeyExists => Code::PasskeyExists,
        Error::TooManyPasskeys(_) => Code::TooManyPasskeys,
        Error::OwnAccount => Code::OwnAccount,
        Error::LastAdministrator => Code::LastAdministrator,
        Error::LinkInvalid => Code::LinkInvalid,
        Error::TopicExists => Code::TopicExists,
        Error::TooManyTopics(_) => Code::TooManyTopics,
        Error::QuotaExceeded(_) => Code::QuotaExceeded,
        Error::BodyTooLarge => Code::BodyTooLarge,
        Error::UnsupportedMediaType => Code::UnsupportedMediaType,
        Error::Invalid(_) => Code::Invalid,
        Error::UploadNotFound => Code::UploadNotFound,
        Error::UploadMismatch(_) | Error::UploadAltered => Code::UploadMismatch,
        Error::TooManyPending { .. } => Code::TooManyPending,
        Error::TooManyUploads { .. } => Code::TooManyUploads,
        Error::TooManyClassifications { .. } => Code::TooManyClassifications,
        Error::DatabaseUnreachable(_) => Code::DatabaseUnreachable,
        Error::Storage(_) => Code::StoreUnreachable,
        Error::Queue(_) => Code::QueueUnreachable,
        Error::Secret(_) => Code::SecretUnavailable,
        Error::Database(_) | Error::PutOff { .. } | Error::Internal(_) => Code::Internal,
    }
}
