//! The one error type. It says what happened, in the vault's terms; `http` alone decides status and wording
//! on the wire.

mod source;

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use crate::role::Role;
pub use source::{Source, chain};

/// What every operation of the vault returns.
pub type Result<T> = std::result::Result<T, Error>;

/// Everything that can keep an operation from its answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No token, a bad one, or one of an account that is gone or inactive.
    #[error("not signed in")]
    Unauthenticated,
    /// Wrong address or password: which of them is not told.
    #[error("the e-mail address or the password is wrong")]
    InvalidCredentials,
    /// Signed in, but not as what is asked for here: administrators see no documents (SPEC section 6), users
    /// manage nothing.
    #[error("this is for accounts whose role is {}", .0.as_str())]
    WrongRole(Role),
    /// The account's password was given by somebody else and must be changed first.
    #[error("change your password first")]
    PasswordChangeOwed,
    /// Absent, or somebody else's: the two are one answer.
    #[error("not found")]
    NotFound,
    /// The path exists, the method does not.
    #[error("this path does not take that method")]
    MethodNotAllowed,
    /// The address has an account already.
    #[error("this e-mail address is taken")]
    EmailTaken,
    /// The caller sees a topic of this name already.
    #[error("there is a topic of this name already")]
    TopicExists,
    /// The user has made as many topics as allowed; the count is the limit.
    #[error("you have made {0} topics, the most allowed; delete some")]
    TooManyTopics(u32),
    /// The document does not fit what is left, or exceeds the largest allowed object.
    #[error("over quota")]
    QuotaExceeded(Refusal),
    /// The user holds as many live upload URLs as allowed: of pending uploads, and of deleted ones.
    #[error(
        "you have {most} upload URLs that are still alive, the most allowed; confirm what is uploaded, or wait"
    )]
    TooManyPending {
        /// How many are allowed.
        most: u32,
        /// How long until one of them expires.
        retry_after: Duration,
    },
    /// The user has asked for as many upload URLs within an hour as allowed.
    #[error("you have begun {most} uploads within an hour, the most allowed")]
    TooManyUploads {
        /// How many are allowed.
        most: u32,
        /// How long until the hour is over.
        retry_after: Duration,
    },
    /// The user has had as many documents classified again within an hour as allowed.
    #[error("you have had documents classified again {most} times within an hour, the most allowed")]
    TooManyClassifications {
        /// How many are allowed.
        most: u32,
        /// How long until the hour is over.
        retry_after: Duration,
    },
    /// Confirmed before the object arrived; nothing changed.
    #[error("Upload not found")]
    UploadNotFound,
    /// The stored object is not the declared one; it is gone, and so is the row.
    #[error("the stored object's {0} is not the declared one; the upload is discarded, start again")]
    UploadMismatch(&'static str),
    /// The object was put with headers that the URL does not say, and can't be read as it was sent; it is
    /// gone, and so is the row.
    #[error(
        "the object was stored with headers that were not given, and can't be read as sent; the upload is discarded: start again, \
         and send the given headers only"
    )]
    UploadAltered,
    /// The request can't be understood; the text says what to change.
    #[error("{0}")]
    Invalid(String),
    /// A body that is not declared as JSON.
    #[error("send the body as application/json")]
    UnsupportedMediaType,
    /// A request body over the limit of the API itself.
    #[error("the request body is too large")]
    BodyTooLarge,
    /// Postgres could not be reached or did not answer in time; nothing is known to have changed.
    #[error("the database is unreachable: {}", chain(.0.as_ref()))]
    DatabaseUnreachable(#[source] Source),
    /// Postgres refused a statement: a defect of ours.
    #[error("the database refused the statement: {}", chain(.0.as_ref()))]
    Database(#[source] Source),
    /// The object store could not be reached or did not do what was asked.
    #[error("the object store failed: {0}")]
    Storage(String),
    /// The queue could not be reached or did not take the message.
    #[error("the queue failed: {0}")]
    Queue(String),
    /// A document could not be classified now; a delivery after this time may go better.
    #[error("classification is put off for {delay:?}: {why}")]
    PutOff {
        /// What was in the way.
        why: String,
        /// For how long.
        delay: Duration,
    },
    /// A defect of ours that is none of the above.
    #[error("internal: {}", chain(.0.as_ref()))]
    Internal(#[source] Source),
}

/// Why a document does not fit: the numbers on which that was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Refusal {
    /// The sum of the sizes of your confirmed documents.
    #[schema(minimum = 0)]
    pub used_bytes: i64,
    /// The most that this sum may become.
    #[schema(minimum = 0)]
    pub limit_bytes: i64,
    /// The size that does not fit.
    #[schema(minimum = 0)]
    pub rejected_bytes: i64,
}

/// When it is worth asking again for what needed a dependency that is down.
const OUTAGE: Duration = Duration::from_secs(5);

impl Error {
    /// A defect of ours, and what it came of.
    pub fn internal(source: impl Into<Source>) -> Self {
        Self::Internal(source.into())
    }

    /// How long to wait before the same request may go better, where waiting helps.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyPending { retry_after, .. }
            | Self::TooManyUploads { retry_after, .. }
            | Self::TooManyClassifications { retry_after, .. } => Some(*retry_after),
            Self::DatabaseUnreachable(_) | Self::Storage(_) | Self::Queue(_) => Some(OUTAGE),
            _ => None,
        }
    }
}
