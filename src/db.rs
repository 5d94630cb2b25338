//! Postgres: the connection pool, and the sending of statements. The statements themselves are in
//! `db/<noun>.rs`, one in each function. A statement begins with a comment that names its function, so that
//! it can be recognized in `pg_stat_activity` and in slow-query logs.
//!
//! A statement is parsed, bound and executed in one round trip (`query_typed`). It uses nothing that a
//! connection remembers, such as prepared statements or transactions, so it works behind every pooler.
//! Changes that must be atomic are in one statement.

pub mod account;
pub mod administration;
pub mod audit;
pub mod audit_log;
pub mod classification;
pub mod cleanup;
pub mod document;
pub mod export;
pub mod factor;
pub mod iam;
pub mod limit;
pub mod login;
pub mod mail;
pub mod name;
mod param;
pub mod passkey;
pub mod password;
mod query_error;
pub mod quota;
pub mod removal;
pub mod repair;
pub mod reset;
pub mod schema;
pub mod session;
mod standing;
mod target;
mod tombstone;
pub mod topic;
pub mod upload;
pub mod verification;

use std::fmt::Display;
use std::time::Duration;

use deadpool_postgres::{
    ConfigConnectImpl, Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime,
};
use serde::Deserialize;
use serde::de::IntoDeserializer as _;
use time::OffsetDateTime;
use tokio_postgres::config::SslMode;
use tokio_postgres::row::RowIndex;
use tokio_postgres::{NoTls, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::config::ConfigError;
use crate::limits::postgres::{
    ACKNOWLEDGEMENT_TIMEOUT, ANSWER_TIMEOUT, CHECK_TIMEOUT, CONNECT_TIMEOUT, CREATE_TIMEOUT, TRUSTED_IDLE,
    WAIT_TIMEOUT,
};
use crate::storage::Location;
use crate::{Error, Result, config, tls};
use iam::{IamConnect, IamTokens};
use param::Params;
use query_error::QueryError;

pub use query_error::is_cancelled;

/// States whether a statement may be sent again if its answer was lost. A statement that the server rolled
/// back is always sent again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Retry {
    /// The statement only reads, or a repetition finds that its work is already done.
    Safe,
    /// The answer to a repetition could be wrong. For example, a repeated deletion would answer that there is
    /// nothing to delete.
    Never,
}

/// A client of Postgres. It has one connection, because a sandbox handles one request at a time.
#[derive(Clone)]
pub struct Database {
    pool: Pool,
}

impl Database {
    /// Creates a client. It connects at the first statement.
    pub fn new(config: config::DatabaseConfig) -> Self {
        let mut url = config.url;
        url.connect_timeout(CONNECT_TIMEOUT);
        url.tcp_user_timeout(ACKNOWLEDGEMENT_TIMEOUT);
        let fast = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = if url.get_ssl_mode() == SslMode::Disable {
            Manager::from_config(url, NoTls, fast)
        } else {
            // The default `prefer` would continue without encryption if the server offers no TLS.
            url.ssl_mode(SslMode::Require);
            let tls = MakeRustlsConnect::new(tls::client_config(tls::load_system_roots()));
            let connect = ConfigConnectImpl { tls };
            match &config.iam {
                None => Manager::from_connect(url, connect, fast),
                Some(login) => {
                    Manager::from_connect(url, IamConnect { tokens: IamTokens::new(login), connect }, fast)
                }
            }
        };
        #[expect(clippy::expect_used, reason = "fails only if time-outs are set without a runtime")]
        let pool = Pool::builder(manager)
            .max_size(1)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT_TIMEOUT))
            .create_timeout(Some(CREATE_TIMEOUT))
            .recycle_timeout(Some(CHECK_TIMEOUT))
            .pre_recycle(Hook::async_fn(|client, metrics| Box::pin(check_idle(client, metrics.last_used()))))
            .build()
            .expect("a runtime is set");
        Self { pool }
    }

    /// Creates a client from environment variables.
    ///
    /// # Errors
    /// A variable is missing or wrong.
    pub fn from_env() -> std::result::Result<Self, ConfigError> {
        Ok(Self::new(config::DatabaseConfig::from_env()?))
    }

    /// Opens the connection now, so that the first statement need not. A failure is logged and is no error:
    /// the function starts nevertheless, and the first statement tries again.
    pub async fn warm(self) -> Self {
        if let Err(error) = self.pool.get().await {
            tracing::warn!(%error, "the database did not answer at the start");
        }
        self
    }

    /// Sends a statement that reads nothing, to check that the database answers.
    pub async fn ping(&self) -> Result<()> {
        self.query(Retry::Safe, "-- ping\nselect 1", &[]).await.map(drop)
    }

    /// Sends a statement and returns its rows. Sends it a second time if the server rolled it back, or if the
    /// connection broke and `retry` allows it.
    async fn query(&self, retry: Retry, statement: &str, params: Params<'_>) -> Result<Vec<Row>> {
        let answer = self.query_once(statement, params).await;
        let again = answer
            .as_ref()
            .is_err_and(|error| error.is_rolled_back() || error.is_connection_lost() && retry == Retry::Safe);
        Ok(if again { self.query_once(statement, params).await? } else { answer? })
    }

    async fn query_once(
        &self,
        statement: &str,
        params: Params<'_>,
    ) -> std::result::Result<Vec<Row>, QueryError> {
        let client = self.pool.get().await?;
        let typed: Vec<_> = params.iter().map(|param| param.with_type()).collect();
        let error = match tokio::time::timeout(ANSWER_TIMEOUT, client.query_typed(statement, &typed)).await {
            Ok(Ok(rows)) => return Ok(rows),
            Ok(Err(error)) => QueryError::Statement(error),
            Err(_) => QueryError::NoAnswer,
        };
        if error.is_connection_unusable() {
            drop(Object::take(client));
        }
        Err(error)
    }

    /// Sends a statement that always returns one row, and returns that row.
    async fn query_one(&self, retry: Retry, statement: &str, params: Params<'_>) -> Result<Row> {
        self.query_opt(retry, statement, params).await?.ok_or_else(|| {
            let name = statement.lines().next().unwrap_or_default().trim_start_matches("-- ");
            Error::Database(format!("the statement {name} returned no row").into())
        })
    }

    /// Sends a statement that returns at most one row.
    async fn query_opt(&self, retry: Retry, statement: &str, params: Params<'_>) -> Result<Option<Row>> {
        Ok(self.query(retry, statement, params).await?.pop())
    }
}

