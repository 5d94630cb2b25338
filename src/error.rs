//! The error type of all operations. Its variants describe errors in the vault's own terms. Only `http`
//! decides which status and which code a client gets.

mod source;

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use crate::role::Role;
pub use source::{Source, chain};

/// The result of an operation of the vault.
pub type Result<T> = std::result::Result<T, Error>;

/// The error of an operation.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request has no valid access token, or its session has ended, or the account does not exist any
    /// more or is inactive.
    #[error("not signed in: log in, and send the access token in the header Authorization: Bearer <token>")]
    Unauthenticated,
    /// The password is wrong, or at a login the e-mail address. The answer does not say which of them.
    #[error("the password, or the e-mail address of a login, is wrong: check both, and try again")]
    InvalidCredentials,
    /// The request has no refresh token, or the token is unknown, was used before, or belongs to a session
    /// that has ended. The answer does not say which.
    #[error("the session has ended: log in")]
    SessionEnded,
    /// The page that sends the request is not one of those that may use sessions.
    #[error("pages of this origin may not use sessions: add it to WEB_ORIGINS")]
    WrongOrigin,
    /// The code of a second factor is wrong or malformed, or was used before. The answer does not say which.
    #[error("the code is wrong, or was used before: enter a new one")]
    InvalidCode,
    /// The challenge of a login or of a new passkey is unknown, expired or used, or the account was changed
    /// in the meantime. The answer does not say which.
    #[error("the challenge can no longer be answered: begin again")]
    InvalidChallenge,
    /// The account has TOTP already.
    #[error("TOTP is enabled: disable it first")]
    TotpEnabled,
    /// The account has no TOTP secret that could be enabled.
    #[error("TOTP is not set up: set it up first")]
    TotpNotSetUp,
    /// The account has no TOTP.
    #[error("TOTP is not enabled: there is nothing to disable or renew")]
    TotpNotEnabled,
    /// The account has another role than the operation requires. Administrators have no access to documents,
    /// and users may not change system topics.
    #[error("only accounts with the role {} may do this", .0.as_str())]
    WrongRole(Role),
    /// The account has a temporary password, which its owner must change first.
    #[error("change the temporary password first: POST /api/auth/change-password")]
    PasswordChangeOwed,
    /// The session may do nothing until the account has a second factor.
    #[error(
        "set up a second factor first: POST /api/auth/totp/setup, or POST /api/auth/me/passkeys/challenge"
    )]
    FactorOwed,
    /// The password is right, but it is a temporary one that was not changed in time.
    #[error("the temporary password has expired: ask an administrator for a new one, or set one by mail")]
    TemporaryPasswordExpired,
    /// Only administrators create accounts.
    #[error("registration is closed: ask an administrator for an account")]
    RegistrationClosed,
    /// The client, or the account, has made as many attempts as it may for now.
    #[error("too many attempts: wait, and try again")]
    TooManyAttempts {
        /// The time until the next attempt is admitted.
        retry_after: Duration,
    },
    /// The document, topic, session or path does not exist, or belongs to another account. The answer does
    /// not say which.
    #[error("not found")]
    NotFound,
    /// The path exists, but does not support the request's method.
    #[error("this path does not take that method")]
    MethodNotAllowed,
    /// An account with this e-mail address exists already.
    #[error("an account has this e-mail address already: log in with it, or use another address")]
    EmailTaken,
    /// The answer of a passkey is wrong, or the passkey is unknown, or its challenge is unknown, expired or
    /// used. The response does not say which.
    #[error("the sign-in with this passkey was refused: ask for a new challenge, and try again")]
    PasskeyRefused,
    /// The answer of a passkey is right, but the passkey has not counted more signatures than before. The
    /// response is the same as for [`Self::PasskeyRefused`].
    #[error("the sign-in with this passkey was refused: ask for a new challenge, and try again")]
    PasskeyCopied,
    /// The passkey is registered already, to this account or to another.
    #[error("this passkey is registered already")]
    PasskeyExists,
    /// The account has as many passkeys as it may have. The number is the limit.
    #[error("you have {0} passkeys, which is the limit: remove some first")]
    TooManyPasskeys(u32),
    /// An administrator wants to do something to the own account that only others may do to it.
    #[error("administrators cannot do this to their own account: ask another administrator")]
    OwnAccount,
    /// The account is the last active administrator.
    #[error("this is the last active administrator: make another account an administrator first")]
    LastAdministrator,
    /// The token of a link is unknown, expired or used, or a newer link has replaced it.
    #[error(
        "the link is not valid any more: it was used, has expired, or was replaced by a newer one; ask for another"
    )]
    LinkInvalid,
    /// The account sees a topic with this name already.
    #[error("a topic with this name exists already: use it, or choose another name")]
    TopicExists,
    /// The account has as many own topics as it may have. The number is the limit.
    #[error("you have {0} topics, which is the limit: delete some first")]
    TooManyTopics(u32),
    /// The document does not fit into the quota, or exceeds the largest allowed size.
    #[error("over quota")]
    QuotaExceeded(Refusal),
    /// The account has as many live upload URLs as it may have. URLs of pending and of deleted uploads count.
    #[error(
        "you have {most} live upload URLs, which is the limit: confirm what you have uploaded, or wait until one expires"
    )]
    TooManyPending {
        /// The limit.
        most: u32,
        /// The time until one of these URLs expires.
        retry_after: Duration,
    },
    /// The account has requested as many upload URLs as it may in an hour.
    #[error("you have begun {most} uploads within an hour, which is the limit: wait until the hour is over")]
    TooManyUploads {
        /// The limit.
        most: u32,
        /// The time until the hour is over.
        retry_after: Duration,
    },
    /// The account has requested as many classifications as it may in an hour.
    #[error(
        "you have requested {most} classifications within an hour, which is the limit: wait until the hour is over"
    )]
    TooManyClassifications {
        /// The limit.
        most: u32,
        /// The time until the hour is over.
        retry_after: Duration,
    },
    /// The store has no object for this upload yet. Nothing was changed, and the confirmation can be
    /// repeated.
    #[error("Upload not found")]
    UploadNotFound,
    /// The stored object differs from the declaration. The object and its row are removed. The text names the
    /// differing property: `size` or `checksum`.
    #[error(
        "the {0} of the stored object differs from the declared one; the upload is discarded: begin again"
    )]
    UploadMismatch(&'static str),
    /// The client sent headers that are not among the signed ones. Because of them, the bytes that it sent
    /// cannot be read back from the store. The object and its row are removed.
    #[error(
        "the object was stored with other headers than the given ones, and cannot be read as it was sent; \
         the upload is discarded: begin again, and send the given headers only"
    )]
    UploadAltered,
    /// The request is malformed, or a value is not allowed. The text says what is wrong and what to change.
    #[error("{0}")]
    Invalid(String),
    /// The request body is not declared as JSON.
    #[error("the body is not declared as JSON: send it with the header content-type: application/json")]
    UnsupportedMediaType,
    /// The request body exceeds the limit of the API.
    #[error("the request body is too large: send at most 64 KiB")]
    BodyTooLarge,
    /// Postgres could not be reached, or did not answer in time. The statement may have been executed or not.
    #[error("the database is unreachable: {}", chain(.0.as_ref()))]
    DatabaseUnreachable(#[source] Source),
    /// Postgres refused a statement. This is a defect of the vault.
    #[error("the database refused the statement: {}", chain(.0.as_ref()))]
    Database(#[source] Source),
    /// The object store could not be reached, or answered with an unexpected error.
    #[error("the object store failed: {}", chain(.0.as_ref()))]
    Storage(#[source] Source),
    /// The queue could not be reached, or refused the message.
    #[error("the queue failed: {}", chain(.0.as_ref()))]
    Queue(#[source] Source),
    /// A secret of the vault is missing, is not valid, or could not be read.
    #[error("a secret is unavailable: {}", chain(.0.as_ref()))]
    Secret(#[source] Source),
    /// A document could not be classified now. The message must be delivered again after `delay`.
    #[error("classification is put off for {delay:?}: {}", chain(.source.as_ref()))]
    PutOff {
        /// The cause, which is logged.
        source: Source,
        /// The time until the message is delivered again.
        delay: Duration,
    },
    /// Any other defect of the vault.
    #[error("internal: {}", chain(.0.as_ref()))]
    Internal(#[source] Source),
}

/// The numbers that explain why a document was refused: it does not fit into the quota, or it is too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Refusal {
    /// The sum of the sizes of your confirmed documents, in bytes.
    #[schema(minimum = 0, examples(104_857_000))]
    pub used_bytes: i64,
    /// The limit of that sum, in bytes.
    #[schema(minimum = 0, examples(104_857_600))]
    pub limit_bytes: i64,
    /// The size of the refused document, in bytes.
    #[schema(minimum = 0, examples(1_048_576))]
    pub rejected_bytes: i64,
}

/// The time that a client should wait if a dependency is down.
const OUTAGE_RETRY_DELAY: Duration = Duration::from_secs(5);

impl Error {
    /// Wraps the cause of a defect of the vault.
    pub fn internal(source: impl Into<Source>) -> Self {
        Self::Internal(source.into())
    }

    /// The time after which the same request may succeed (the header `Retry-After`). `None` if waiting does
    /// not help.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyPending { retry_after, .. }
            | Self::TooManyUploads { retry_after, .. }
            | Self::TooManyClassifications { retry_after, .. }
            | Self::TooManyAttempts { retry_after } => Some(*retry_after),
            Self::DatabaseUnreachable(_) | Self::Storage(_) | Self::Queue(_) | Self::Secret(_) => {
                Some(OUTAGE_RETRY_DELAY)
            }
            _ => None,
        }
    }
}
