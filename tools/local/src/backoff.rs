//! Growing pauses while a neighbour is away: soon back at work, and never spinning.

use std::time::Duration;

use crate::stop::Stop;

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(10);

/// The pause to come.
pub struct Backoff {
    next: Duration,
}

impl Backoff {
    /// Starts with a short pause.
    pub fn new() -> Self {
        Self { next: FIRST }
    }

    /// The pause that is due; the one after it is longer.
    pub fn take(&mut self) -> Duration {
        let pause = self.next;
        self.next = (pause * 2).min(LONGEST);
        pause
    }

    /// Pauses, longer each time; ends early when the runner is to stop.
    pub async fn pause(&mut self, stop: &Stop) {
        tokio::select! {
            () = tokio::time::sleep(self.take()) => {}
            () = stop.asked() => {}
        }
    }
}
