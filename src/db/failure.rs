//! What a driver's error means to the vault.

use tokio_postgres::error::SqlState;

use crate::Error;

/// Why a statement has no answer.
pub(super) enum Failure {
    Pool(deadpool_postgres::PoolError),
    Statement(tokio_postgres::Error),
}

impl Failure {
    /// The connection is gone: whether the statement was carried out is not known.
    pub(super) fn connection_lost(&self) -> bool {
        match self {
            Self::Pool(_) => false,
            Self::Statement(error) => {
                error.is_closed() || error.code().is_some_and(is_shutdown) || is_io(error)
            }
        }
    }
}

impl From<deadpool_postgres::PoolError> for Failure {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        Self::Pool(error)
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Statement(error)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Pool(error) => Self::DatabaseUnreachable(error.to_string()),
            Failure::Statement(error) => error.into(),
        }
    }
}

impl From<tokio_postgres::Error> for Error {
    /// Keeps the server's code and sentence, not its details: those quote rows.
    fn from(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            None if error.is_closed() || is_io(&error) => Self::DatabaseUnreachable(error.to_string()),
            None => Self::Database(error.to_string()),
            Some(answer) => {
                let text = format!("{} {}", answer.code().code(), answer.message());
                if is_passing(answer.code()) { Self::DatabaseUnreachable(text) } else { Self::Database(text) }
            }
        }
    }
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>())
}

fn is_shutdown(code: &SqlState) -> bool {
    [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN].contains(code)
}

/// What a later attempt may well not meet: shutdown, too many connections, a timeout, a deadlock.
fn is_passing(code: &SqlState) -> bool {
    let code = code.code();
    ["08", "53", "57"].iter().any(|class| code.starts_with(class))
        || ["40001", "40P01", "55P03"].contains(&code)
}
