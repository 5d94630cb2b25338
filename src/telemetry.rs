//! Log lines: JSON on standard output, one event a line, as CloudWatch reads them.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{self, ConfigError};

/// Starts logging. `LOG_LEVEL` is for the vault's own lines: below `info` the runtime and the SDK write down
/// whole events, URLs and headers, with the passwords, tokens and signatures in them, and they are never
/// asked to.
pub fn init() -> Result<(), ConfigError> {
    let level = config::log_level()?;
    let targets = Targets::new()
        .with_default(level.min(LevelFilter::INFO))
        .with_targets([("docuvault", level), ("local", level)]);
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .with_target(false)
        .with_current_span(true)
        .with_span_list(false);
    tracing_subscriber::registry().with(lines.with_filter(targets)).init();
    Ok(())
}
