//! Postgres: the pool, and how a statement is sent. The statements are in `db/<noun>.rs`, one function each.
//! A statement begins with a comment that names its function, so that `pg_stat_activity` and slow-query logs
//! lead back to it.
//!
//! A statement is parsed, bound and executed in one round trip (`query_typed`), and depends on nothing that
//! its connection remembers: it runs behind any pooler. What must be atomic is one statement.

pub mod account;
pub mod classification;
pub mod cleanup;
pub mod document;
pub mod name;
mod param;
mod query_error;
pub mod quota;
mod standing;
mod tombstone;
pub mod topic;
pub mod upload;

use std::time::Duration;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use serde::Deserialize;
use serde::de::IntoDeserializer as _;
use time::OffsetDateTime;
use tokio_postgres::config::SslMode;
use tokio_postgres::{NoTls, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::config::ConfigError;
use crate::limits::postgres::{
    ANSWER_TIMEOUT, CHECK_TIMEOUT, CONNECT_TIMEOUT, CREATE_TIMEOUT, TRUSTED_IDLE, UNACKNOWLEDGED,
    WAIT_TIMEOUT,
};
use crate::storage::Location;
use crate::{Error, Result, config, tls};
use param::Params;
use query_error::QueryError;

/// Whether to send a statement again whose answer was lost. One that is known to have changed nothing always
/// is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Retry {
    /// The statement reads, or a repetition finds that its work is done.
    Safe,
    /// A repetition could tell the client something untrue.
    Never,
}

/// Postgres, over one connection: a sandbox serves one request at a time.
#[derive(Clone)]
pub struct Database {
    pool: Pool,
}

impl Database {
    /// Connects when the first statement is sent.
    pub fn new(config: config::DatabaseConfig) -> Self {
        let mut url = config.url;
        url.connect_timeout(CONNECT_TIMEOUT);
        url.tcp_user_timeout(UNACKNOWLEDGED);
        let fast = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = if url.get_ssl_mode() == SslMode::Disable {
            Manager::from_config(url, NoTls, fast)
        } else {
            // The default, `prefer`, would go on in clear where the server offers nothing else.
            Manager::from_config(
                url.ssl_mode(SslMode::Require).clone(),
                MakeRustlsConnect::new(tls::client_config(tls::load_system_roots())),
                fast,
            )
        };
        #[expect(clippy::expect_used, reason = "fails only where timeouts are set and no runtime")]
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

    /// Reads from the environment where the database is.
    pub fn from_env() -> std::result::Result<Self, ConfigError> {
        Ok(Self::new(config::DatabaseConfig::from_env()?))
    }

    /// Opens the connection now, and not for the first statement. A database that is down is no reason not to
    /// start.
    pub async fn warm(self) -> Self {
        if let Err(error) = self.pool.get().await {
            tracing::warn!(%error, "the database did not answer at the start");
        }
        self
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        self.query(Retry::Safe, "-- ping\nselect 1", &[]).await.map(drop)
    }

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
        let typed: Vec<_> = params.iter().map(|param| param.typed()).collect();
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

    /// The only row of a statement that always has one.
    async fn query_one(&self, retry: Retry, statement: &str, params: Params<'_>) -> Result<Row> {
        self.query_opt(retry, statement, params)
            .await?
            .ok_or_else(|| Error::Database("a row is missing".into()))
    }

    async fn query_opt(&self, retry: Retry, statement: &str, params: Params<'_>) -> Result<Option<Row>> {
        Ok(self.query(retry, statement, params).await?.pop())
    }
}

/// Checks a connection before it is used. A sandbox freezes, and connections die meanwhile. Letting the
/// driver run costs no round trip and notices what the server has closed. After a long idleness, in which a
/// gateway may have forgotten the connection silently, the server must answer.
async fn check_idle(
    client: &deadpool_postgres::ClientWrapper,
    idle: Duration,
) -> std::result::Result<(), HookError> {
    // The first yield lets the kernel's events arrive and wakes the driver. The driver runs before the second
    // yield ends.
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    if idle > TRUSTED_IDLE {
        // The pool's own timeouts do not extend to hooks.
        let answer = tokio::time::timeout(CHECK_TIMEOUT, client.check_connection()).await;
        answer.map_err(|_| HookError::message("no answer to a check"))?.map_err(HookError::Backend)?;
    }
    Ok(())
}

/// Reads a list. The first row carries the account's standing, and is there also where nothing is listed.
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

/// Where a row of `documents` says that its object is.
///
/// # Errors
/// The row names a backend that this release does not know, or a key that is not the vault's.
fn read_location(row: &Row) -> Result<Location> {
    Ok(Location {
        backend: row.try_get::<_, &str>("storage_backend")?.parse().map_err(Error::internal)?,
        key: row.try_get::<_, &str>("object_key")?.parse().map_err(Error::internal)?,
    })
}

/// Reads a column of words, which are the names of an enum's variants on the wire. None for null. A word that
/// a later release wrote is an error, unless the enum has a variant for it (`#[serde(other)]`).
fn read_enum<T: for<'de> Deserialize<'de>>(row: &Row, column: &str) -> Result<Option<T>> {
    let Some(word) = row.try_get::<_, Option<&str>>(column)? else { return Ok(None) };
    let read: std::result::Result<T, serde::de::value::Error> = T::deserialize(word.into_deserializer());
    read.map(Some).map_err(|error| Error::Database(format!("{column}: {error}").into()))
}

/// How long until the time in a column, by the clock of the database (`now`): whole seconds, at least one.
/// None for null.
fn read_time_until(row: &Row, column: &str) -> Result<Option<Duration>> {
    let (now, until): (OffsetDateTime, Option<OffsetDateTime>) = (row.try_get("now")?, row.try_get(column)?);
    let seconds = |until: OffsetDateTime| (until - now).as_seconds_f64().ceil().max(1.0);
    Ok(until.map(|until| Duration::from_secs_f64(seconds(until))))
}
