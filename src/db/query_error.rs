//! What an error of the driver means to the vault.

use tokio_postgres::error::{DbError, Severity, SqlState};

use crate::Error;

/// Why a statement has no answer.
pub(super) enum QueryError {
    Pool(deadpool_postgres::PoolError),
    Statement(tokio_postgres::Error),
    /// The connection is there and says nothing.
    NoAnswer,
}

impl QueryError {
    /// The connection is gone: whether the statement was carried out is not known.
    pub(super) fn connection_lost(&self) -> bool {
        match self {
            // NoAnswer has cost all the time there was.
            Self::Pool(_) | Self::NoAnswer => false,
            Self::Statement(error) => error.is_closed() || is_fatal(error) || is_io(error),
        }
    }

    /// The server chose the statement as a deadlock's victim, or could not put it in order with another: it is undone as a whole, and
    /// what was in its way goes on.
    pub(super) fn changed_nothing(&self) -> bool {
        let Self::Statement(error) = self else { return false };
        [SqlState::T_R_DEADLOCK_DETECTED, SqlState::T_R_SERIALIZATION_FAILURE]
            .iter()
            .any(|code| error.code() == Some(code))
    }

    /// The connection looks open and is of no use: its end is announced, nothing answers there, or a server does that may
    /// only read, as what was the primary is after a failover.
    pub(super) fn breaks_connection(&self) -> bool {
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
    /// Keeps the server's code and sentence, not its details: those quote rows.
    fn from(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            None if error.is_closed() || is_io(&error) => Self::DatabaseUnreachable(error.into()),
            None => Self::Database(error.into()),
            Some(answer) => {
                let text = format!("{} {}", answer.code().code(), answer.message());
                if is_passing(answer.code()) {
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

/// The server's last words on this connection, as at a shutdown.
fn is_fatal(error: &tokio_postgres::Error) -> bool {
    let severity = error.as_db_error().and_then(DbError::parsed_severity);
    matches!(severity, Some(Severity::Fatal | Severity::Panic))
}

/// What a later attempt may well not meet: shutdown, too many connections, a timeout, a deadlock, a server that only reads.
fn is_passing(code: &SqlState) -> bool {
    let code = code.code();
    ["08", "53", "57"].iter().any(|class| code.starts_with(class))
        || ["25006", "40001", "40P01", "55P03"].contains(&code)
}