/// Checks a connection before it is used. While Lambda freezes a sandbox, its connection may break. First,
/// the connection's task gets time to run. It notices if the server has closed the connection, and needs no
/// round trip for that. After a long idle time ([`TRUSTED_IDLE`]), a gateway may have dropped the connection
/// silently, so the server must answer a check.
async fn check_idle(
    client: &deadpool_postgres::ClientWrapper,
    idle: Duration,
) -> std::result::Result<(), HookError> {
    // The first yield lets the kernel's events arrive and wakes the driver. The driver runs before the second
    // yield ends.
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    if idle > TRUSTED_IDLE {
        // The time-outs of the pool do not apply to hooks.
        let answer = tokio::time::timeout(CHECK_TIMEOUT, client.check_connection()).await;
        answer.map_err(|_| HookError::message("no answer to a check"))?.map_err(HookError::Backend)?;
    }
    Ok(())
}

/// Reads the rows of a list. The first row has the account's standing. It exists even if the list is empty,
/// and has no id then.
fn read_list<T>(
    first: Row,
    rest: impl Iterator<Item = Row>,
    read: impl Fn(&Row) -> Result<T>,
) -> Result<Vec<T>> {
    if first.try_get::<_, Option<uuid::Uuid>>("id")?.is_none() {
        return Ok(Vec::new());
    }
    std::iter::once(first).chain(rest).map(|row| read(&row)).collect()
}

/// Reads the location of an object from a row of `documents`.
///
/// # Errors
/// The row names a backend that this release does not know, or has a malformed object key.
fn read_location(row: &Row) -> Result<Location> {
    Ok(Location {
        backend: row.try_get::<_, &str>("storage_backend")?.parse().map_err(Error::internal)?,
        key: row.try_get::<_, &str>("object_key")?.parse().map_err(Error::internal)?,
    })
}

/// Reads a column of text that names a variant of an enum. Returns `None` for null. An unknown name, which a
/// later release may have written, is an error unless the enum has a variant for it (`#[serde(other)]`).
fn read_enum<T, C>(row: &Row, column: C) -> Result<Option<T>>
where
    T: for<'de> Deserialize<'de>,
    C: RowIndex + Display + Copy,
{
    let Some(name) = row.try_get::<_, Option<&str>>(column)? else { return Ok(None) };
    let read: std::result::Result<T, serde::de::value::Error> = T::deserialize(name.into_deserializer());
    read.map(Some).map_err(|error| Error::Database(format!("column {column}: {error}").into()))
}

/// Reads the time that is left until the time in a column, by the database's clock (column `now`). It is
/// rounded up to whole seconds, and at least one second. Returns `None` for null.
fn read_time_until(row: &Row, column: &str) -> Result<Option<Duration>> {
    let (now, until): (OffsetDateTime, Option<OffsetDateTime>) = (row.try_get("now")?, row.try_get(column)?);
    let seconds = |until: OffsetDateTime| (until - now).as_seconds_f64().ceil().max(1.0);
    Ok(until.map(|until| Duration::from_secs_f64(seconds(until))))
}
