//! Log lines on standard output: one event a line, as flat JSON, whose fields CloudWatch finds by itself.
//! `docs/LOGGING.md` lists the events.

mod line;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{self, ConfigError};

/// The span in which Lambda's runtime handles an invocation. It gives every line the request's id, whatever
/// `LOG_LEVEL` is.
const INVOCATION_SPAN: &str = "lambda_runtime::layers::trace";

/// Starts logging. `LOG_LEVEL` is for the vault's own lines: below `info` the runtime and the SDK write down
/// whole events, URLs and headers, with the passwords, tokens and signatures in them, and they are never
/// asked to.
pub fn init() -> Result<(), ConfigError> {
    let level = config::read_log_level()?;
    let targets = Targets::new().with_default(level.min(LevelFilter::INFO)).with_targets([
        ("docuvault", level),
        ("local", level),
        (INVOCATION_SPAN, LevelFilter::INFO),
    ]);
    let lines = tracing_subscriber::fmt::layer().event_format(line::Line).fmt_fields(line::Fields);
    tracing_subscriber::registry().with(targets).with(lines).init();
    Ok(())
}
