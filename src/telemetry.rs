//! Log lines: JSON on standard output, one event a line, as CloudWatch reads them.

use crate::config::{self, ConfigError};

/// Starts logging at `LOG_LEVEL`.
pub fn init() -> Result<(), ConfigError> {
    let level = config::log_level()?;
    tracing_subscriber::fmt()
        .json()
        .with_max_level(level)
        .with_target(false)
        .with_current_span(true)
        .with_span_list(false)
        .init();
    Ok(())
}
