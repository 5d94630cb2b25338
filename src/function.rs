//! The common part of the programs of all functions. It starts the log, creates the capabilities from
//! environment variables, and handles invocations until Lambda ends the sandbox.

use std::fmt;

use axum::Router;
use lambda_runtime::layers::TracingLayer;
use lambda_runtime::tower::layer::layer_fn;
use lambda_runtime::{LambdaEvent, Runtime, service_fn};
use serde::{Deserialize, Serialize};
use tokio::runtime::{Builder, LocalOptions};

use crate::auth::Tokens;
use crate::config::ConfigError;
use crate::db::Database;
use crate::error::chain;
use crate::telemetry::TracedInvocations;
use crate::{http, telemetry};

/// The error that ends a function's program.
pub type Error = lambda_runtime::Error;

/// A function's capabilities: the clients and limits that it uses.
pub trait FromEnv: Sized {
    /// Creates the capabilities when the function starts.
    ///
    /// # Errors
    /// A variable is missing or wrong. A service that does not answer is no error here: the first request
    /// reports it.
    fn from_env() -> impl Future<Output = Result<Self, Error>>;
}

/// Creates the clients that most functions with routes have, from environment variables. Reads the secret of
/// the access tokens and connects to the database at the same time. Neither has to succeed now: the first
/// request that needs it tries again.
///
/// # Errors
/// A variable is missing or wrong.
pub async fn tokens_and_database() -> Result<(Tokens, Database), ConfigError> {
    let (tokens, db) = (Tokens::from_env()?, Database::from_env()?);
    Ok(tokio::join!(tokens.warm(), db.warm()))
}

/// Runs a function with routes, which API Gateway invokes. `name` is the name of its program.
///
/// # Errors
/// See [`FromEnv::from_env`].
pub fn serve_http<C: FromEnv + 'static>(name: &'static str, router: fn(C) -> Router) -> Result<(), Error> {
    run(name, async move { http::run(router(C::from_env().await?)).await })
}

/// Runs a function that the queue, the schedule or an operator invokes. `name` is the name of its program,
/// and `handle` handles one event.
///
/// # Errors
/// See [`FromEnv::from_env`].
pub fn serve<C, I, O, E>(
    name: &'static str,
    handle: impl AsyncFn(&C, LambdaEvent<I>) -> Result<O, E> + 'static,
) -> Result<(), Error>
where
    C: FromEnv + 'static,
    I: for<'de> Deserialize<'de> + 'static,
    O: Serialize + 'static,
    E: Into<Error> + 'static,
{
    run(name, async move {
        let with = C::from_env().await?;
        let fail = |error: E| Error::from(Failed(chain(&*error.into())));
        let handle = async |event| handle(&with, event).await.map_err(fail);
        let runtime = Runtime::new(service_fn(handle)).layer(TracingLayer::new());
        runtime.layer(layer_fn(TracedInvocations)).run().await
    })
}

/// The error of an invocation, as text. Lambda's runtime logs the `Debug` form of errors, and the `Debug`
/// form of a database error quotes values of rows.
#[derive(thiserror::Error)]
#[error("{0}")]
struct Failed(String);

impl fmt::Debug for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the invocation failed: {self}")
    }
}

/// Runs the program on one thread, because a sandbox handles one invocation at a time. The program is a task
/// of its own and not the future in `block_on`. Tokio asks the kernel for events each time that the future in
/// `block_on` is woken, but not each time that a task is woken.
fn run(name: &'static str, program: impl Future<Output = Result<(), Error>> + 'static) -> Result<(), Error> {
    telemetry::init(Some(name))?;
    let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default())?;
    let program = runtime.spawn_local(program);
    runtime.block_on(program)?
}
