//! The settings of second factors.

use super::{ConfigError, Result, Secret, read_optional, read_or_default};
use crate::role::Role;

/// The length of the shortest key in `FACTOR_KEYS`, in bytes.
const MIN_KEY_BYTES: usize = 32;

/// The settings of second factors.
#[derive(Clone)]
pub struct FactorConfig {
    /// `FACTOR_KEYS` or `FACTOR_KEYS_ARN`: the keys that encrypt the TOTP secrets in the database, separated
    /// by commas. The first key encrypts, and all keys decrypt. Each has at least 32 random bytes.
    pub keys: Secret,
    /// `TOTP_SKEW_STEPS`: the number of time steps before and after the current one whose codes are accepted,
    /// 0 or 1. Default: 1.
    pub skew_steps: u16,
}

impl FactorConfig {
    /// The default of `TOTP_SKEW_STEPS`: clocks may differ by a step, and a code may be typed slowly. RFC
    /// 6238 (section 5.2) recommends no more.
    pub const SKEW_STEPS: u16 = 1;

    /// Reads the variables named in the comments of the fields.
    pub fn from_env() -> Result<Self> {
        let (variable, arn_variable) = ("FACTOR_KEYS", "FACTOR_KEYS_ARN");
        let keys = Secret::read(variable, arn_variable)?.ok_or_else(|| ConfigError {
            variable,
            problem: format!(
                "is not set: set it to at least 32 random bytes, which encrypt the secrets of second factors, \
                 or set {arn_variable} to the ARN of a secret with them"
            ),
        })?;
        let skew_steps = read_or_default("TOTP_SKEW_STEPS", Self::SKEW_STEPS)?;
        if skew_steps > 1 {
            let problem = format!("is {skew_steps}: set it to 0 or 1");
            return Err(ConfigError { variable: "TOTP_SKEW_STEPS", problem });
        }
        Ok(Self { keys, skew_steps })
    }

    /// Makes the error of a variable `FACTOR_KEYS` whose value [`Self::split_keys`] refuses.
    pub(crate) const fn refuse_keys(problem: String) -> ConfigError {
        ConfigError { variable: "FACTOR_KEYS", problem }
    }

    /// Splits the value of `FACTOR_KEYS` into keys. Refuses a key that is too short, because it could be
    /// guessed. The error says so without quoting it.
    pub fn split_keys(value: &str) -> std::result::Result<Vec<&str>, String> {
        let keys: Vec<_> = value.split(',').map(str::trim).collect();
        match keys.iter().map(|key| key.len()).min() {
            Some(MIN_KEY_BYTES..) => Ok(keys),
            shortest => Err(format!(
                "has a key of {} bytes: set it to keys of at least {MIN_KEY_BYTES} random bytes, separated by \
                 commas",
                shortest.unwrap_or(0)
            )),
        }
    }
}

/// The accounts that must have a second factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequireFactor {
    /// No account must have one.
    #[default]
    None,
    /// Administrators must have one.
    Admins,
    /// Every account must have one.
    All,
}

impl RequireFactor {
    /// Reads `REQUIRE_FACTOR`: `none`, the default, `admins` or `all`.
    pub fn from_env() -> Result<Self> {
        let variable = "REQUIRE_FACTOR";
        match read_optional(variable)?.as_deref() {
            None | Some("none") => Ok(Self::None),
            Some("admins") => Ok(Self::Admins),
            Some("all") => Ok(Self::All),
            Some(_) => {
                Err(ConfigError { variable, problem: "is not none, admins or all: correct it".into() })
            }
        }
    }

    /// The roles whose accounts must have a second factor, by their names in the database.
    pub fn roles(self) -> Vec<&'static str> {
        match self {
            Self::None => vec![],
            Self::Admins => vec![Role::Admin.as_str()],
            Self::All => vec![Role::Admin.as_str(), Role::User.as_str()],
        }
    }
}
