//! Environment variables. No other module reads them. Each struct holds the variables of one concern. A
//! function reads the structs that it uses when it starts. If a variable is missing or wrong, the function
//! ends with an error that names the variable.

mod ai_models;
mod audit_log;
mod aws;
mod classification;
mod database;
mod factor;
mod limits;
mod mail;
mod observability;
mod passkey;
mod password;
mod secret;
mod visit;
mod web_origins;

use std::str::FromStr;

pub use ai_models::{AiModel, AiModels};
pub use audit_log::AuditLogConfig;
pub use aws::{AwsConfig, QueueConfig, StorageConfig};
pub use classification::{ClassificationConfig, Images, ProviderConfig};
pub use database::{DatabaseConfig, IamLogin};
pub use factor::{FactorConfig, RequireFactor};
pub use limits::{AttemptLimits, DocumentLimits, TopicLimits, UploadLimits};
pub use mail::{Encryption, MailConfig, Outlet, RequireVerifiedEmail, SmtpConfig};
pub use observability::{read_log_level, read_metrics_namespace};
pub use passkey::PasskeyConfig;
pub use password::{PasswordConfig, PasswordPolicy, Registration};
pub use secret::{Secret, StoredSecret};
pub use visit::TrustedProxies;
pub use web_origins::WebOrigins;

/// An environment variable that is missing or wrong. The text names the variable, says what is wrong, and
/// says what to set.
#[derive(thiserror::Error)]
#[error("{variable} {problem}")]
pub struct ConfigError {
    variable: &'static str,
    problem: String,
}

impl std::fmt::Debug for ConfigError {
    /// Writes the same sentence as `Display`: when a program ends with an error, Rust prints its `Debug`
    /// form.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

type Result<T> = std::result::Result<T, ConfigError>;

/// Reads a variable. `None` if it is not set or empty.
fn read_optional(variable: &'static str) -> Result<Option<String>> {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    match std::env::var(variable) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(ConfigError { variable, problem: "is not UTF-8: set it to UTF-8 text".into() })
        }
    }
}

/// Reads a variable that must be set. `meaning` describes its value in the error.
fn read_required(variable: &'static str, meaning: &str) -> Result<String> {
    read_optional(variable)?
        .ok_or_else(|| ConfigError { variable, problem: format!("is not set: set it to {meaning}") })
}

/// Reads and parses a variable. Returns `default` if it is not set or empty.
fn read_or_default<T: FromStr<Err: std::fmt::Display>>(variable: &'static str, default: T) -> Result<T> {
    match read_optional(variable)? {
        None => Ok(default),
        Some(value) => value.parse().map_err(|error| ConfigError {
            variable,
            problem: format!("cannot be read ({error}): correct or unset it"),
        }),
    }
}

/// Reads a limit, which must be at least 1. With a limit of 0 the vault would refuse every request, also
/// after the time that it gives in `Retry-After`.
fn read_positive<T>(variable: &'static str, default: T) -> Result<T>
where
    T: FromStr<Err: std::fmt::Display> + PartialOrd + From<u8> + std::fmt::Display,
{
    let limit = read_or_default(variable, default)?;
    if limit < T::from(1) {
        return Err(ConfigError { variable, problem: format!("is {limit}: set it to at least 1") });
    }
    Ok(limit)
}

/// Reads a variable that is one of these words. Returns the value of the first word if it is not set or
/// empty.
fn read_choice<T: Copy>(variable: &'static str, choices: [(&str, T); 2]) -> Result<T> {
    let [(first, default), (second, _)] = choices;
    let Some(text) = read_optional(variable)? else { return Ok(default) };
    let chosen = choices.into_iter().find(|(word, _)| *word == text);
    chosen.map(|(_, value)| value).ok_or_else(|| ConfigError {
        variable,
        problem: format!("is neither {first} nor {second}: correct or unset it"),
    })
}

/// Reads a URL to which paths are appended. The error does not quote a wrong URL, because it may contain a
/// password.
fn read_base_url(variable: &'static str) -> Result<Option<String>> {
    let Some(text) = read_optional(variable)? else { return Ok(None) };
    let url = text.trim_end_matches('/');
    match url.parse::<hyper::Uri>() {
        Ok(uri) if matches!(uri.scheme_str(), Some("http" | "https")) && uri.query().is_none() => {
            Ok(Some(url.to_owned()))
        }
        _ => Err(ConfigError {
            variable,
            problem: "is not a URL: set it to one that begins with http:// or https:// and has no query"
                .into(),
        }),
    }
}

/// The secret that signs access tokens.
#[derive(Clone)]
pub struct TokenConfig {
    /// `JWT_SECRET` or `JWT_SECRET_ARN`: at least 32 bytes.
    pub secret: Secret,
}

impl TokenConfig {
    /// Reads the variables named in the comment of the field. Fails if `JWT_SECRET` has fewer than 32 bytes,
    /// because it could be guessed.
    pub fn from_env() -> Result<Self> {
        let (variable, arn_variable) = ("JWT_SECRET", "JWT_SECRET_ARN");
        let secret = Secret::read(variable, arn_variable)?.ok_or_else(|| ConfigError {
            variable,
            problem: format!(
                "is not set: set it to at least 32 random bytes, which sign access tokens, or set \
                 {arn_variable} to the ARN of a secret with them"
            ),
        })?;
        if let Secret::Value(value) = &secret {
            Self::check_length(value).map_err(|problem| ConfigError { variable, problem })?;
        }
        Ok(Self { secret })
    }

    /// Refuses a secret that is too short. The error says so without quoting it.
    pub fn check_length(secret: &str) -> std::result::Result<(), String> {
        match secret.len() {
            32.. => Ok(()),
            bytes => Err(format!("has {bytes} bytes: set it to at least 32 random bytes")),
        }
    }
}
