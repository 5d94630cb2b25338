//! Errors of statements: their kinds, and their conversion to the vault's errors.

use tokio_postgres::error::{DbError, Severity, SqlState};

use crate::Error;

/// The error of a statement.
pub(super) enum QueryError {
    Pool(deadpool_postgres::PoolError),
    Statement(tokio_postgres::Error),
    /// The server did not answer in time.
    NoAnswer,
}

impl QueryError {
    /// Returns true if the connection broke while the statement was sent or executed. Nobody knows then
    /// whether the statement was executed.
    pub(super) fn is_connection_lost(&self) -> bool {
        match self {
            // After a time-out there is no time left for a repetition.
            Self::Pool(_) | Self::NoAnswer => false,
            Self::Statement(error) => error.is_closed() || is_fatal(error) || is_io(error),
        }
    }

    /// Returns true if the server rolled the whole statement back: because of a deadlock, or because it could
    /// not be serialized with another statement.
    pub(super) fn is_rolled_back(&self) -> bool {
        let Self::Statement(error) = self else { return false };
        [SqlState::T_R_DEADLOCK_DETECTED, SqlState::T_R_SERIALIZATION_FAILURE]
            .iter()
            .any(|code| error.code() == Some(code))
    }

    /// Returns true if the connection must not be used again although it looks open: the server announced its
    /// end, does not answer, or is read-only, as a former primary is after a failover.
    pub(super) fn is_connection_unusable(&self) -> bool {
        match self {
            Self::Pool(_) => false,
            Self::Statement(error) => {
                is_fatal(error) || error.code() == Some(&SqlState::READ_ONLY_SQL_TRANSACTION)
            }
            Self::NoAnswer => true,
        }
    }
}

impl From<deadpool_postgres::PoolError> for QueryError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        Self::Pool(error)
    }
}

impl From<tokio_postgres::Error> for QueryError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Statement(error)
    }
}

impl From<QueryError> for Error {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Pool(error) => Self::DatabaseUnreachable(error.into()),
            QueryError::Statement(error) => error.into(),
            QueryError::NoAnswer => Self::DatabaseUnreachable("no answer in time".into()),
        }
    }
}

impl From<tokio_postgres::Error> for Error {
    /// Keeps the code and the message of the server, and drops its details, because they quote values of
    /// rows.
    fn from(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            None if error.is_closed() || is_io(&error) => Self::DatabaseUnreachable(error.into()),
            None => Self::Database(error.into()),
            Some(answer) => {
                let kind =
                    if is_transient(answer.code()) { Self::DatabaseUnreachable } else { Self::Database };
                let (code, message) = (answer.code().clone(), answer.message().to_owned());
                kind(ServerError { code, message }.into())
            }
        }
    }
}

/// The answer of the server to a statement that failed.
#[derive(Debug, thiserror::Error)]
#[error("{} {message}", .code.code())]
struct ServerError {
    code: SqlState,
    message: String,
}

/// Returns true if the server cancelled the statement, because it took too long.
pub fn is_cancelled(error: &Error) -> bool {
    let Error::DatabaseUnreachable(source) = error else { return false };
    source.downcast_ref::<ServerError>().is_some_and(|answer| answer.code == SqlState::QUERY_CANCELED)
}

/// Returns true if the statement would have broken a unique rule. It has changed nothing then.
pub(super) fn is_unique_violation(error: &Error) -> bool {
    let Error::Database(source) = error else { return false };
    source.downcast_ref::<ServerError>().is_some_and(|answer| answer.code == SqlState::UNIQUE_VIOLATION)
}

/// Returns true if reading from the connection or writing to it failed.
fn is_io(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>())
}

/// Returns true if the server ended the connection with this error, for example at a shutdown.
fn is_fatal(error: &tokio_postgres::Error) -> bool {
    let severity = error.as_db_error().and_then(DbError::parsed_severity);
    matches!(severity, Some(Severity::Fatal | Severity::Panic))
}

/// Returns true if a later attempt may succeed: after a shutdown, too many connections, a time-out, a
/// deadlock, or while the server is read-only.
fn is_transient(code: &SqlState) -> bool {
    let code = code.code();
    ["08", "53", "57"].iter().any(|class| code.starts_with(class))
        || ["25006", "40001", "40P01", "55P03"].contains(&code)
}
