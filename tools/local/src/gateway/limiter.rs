//! Limits the requests to one function: how many run, how many wait, and for how long.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Semaphore;

use super::error::GatewayError;
use crate::lambda::{Invocation, Lambda};

/// Requests for one function that may run or wait. One more is answered 429.
const MAX_OPEN: usize = 1000;
/// The most requests for one function that the emulator may get.
const MAX_RUNNING: usize = 64;

// The emulator stops for good when 101 requests wait for one function.
const _: () = assert!(MAX_RUNNING < 101);

/// The limits of each function.
#[derive(Clone, Copy)]
pub struct Limits {
    /// The time from a request's arrival to its answer.
    pub time: Duration,
    /// Requests that the emulator has at a time.
    pub running: usize,
}

/// Invokes one function, within its limits.
pub struct Limiter {
    function: String,
    time: Duration,
    lambda: Lambda,
    open: Semaphore,
    running: Arc<Semaphore>,
}

impl Limiter {
    /// Creates the limiter of a function.
    pub fn new(function: &str, limits: Limits, lambda: Lambda) -> Self {
        Self {
            function: function.to_owned(),
            time: limits.time,
            lambda,
            open: Semaphore::new(MAX_OPEN),
            running: Arc::new(Semaphore::new(limits.running.min(MAX_RUNNING))),
        }
    }

    /// Waits for the event (the request's body may still be arriving), for a free process and for the
    /// function's answer.
    ///
    /// Fails at once if too many requests are open, and otherwise when the time is over or the function
    /// fails.
    pub async fn invoke(
        &self,
        event: impl Future<Output = Result<Value, GatewayError>>,
    ) -> Result<Vec<u8>, GatewayError> {
        let _open = self.open.try_acquire().map_err(|_| GatewayError::TooMany)?;
        let invocation = async { Ok(self.run(event.await?).await) };
        match tokio::time::timeout(self.time, invocation).await.map_err(|_| GatewayError::TimedOut)?? {
            None => Err(GatewayError::Unreachable),
            Some(Invocation::Failed(reason)) => {
                tracing::error!(function = self.function, reason, "a function failed");
                Err(GatewayError::Failed)
            }
            Some(Invocation::Returned(answer)) => Ok(answer),
        }
    }

    /// Invokes the function; `None` means that the emulator cannot be reached.
    ///
    /// The invocation is a task of its own: if the caller gives up, the emulator still has the request, so it
    /// still counts.
    async fn run(&self, event: Value) -> Option<Invocation> {
        let permit = Arc::clone(&self.running).acquire_owned().await.ok()?;
        let (lambda, function) = (self.lambda.clone(), self.function.clone());
        let task = tokio::spawn(async move {
            let answer = lambda.invoke(&function, &event).await;
            drop(permit);
            answer.ok()
        });
        task.await.ok()?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_request_beyond_the_limit_is_refused_at_once() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let lambda = Lambda::new(&format!("http://{}", silent.local_addr().unwrap())).unwrap();
        let limits = Limits { time: Duration::from_secs(2), running: 1 };
        let limiter = Arc::new(Limiter::new("f", limits, lambda));
        let mut waiting = tokio::task::JoinSet::new();
        for _ in 0..MAX_OPEN {
            let limiter = Arc::clone(&limiter);
            waiting.spawn(async move { limiter.invoke(async { Ok(Value::Null) }).await });
        }
        while limiter.open.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(limiter.invoke(async { Ok(Value::Null) }).await, Err(GatewayError::TooMany)));
        let answers = waiting.join_all().await;
        assert!(answers.iter().all(|answer| matches!(answer, Err(GatewayError::TimedOut))));
        assert_eq!(limiter.open.available_permits(), MAX_OPEN);
    }
}
