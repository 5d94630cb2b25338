//! What the programs of all functions have in common: they start logging, make their capabilities from the
//! environment, and serve invocations until the sandbox ends.

use std::fmt;

use axum::Router;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};
use tokio::runtime::{Builder, LocalOptions};

use crate::error::chain;
use crate::{http, telemetry};

/// Why a function does not start, or ends.
pub type Error = lambda_runtime::Error;

/// The capabilities of a function: the clients and limits that it uses.
pub trait FromEnv: Sized {
    /// Makes them while the function starts.
    ///
    /// # Errors
    /// A variable is missing or wrong. A service that does not answer is no error here: the first request
    /// reports it.
    fn from_env() -> impl Future<Output = Result<Self, Error>>;
}

/// Serves requests of API Gateway.
///
/// # Errors
/// See [`FromEnv::from_env`].
pub fn serve_http<C: FromEnv + 'static>(router: fn(C) -> Router) -> Result<(), Error> {
    run(async move { http::run(router(C::from_env().await?)).await })
}

/// Serves events of any other kind.
///
/// # Errors
/// See [`FromEnv::from_env`].
pub fn serve<C, I, O, E>(
    handle: impl AsyncFn(&C, LambdaEvent<I>) -> Result<O, E> + 'static,
) -> Result<(), Error>
where
    C: FromEnv + 'static,
    I: for<'de> Deserialize<'de> + 'static,
    O: Serialize + 'static,
    E: Into<Error> + 'static,
{
    run(async move {
        let with = C::from_env().await?;
        let handle = async |event| {
            let failed = |error: E| Failed(chain(&*error.into()));
            handle(&with, event).await.map_err(|error| Error::from(failed(error)))
        };
        lambda_runtime::run(service_fn(handle)).await
    })
}

/// Why an invocation failed, as text. Lambda's runtime logs the `Debug` form, and that of a database error
/// quotes rows.
#[derive(thiserror::Error)]
#[error("{0}")]
struct Failed(String);

impl fmt::Debug for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the invocation failed: {self}")
    }
}

/// Runs the program on one thread: a sandbox serves one invocation at a time. The program is a task of its
/// own, because Tokio asks the kernel for events each time that the future on which it blocks is woken.
fn run(program: impl Future<Output = Result<(), Error>> + 'static) -> Result<(), Error> {
    telemetry::init()?;
    let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default())?;
    let program = runtime.spawn_local(program);
    runtime.block_on(program)?
}
