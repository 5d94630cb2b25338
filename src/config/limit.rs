//! The setting of limits of attempts.

use super::{Result, read_positive};

/// The setting of limits of attempts (`docuvault::limit`).
#[derive(Clone, Copy, Debug)]
pub struct AttemptLimits {
    /// `ADDRESS_LIMIT_FACTOR`: how many times as many attempts are admitted per address as by default. For
    /// operators whose users share one address. Default: 1.
    pub address_factor: u32,
}

impl AttemptLimits {
    /// Reads the variable named in the comment of the field.
    pub fn from_env() -> Result<Self> {
        Ok(Self { address_factor: read_positive("ADDRESS_LIMIT_FACTOR", 1)? })
    }
}
