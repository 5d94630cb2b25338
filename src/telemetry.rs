//! The log. Each event is one line of JSON on standard output, whose fields CloudWatch recognizes. Some of
//! the fields are metrics. `docs/LOGGING.md` lists the events and the metrics.

mod invocation;
mod line;
mod metrics;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{self, ConfigError};

pub(crate) use invocation::TracedInvocations;

/// The span in which Lambda's runtime handles an invocation. It adds the request's id to every line, so it is
/// enabled at every `LOG_LEVEL`.
const INVOCATION_SPAN: &str = "lambda_runtime::layers::trace";

/// The library that checks the answers of passkeys. It logs wrong answers as errors, with parts of them, and
/// anybody can send wrong answers.
const WEBAUTHN: &str = "webauthn_rs";

/// Starts the log. Every line has the name of the function, if there is one. `LOG_LEVEL` applies to all
/// crates, but events below `info` are never logged for crates other than the vault's library and the local
/// runner. Below `info`, the runtime and the SDK log whole invocation events, URLs and headers, which contain
/// passwords, tokens and signatures.
///
/// # Errors
/// `LOG_LEVEL` or `METRICS_NAMESPACE` is wrong.
pub fn init(function: Option<&'static str>) -> Result<(), ConfigError> {
    let level = config::read_log_level()?;
    let line = line::Line::new(function, config::read_metrics_namespace()?);
    let targets = Targets::new().with_default(level.min(LevelFilter::INFO)).with_targets([
        ("docuvault", level),
        ("local", level),
        (WEBAUTHN, LevelFilter::OFF),
        (INVOCATION_SPAN, LevelFilter::INFO),
    ]);
    let lines = tracing_subscriber::fmt::layer().event_format(line).fmt_fields(line::Fields);
    tracing_subscriber::registry().with(targets).with(lines).init();
    Ok(())
}
