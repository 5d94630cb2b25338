//! The settings of logs and metrics.

use super::{ConfigError, Result, read_optional, read_or_default};

/// Reads `LOG_LEVEL`: `off`, `error`, `warn` or `info`. Default: `info`. The vault has no log lines below
/// `info`.
pub fn read_log_level() -> Result<tracing::level_filters::LevelFilter> {
    read_or_default("LOG_LEVEL", tracing::level_filters::LevelFilter::INFO)
}

/// Reads `METRICS_NAMESPACE`: the namespace of the vault's metrics in CloudWatch, such as `DocuVault/prod`.
/// `None`: log lines are not marked as metrics.
///
/// # Errors
/// CloudWatch would not accept the namespace. It has at most 255 of the characters below, and does not begin
/// with a colon or with `AWS/`, which belongs to AWS's services.
pub fn read_metrics_namespace() -> Result<Option<String>> {
    let variable = "METRICS_NAMESPACE";
    let Some(namespace) = read_optional(variable)? else { return Ok(None) };
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "._-/#: ".contains(c);
    let is_reserved = namespace.starts_with(':') || namespace.starts_with("AWS/");
    if namespace.len() > 255 || !namespace.chars().all(is_allowed) || is_reserved {
        return Err(ConfigError {
            variable,
            problem: "is not a namespace of CloudWatch: set it to letters, digits, `/`, `_`, `-`, `.`, `#`, `:` or \
                      spaces, at most 255 of them, and not beginning with `:` or `AWS/`"
                .into(),
        });
    }
    Ok(Some(namespace))
}
