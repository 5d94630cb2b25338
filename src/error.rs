//! The error type of all operations. It says what happened, in the vault's terms. Only `http` decides which
//! status and which words a client gets.

mod source;

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use crate::role::Role;
pub use source::{Source, chain};

/// The result of an operation of the vault.
pub type Result<T> = std::result::Result<T, Error>;

/// Why an operation failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No token, a bad one, or one of an account that is gone or inactive.
    #[error("not signed in")]
    Unauthenticated,
    /// The address or the password is wrong. The answer does not say which.
    #[error("the e-mail address or the password is wrong")]
    InvalidCredentials,
    /// The caller is signed in with another role than the route needs: administrators see no documents (SPEC
    /// section 6), and users manage nothing.
    #[error("this is for accounts whose role is {}", .0.as_str())]
    WrongRole(Role),
    /// Somebody else set the account's password; its owner must change it first.
    #[error("change your password first")]
    PasswordChangeOwed,
    /// It does not exist, or belongs to another account. The answer does not say which.
    #[error("not found")]
    NotFound,
    /// The path exists, but does not take this method.
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
    /// A confirmation came before the object; nothing changed.
    #[error("Upload not found")]
    UploadNotFound,
    /// The stored object is not the declared one. The object and its row are removed.
    #[error("the stored object's {0} is not the declared one; the upload is discarded, start again")]
    UploadMismatch(&'static str),
    /// The object was stored with headers that the URL does not name, and cannot be read as it was sent. The
    /// object and its row are removed.
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
    /// Postgres refused a statement: a defect of the vault.
    #[error("the database refused the statement: {}", chain(.0.as_ref()))]
    Database(#[source] Source),
    /// The object store could not be reached or did not do what was asked.
    #[error("the object store failed: {}", chain(.0.as_ref()))]
    Storage(#[source] Source),
    /// The queue could not be reached or did not take the message.
    #[error("the queue failed: {}", chain(.0.as_ref()))]
    Queue(#[source] Source),
    /// A document could not be classified now; a delivery after this time may go better.
    #[error("classification is put off for {delay:?}: {}", chain(.source.as_ref()))]
    PutOff {
        /// Why.
        source: Source,
        /// How long the message stays in the queue before it is delivered again.
        delay: Duration,
    },
    /// A defect of the vault that is none of the above.
    #[error("internal: {}", chain(.0.as_ref()))]
    Internal(#[source] Source),
}

/// Why a document does not fit: the numbers on which that was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Refusal {
    /// The sum of the sizes of your confirmed documents.
    #[schema(minimum = 0, examples(104_857_000))]
    pub used_bytes: i64,
    /// The most that this sum may become.
    #[schema(minimum = 0, examples(104_857_600))]
    pub limit_bytes: i64,
    /// The size that does not fit.
    #[schema(minimum = 0, examples(1_048_576))]
    pub rejected_bytes: i64,
}

/// How long a client should wait when a dependency is down.
const OUTAGE_RETRY_DELAY: Duration = Duration::from_secs(5);

impl Error {
    /// A defect of the vault, with its cause.
    pub fn internal(source: impl Into<Source>) -> Self {
        Self::Internal(source.into())
    }

    /// How long to wait before the same request may succeed; none if waiting does not help.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyPending { retry_after, .. }
            | Self::TooManyUploads { retry_after, .. }
            | Self::TooManyClassifications { retry_after, .. } => Some(*retry_after),
            Self::DatabaseUnreachable(_) | Self::Storage(_) | Self::Queue(_) => Some(OUTAGE_RETRY_DELAY),
            _ => None,
        }
    }
}
