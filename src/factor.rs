//! Second factors: TOTP and backup codes. An account with TOTP needs a code at each login, after the
//! password: a code by time ([`totp`]), or one of its backup codes ([`backup_code`]).

pub mod backup_code;
mod keys;
pub mod totp;

pub use keys::{FactorKeys, Sealed};

use crate::{Error, Result};

/// Returns random bytes of the operating system.
fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    Ok(bytes)
}
