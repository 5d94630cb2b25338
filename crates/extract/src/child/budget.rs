//! How deep documents may be nested, and how long reading one with all documents in it may take.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::protocol::CPU_TIME;

/// How deep archives and signed documents may be nested.
pub const MAX_DEPTH: usize = 4;

/// What is left for the documents within a document.
#[derive(Clone, Copy)]
pub struct Budget {
    /// The number of archives and signed documents around this one.
    depth: usize,
    /// The CPU time of the process when reading the outermost document began. It is not zero if the process
    /// has read others before.
    begun: Duration,
}

impl Budget {
    /// Begins reading a document that is in no other.
    pub fn begin() -> Self {
        Self { depth: 0, begun: cpu_time() }
    }

    /// Returns the budget of a document within this one.
    pub fn deeper(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }

    /// Whether documents within this one are not read.
    pub fn is_deepest(self) -> bool {
        self.depth >= MAX_DEPTH
    }

    /// Whether half of the time is used up. The rest is left for a last file.
    pub fn is_half_used(self) -> bool {
        cpu_time().saturating_sub(self.begun) > CPU_TIME / 2
    }
}

/// The CPU time that this process has used.
pub fn cpu_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap_or_default()
}
