//! How long an invocation may go on.

use std::time::{Duration, SystemTime};

/// The moment by which work must have stopped.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Option<SystemTime>);

impl Deadline {
    /// The invocation's deadline less `reserve`, which is for the answer. `cargo lambda watch` by itself names one in 1970
    /// whatever the clock says: a deadline that had passed before the work began means that there is none.
    pub fn of(context: &lambda_runtime::Context, reserve: Duration) -> Self {
        let at = context.deadline();
        Self((at > SystemTime::now()).then(|| at.checked_sub(reserve).unwrap_or(at)))
    }

    /// Work that may take as long as it needs.
    pub const fn none() -> Self {
        Self(None)
    }

    /// At a given moment.
    pub const fn at(moment: SystemTime) -> Self {
        Self(Some(moment))
    }

    /// Whether it is time to stop.
    pub fn is_near(&self) -> bool {
        self.0.is_some_and(|at| SystemTime::now() >= at)
    }
}
