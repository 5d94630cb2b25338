//! The time after which a function begins no more work, because its invocation ends soon.

use std::time::{Duration, SystemTime};

/// The time after which no more work is begun. Without a time there is no such limit.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Option<SystemTime>);

impl Deadline {
    /// Returns the time that is `reserve` before the end of the invocation. If the invocation's own deadline
    /// is already over, there is no limit: `cargo lambda watch` without the local runner always sends a
    /// deadline in 1970.
    pub fn new(context: &lambda_runtime::Context, reserve: Duration) -> Self {
        let at = context.deadline();
        Self((at > SystemTime::now()).then(|| at.checked_sub(reserve).unwrap_or(at)))
    }

    /// Returns a deadline that never comes.
    pub const fn none() -> Self {
        Self(None)
    }

    /// Returns a deadline at this time.
    pub const fn at(moment: SystemTime) -> Self {
        Self(Some(moment))
    }

    /// Does work until the deadline. Returns `None` if the work did not end before it.
    pub async fn limit<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let Some(at) = self.0 else { return Some(work.await) };
        let left = at.duration_since(SystemTime::now()).unwrap_or_default();
        tokio::time::timeout(left, work).await.ok()
    }

    /// Returns true if no more work may be begun.
    pub fn has_passed(&self) -> bool {
        self.0.is_some_and(|at| SystemTime::now() >= at)
    }
}
