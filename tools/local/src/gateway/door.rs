//! The door to one function: how many requests may be under way, how many may wait, and how long.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Semaphore;

use super::refusal::Refusal;
use crate::lambda::{Answer, Lambda};

/// How many requests for one function may be under way or waiting. One more is answered 429.
const PLACES: usize = 1000;
/// The emulator holds a hundred requests for one function, and stops for good at the next.
const MOST_RUNNING: usize = 64;

/// What bounds the requests to one function.
#[derive(Clone, Copy)]
pub struct Limits {
    /// From a request's arrival to its answer.
    pub time: Duration,
    /// Requests that the emulator has at a time.
    pub running: usize,
}

/// One function's.
pub struct Door {
    function: String,
    time: Duration,
    lambda: Lambda,
    places: Semaphore,
    running: Arc<Semaphore>,
}

impl Door {
    /// Nobody waits yet.
    pub fn new(function: &str, limits: Limits, lambda: Lambda) -> Self {
        Self {
            function: function.to_owned(),
            time: limits.time,
            lambda,
            places: Semaphore::new(PLACES),
            running: Arc::new(Semaphore::new(limits.running.min(MOST_RUNNING))),
        }
    }

    /// Takes a place, waits for the event, for its turn and for the function's answer, as long as the time allows.
    pub async fn pass(
        &self,
        event: impl Future<Output = Result<Value, Refusal>>,
    ) -> Result<Vec<u8>, Refusal> {
        let _place = self.places.try_acquire().map_err(|_| Refusal::TooMany)?;
        let answer = async { Ok(self.call(event.await?).await) };
        match tokio::time::timeout(self.time, answer).await.map_err(|_| Refusal::TimedOut)?? {
            None => Err(Refusal::Unreachable),
            Some(Answer::Failed(reason)) => {
                tracing::error!(function = self.function, reason, "a function failed");
                Err(Refusal::Failed)
            }
            Some(Answer::Returned(answer)) => Ok(answer),
        }
    }

    /// A caller that gives up does not end the call: the emulator still holds it, and so it still counts.
    async fn call(&self, event: Value) -> Option<Answer> {
        let turn = Arc::clone(&self.running).acquire_owned().await.ok()?;
        let (lambda, function) = (self.lambda.clone(), self.function.clone());
        let call = tokio::spawn(async move {
            let answer = lambda.invoke(&function, &event).await;
            drop(turn);
            answer.ok()
        });
        call.await.ok()?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_finds_no_place_is_told_so_at_once() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let lambda = Lambda::new(&format!("http://{}", silent.local_addr().unwrap())).unwrap();
        let door = Arc::new(Door::new("f", Limits { time: Duration::from_secs(2), running: 1 }, lambda));
        let mut waiting = tokio::task::JoinSet::new();
        for _ in 0..PLACES {
            let door = Arc::clone(&door);
            waiting.spawn(async move { door.pass(async { Ok(Value::Null) }).await });
        }
        while door.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(door.pass(async { Ok(Value::Null) }).await, Err(Refusal::TooMany)));
        let answers = waiting.join_all().await;
        assert!(answers.iter().all(|answer| matches!(answer, Err(Refusal::TimedOut))));
        assert_eq!(door.places.available_permits(), PLACES);
    }
}
