//! The settings of passwords and of the registration.

use super::{Result, read_base_url, read_choice};

/// The rule for the characters of new passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordPolicy {
    /// 12 characters, among them upper case, lower case, a digit and a symbol.
    Classes,
    /// 15 characters of any kind, as NIST SP 800-63B-4 and ASVS 5 recommend.
    Length,
}

/// The settings of new passwords.
#[derive(Clone)]
pub struct PasswordConfig {
    /// `PASSWORD_POLICY`: `classes` (the default) or `length`.
    pub policy: PasswordPolicy,
    /// `HIBP_URL`: the URL of the API of Have I Been Pwned, such as `https://api.pwnedpasswords.com`. `None`:
    /// passwords are not compared with known breaches.
    pub breaches_url: Option<String>,
}

impl PasswordConfig {
    /// Reads the variables named in the comments of the fields.
    pub fn from_env() -> Result<Self> {
        let policies = [("classes", PasswordPolicy::Classes), ("length", PasswordPolicy::Length)];
        Ok(Self {
            policy: read_choice("PASSWORD_POLICY", policies)?,
            breaches_url: read_base_url("HIBP_URL")?,
        })
    }
}

/// Whether anybody may register an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Anybody may register.
    Open,
    /// Only administrators create accounts.
    Closed,
}

impl Registration {
    /// Reads `REGISTRATION`: `open` (the default) or `closed`.
    pub fn from_env() -> Result<Self> {
        read_choice("REGISTRATION", [("open", Self::Open), ("closed", Self::Closed)])
    }
}
