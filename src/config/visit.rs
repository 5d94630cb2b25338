//! The settings about the addresses from which requests come.

use super::{Result, read_or_default};

/// The number of proxies between the clients and the gateway.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(pub usize);

impl TrustedProxies {
    /// Reads `TRUSTED_PROXIES`. Default: 0, which means that clients connect to the gateway itself.
    pub fn from_env() -> Result<Self> {
        read_or_default("TRUSTED_PROXIES", 0).map(Self)
    }
}
