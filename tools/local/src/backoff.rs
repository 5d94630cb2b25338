//! Exponential backoff for retries of a service that does not answer.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(10);

const _: () = assert!(FIRST.as_millis() < LONGEST.as_millis());

/// Pauses that double from [`FIRST`] up to [`LONGEST`].
pub struct Backoff {
    next: Duration,
}

impl Backoff {
    /// Starts with the shortest pause.
    pub fn new() -> Self {
        Self { next: FIRST }
    }

    /// Returns the next pause, and doubles the one after it.
    pub fn next_pause(&mut self) -> Duration {
        let pause = self.next;
        self.next = (pause * 2).min(LONGEST);
        pause
    }

    /// Sleeps for the next pause, or until the shutdown begins.
    pub async fn pause(&mut self, shutdown: &CancellationToken) {
        let _ = tokio::time::timeout(self.next_pause(), shutdown.cancelled()).await;
    }
}
