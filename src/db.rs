//! Postgres: the pool, and how a statement is sent. The statements are in `db/<noun>.rs`, one function each, and begin with
//! a comment that names the function, so that `pg_stat_activity` and slow-query logs lead back here.
//!
//! A statement is parsed, bound and executed in one round trip (`query_typed`), and needs nothing of its connection: it runs
//! behind any pooler. What must be atomic is one statement.

pub mod account;
pub mod classification;
pub mod cleanup;
pub mod document;
mod failure;
pub mod name;
pub mod quota;
pub mod topic;
pub mod upload;

use std::time::Duration;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use tokio_postgres::config::SslMode;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{NoTls, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{Error, Result, config, tls};
use failure::Failure;

/// How long a connection may have been idle before it must prove itself: shorter than a NAT gateway's patience (350 s).
const TRUSTED_IDLE: Duration = Duration::from_secs(30);

/// How long a connection may take to prove itself.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// How long an answer is waited for: a little longer than the roles' `statement_timeout` lets a statement run. What has not
/// answered by then never will: the server is gone without a word.
const PATIENCE: Duration = Duration::from_secs(11);

/// A parameter and its type, which the server then need not be asked for.
type Param<'a> = (&'a (dyn ToSql + Sync), Type);

/// Whether a statement may be sent again whose answer was lost. One that is known to have done nothing always may.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeat {
    /// It reads, or a repetition finds that it is done.
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
    pub fn new(config: config::Database) -> Result<Self> {
        let mut url = config.url;
        url.connect_timeout(Duration::from_secs(2));
        url.tcp_user_timeout(Duration::from_secs(5));
        let fast = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = if url.get_ssl_mode() == SslMode::Disable {
            Manager::from_config(url, NoTls, fast)
        } else {
            // The default, `prefer`, would go on in clear where the server offers nothing else.
            Manager::from_config(
                url.ssl_mode(SslMode::Require).clone(),
                MakeRustlsConnect::new(tls::client(tls::system_roots())),
                fast,
            )
        };
        let pool = Pool::builder(manager)
            .max_size(1)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(Duration::from_secs(10)))
            .create_timeout(Some(Duration::from_secs(4)))
            .recycle_timeout(Some(Duration::from_secs(1)))
            .pre_recycle(Hook::async_fn(|client, metrics| Box::pin(prove(client, metrics.last_used()))))
            .build()
            .map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Self { pool })
    }

    /// Opens the connection now, if it can: a database that is down is the first request's news, not a reason to fail init.
    pub async fn warm(&self) {
        if let Err(error) = self.pool.get().await {
            tracing::warn!(%error, "no connection at init");
        }
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        self.query(Repeat::Safe, "-- ping\nselect 1", &[]).await.map(drop)
    }

    async fn query(&self, repeat: Repeat, statement: &str, params: &[Param<'_>]) -> Result<Vec<Row>> {
        let answer = self.query_once(statement, params).await;
        let again = answer.as_ref().is_err_and(|failure| {
            failure.nothing_done() || failure.connection_lost() && repeat == Repeat::Safe
        });
        Ok(if again { self.query_once(statement, params).await? } else { answer? })
    }

    async fn query_once(
        &self,
        statement: &str,
        params: &[Param<'_>],
    ) -> std::result::Result<Vec<Row>, Failure> {
        let client = self.pool.get().await?;
        let failure = match tokio::time::timeout(PATIENCE, client.query_typed(statement, params)).await {
            Ok(Ok(rows)) => return Ok(rows),
            Ok(Err(error)) => Failure::Statement(error),
            Err(_) => Failure::Silence,
        };
        if failure.spoils_connection() {
            drop(Object::take(client));
        }
        Err(failure)
    }

    /// The only row, which the statement always has.
    async fn query_one(&self, repeat: Repeat, statement: &str, params: &[Param<'_>]) -> Result<Row> {
        self.query_opt(repeat, statement, params)
            .await?
            .ok_or_else(|| Error::Database("a row is missing".into()))
    }

    async fn query_opt(&self, repeat: Repeat, statement: &str, params: &[Param<'_>]) -> Result<Option<Row>> {
        Ok(self.query(repeat, statement, params).await?.pop())
    }
}

/// A sandbox freezes, and connections die meanwhile. Letting the driver run costs no round trip and notices what the server
/// has closed; after a long idleness, where a gateway may have forgotten the connection silently, one is asked for.
async fn prove(
    client: &deadpool_postgres::ClientWrapper,
    idle: Duration,
) -> std::result::Result<(), HookError> {
    // The first lets news arrive and wakes the driver, which runs before the second is over: a function's own future, unlike
    // a task, is polled ahead of all that woke with it.
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    if idle > TRUSTED_IDLE {
        // The pool's own limits do not extend to hooks.
        let answer = tokio::time::timeout(SIGN_OF_LIFE, client.check_connection()).await;
        answer
            .map_err(|_| HookError::message("no sign of life"))?
            .map_err(|error| HookError::message(error.to_string()))?;
    }
    Ok(())
}

/// Reads a list whose first row is there for the account's sake, with or without anything listed in it.
fn listed<T>(
    first: Row,
    rest: impl Iterator<Item = Row>,
    read: impl Fn(&Row) -> Result<T>,
) -> Result<Vec<T>> {
    if first.try_get::<_, Option<uuid::Uuid>>("id")?.is_none() {
        return Ok(Vec::new());
    }
    std::iter::once(first).chain(rest).map(|row| read(&row)).collect()
}

/// Reads a column of whole seconds from now; null: none. A wait is one second at least.
fn wait(row: &Row, column: &str) -> Result<Option<Duration>> {
    let seconds: Option<i64> = row.try_get(column)?;
    Ok(seconds.map(|seconds| Duration::from_secs(u64::try_from(seconds).unwrap_or_default().max(1))))
}

/// A key in the database that the vault can't have written.
fn foreign_key(error: crate::storage::ForeignKey) -> Error {
    Error::Internal(error.to_string())
}
