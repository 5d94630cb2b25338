//! The deadline of an invocation.

use std::time::{Duration, SystemTime};

/// The moment after which no more work is begun.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Option<SystemTime>);

impl Deadline {
    /// `reserve` before the invocation's deadline. `cargo lambda watch` by itself always sends a deadline in
    /// 1970: one that has passed before the work begins counts as none.
    pub fn new(context: &lambda_runtime::Context, reserve: Duration) -> Self {
        let at = context.deadline();
        Self((at > SystemTime::now()).then(|| at.checked_sub(reserve).unwrap_or(at)))
    }

    /// No deadline.
    pub const fn none() -> Self {
        Self(None)
    }

    /// A deadline at a given moment.
    pub const fn at(moment: SystemTime) -> Self {
        Self(Some(moment))
    }

    /// Whether it is time to stop.
    pub fn is_near(&self) -> bool {
        self.0.is_some_and(|at| SystemTime::now() >= at)
    }
}
