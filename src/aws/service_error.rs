//! Errors of S3, or the object store in its place, of SQS and of Secrets Manager.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId as _;

use super::status;
use crate::error::Source;

/// An error of a service. Its text contains no URL and no object key, and neither do the texts
/// of its sources. The service's own message may contain them, and is left out.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The service did not answer in time.
    #[error("the service did not answer in time")]
    Timeout,
    /// The request could not be built or signed.
    #[error("the request could not be built")]
    Invalid(#[source] Source),
    /// The request could not be sent, or the connection broke.
    #[error("{what}")]
    Connection {
        /// A description of what failed.
        what: &'static str,
        /// The cause.
        source: Source,
    },
    /// The service refused the request.
    #[error("{status} {code}, request {}", .request_id.as_deref().unwrap_or("without an id"))]
    Refused {
        /// The HTTP status of the response.
        status: u16,
        /// The service's error code.
        code: String,
        /// The service's id of the request. Without it, the answer may be another server's.
        request_id: Option<String>,
    },
}

impl ServiceError {
    /// Creates the error for an error response. The response may lack a code and a request id.
    pub fn from_refusal(status: u16, code: Option<&str>, request_id: Option<&str>) -> Self {
        let code = code.unwrap_or("without a code").to_owned();
        Self::Refused { status, code, request_id: request_id.map(str::to_owned) }
    }

    /// Returns true if the service itself answered that it does not allow the request, or cannot fulfil it. A
    /// repetition gets the same answer, until somebody changes rights, keys or the thing that is asked for.
    pub const fn is_permanent(&self) -> bool {
        matches!(self, Self::Refused { status: 400 | 403, request_id: Some(_), .. })
    }
}

impl<E> From<SdkError<E, HttpResponse>> for ServiceError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        if let Some(status) = status(&error) {
            return Self::from_refusal(status, error.code(), error.request_id());
        }
        let wrap: fn(Source) -> Self = match error {
            SdkError::TimeoutError(_) => return Self::Timeout,
            SdkError::ConstructionFailure(_) => Self::Invalid,
            _ => |source| Self::Connection { what: "the connection failed", source },
        };
        error.into_source().map_or(Self::Timeout, wrap)
    }
}
