//! What an error of the driver means to the vault.

use tokio_postgres::error::{DbError, Severity, SqlState};

use crate::Error;

/// Why a statement has no answer.
pub(super) enum QueryError {
    Pool(deadpool_postgres::PoolError),
    Statement(tokio_postgres::Error),
    /// The server did not answer in time.
    NoAnswer,
}

impl QueryError {
    /// Whether the connection is gone, so that nobody knows whether the statement was executed.
    pub(super) fn is_connection_lost(&self) -> bool {
        match self {
            // Waiting for the answer took all the time there was: no time is left for a repetition.
            Self::Pool(_) | Self::NoAnswer => false,
            Self::Statement(error) => error.is_closed() || is_fatal(error) || is_io(error),
        }
    }

    /// Whether the server undid the whole statement: it was the victim of a deadlock, or could not be
    /// serialized with another.
    pub(super) fn is_rolled_back(&self) -> bool {
        let Self::Statement(error) = self else { return false };
        [SqlState::T_R_DEADLOCK_DETECTED, SqlState::T_R_SERIALIZATION_FAILURE]
            .iter()
            .any(|code| error.code() == Some(code))
    }

    /// Whether the connection looks open but can't be used: its end was announced, nothing answers, or the
    /// server is read-only, as the former primary is after a failover.
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
    /// Keeps the code and the sentence of the server, and drops its details: they quote rows.
    fn from(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            None if error.is_closed() || is_io(&error) => Self::DatabaseUnreachable(error.into()),
            None => Self::Database(error.into()),
            Some(answer) => {
                let text = format!("{} {}", answer.code().code(), answer.message());
                if is_transient(answer.code()) {
                    Self::DatabaseUnreachable(text.into())
                } else {
                    Self::Database(text.into())
                }
            }
        }
    }
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>())
}

/// Whether the server ended the connection with this error, as at a shutdown.
fn is_fatal(error: &tokio_postgres::Error) -> bool {
    let severity = error.as_db_error().and_then(DbError::parsed_severity);
    matches!(severity, Some(Severity::Fatal | Severity::Panic))
}

/// Whether a later attempt may succeed: after a shutdown, too many connections, a timeout, a deadlock, a
/// read-only server.
fn is_transient(code: &SqlState) -> bool {
    let code = code.code();
    ["08", "53", "57"].iter().any(|class| code.starts_with(class))
        || ["25006", "40001", "40P01", "55P03"].contains(&code)
}
