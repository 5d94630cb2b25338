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

    /// After an attempt: one that was of use makes the pauses short again, and needs none.
    pub async fn after(&mut self, of_use: bool, stop: &Stop) {
        if of_use {
            *self = Self::new();
        } else {
            self.pause(stop).await;
        }
    }

    /// Pauses, longer each time; ends early when the runner is to stop.
    pub async fn pause(&mut self, stop: &Stop) {
        let pause = self.next;
        self.next = (pause * 2).min(LONGEST);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.asked() => {}
        }
    }
}
