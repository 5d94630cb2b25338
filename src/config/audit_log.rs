//! The setting of the audit log.

use super::{ConfigError, Result, read_or_default};

/// For how long entries of the audit log are kept.
#[derive(Clone, Copy, Debug)]
pub struct AuditLogConfig {
    /// `AUDIT_LOG_DAYS`: the number of days after which an entry is deleted. Default: 365.
    pub days: i32,
}

impl AuditLogConfig {
    /// The default of `AUDIT_LOG_DAYS`.
    pub const DAYS: i32 = 365;

    /// The least number of days: the longest life of a session, so that the entry of its login is there as
    /// long as the session.
    pub const LEAST_DAYS: i32 = 90;

    /// Reads the variable named in the comment of the field.
    pub fn from_env() -> Result<Self> {
        let (variable, least) = ("AUDIT_LOG_DAYS", Self::LEAST_DAYS);
        let days = read_or_default(variable, Self::DAYS)?;
        if days < least {
            return Err(ConfigError { variable, problem: format!("is {days}: set it to at least {least}") });
        }
        Ok(Self { days })
    }
}
