//! The runner's configuration. `./dev` sets the environment variables.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use aws_credential_types::Credentials;
use docuvault::config::AwsConfig;
use docuvault::limits::sdk::Timeouts;
use docuvault::limits::{
    FUNCTION_TIMEOUT, GATEWAY_TIMEOUT, MAX_RECEIVES, SWEEP_INTERVAL, VISIBILITY_TIMEOUT,
};

/// The time that the queue server waits for a message before it answers with none. SQS allows at most 20 s.
pub const LONG_POLL: Duration = Duration::from_secs(20);

/// Time limits of requests to the store and the queue.
pub const TIMEOUTS: Timeouts =
    Timeouts { attempt: Duration::from_secs(30), operation: Duration::from_secs(100) };

/// The default time limit for a process's start, until it first asks for an event.
const INIT_TIMEOUT: Duration = Duration::from_secs(30);

/// The default interval between two calls of `mail`. It is shorter than on AWS, whose scheduler has minutes
/// only.
const DEFAULT_MAIL_INTERVAL: Duration = Duration::from_secs(5);

/// The time limit of a call to the emulator. It only matters if the emulator hangs: a sandbox ends every
/// invocation earlier. `tools/dev/functions.py` has the same limit.
pub const EMULATOR_TIMEOUT: Duration = Duration::from_secs(150);

// The server ends a wait for messages before the client gives up.
const _: () = assert!(LONG_POLL.as_secs() < TIMEOUTS.attempt.as_secs());
// The sandbox ends an invocation before its caller gives up, also if it starts a process first.
const _: () = assert!(INIT_TIMEOUT.as_secs() + FUNCTION_TIMEOUT.as_secs() < EMULATOR_TIMEOUT.as_secs());
// The queue delivers no message again while an invocation may still handle it.
const _: () = assert!(EMULATOR_TIMEOUT.as_secs() < VISIBILITY_TIMEOUT.as_secs());

/// Addresses, ports and limits of `local provision` and `local run`.
pub struct Config {
    /// `SQS_ENDPOINT`: the address of the queue server.
    pub sqs_endpoint: String,
    /// `S3_ENDPOINT`: the address of the object store.
    pub s3_endpoint: String,
    /// `S3_PUBLIC_ENDPOINT`: the address at which browsers reach the store (default: `s3_endpoint`).
    pub public_store: String,
    /// `S3_BUCKET`: the bucket for documents.
    pub bucket: String,
    /// `AWS_REGION`, `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`: for the store and the queue.
    pub aws: AwsConfig,
    /// `LAMBDA_URL`: the emulator's Invoke API.
    pub lambda_url: String,
    /// `API_PORT`: the gateway's port.
    pub api_port: u16,
    /// `PAGE_FOLDER`: the folder with the built page. Without it, only the API is served.
    pub page: Option<PathBuf>,
    /// `API_TIMEOUT`, in seconds: from a request's arrival to its answer. API Gateway's own limit is 30 s.
    pub api_timeout: Duration,
    /// `CONCURRENCY`: processes per function.
    pub concurrency: usize,
    /// `LOCAL_PORT`: the webhook's port.
    pub port: u16,
    /// `WEBHOOK_TOKEN`: the bearer token that the store sends to the webhook.
    pub token: String,
    /// `VISIBILITY_TIMEOUT`, in seconds: six times the function's timeout, as AWS recommends for event source
    /// mappings.
    pub visibility_timeout: u64,
    /// `MAX_RECEIVES`: deliveries of a message before it becomes a dead letter.
    pub max_receives: u32,
    /// `CLEANUP_INTERVAL`, in seconds: between two calls of `cleanup`.
    pub cleanup_interval: Duration,
    /// `MAIL_INTERVAL`, in seconds: between two calls of `mail`.
    pub mail_interval: Duration,
}

impl Config {
    /// Reads the variables that the fields name. Fails if a required one is missing or one is not a number.
    pub fn from_env() -> Result<Self> {
        let credentials = Credentials::new(
            read_required("AWS_ACCESS_KEY_ID")?,
            read_required("AWS_SECRET_ACCESS_KEY")?,
            None,
            None,
            "environment",
        );
        let s3_endpoint = read_required("S3_ENDPOINT")?;
        Ok(Self {
            sqs_endpoint: read_required("SQS_ENDPOINT")?,
            public_store: read_optional("S3_PUBLIC_ENDPOINT").unwrap_or_else(|| s3_endpoint.clone()),
            s3_endpoint,
            bucket: read_required("S3_BUCKET")?,
            aws: AwsConfig { region: read_required("AWS_REGION")?, credentials },
            lambda_url: read_required("LAMBDA_URL")?,
            api_port: parse_or("API_PORT", 3000)?,
            page: read_optional("PAGE_FOLDER").map(PathBuf::from),
            api_timeout: Duration::from_secs(parse_or("API_TIMEOUT", GATEWAY_TIMEOUT.as_secs())?),
            concurrency: parse_or("CONCURRENCY", 2)?,
            port: parse_or("LOCAL_PORT", 9325)?,
            token: read_required("WEBHOOK_TOKEN")?,
            visibility_timeout: parse_or("VISIBILITY_TIMEOUT", VISIBILITY_TIMEOUT.as_secs())?,
            max_receives: parse_or("MAX_RECEIVES", MAX_RECEIVES)?,
            cleanup_interval: Duration::from_secs(parse_or("CLEANUP_INTERVAL", SWEEP_INTERVAL.as_secs())?),
            mail_interval: Duration::from_secs(parse_or("MAIL_INTERVAL", DEFAULT_MAIL_INTERVAL.as_secs())?),
        })
    }
}

/// The configuration of `local sandbox`, set by the emulator that starts it and by `./dev`.
pub struct SandboxConfig {
    /// `AWS_LAMBDA_RUNTIME_API`: the emulator's Runtime API for this function.
    pub runtime_api: String,
    /// `AWS_LAMBDA_FUNCTION_NAME`: the name of the function.
    pub name: String,
    /// `DOCUVAULT_PROGRAMS`: the folder with the functions' programs.
    pub programs: PathBuf,
    /// The command to run instead of the function's program, from the command line. Empty means the program.
    pub command: Vec<String>,
    /// `FUNCTION_TIMEOUT`, in seconds: overrides the default time limit of an invocation. 0 means the
    /// default.
    pub timeout: Option<Duration>,
    /// `INIT_TIMEOUT`, in seconds: from a process's start until it first asks for an event.
    pub init_timeout: Duration,
}

impl SandboxConfig {
    /// Reads the variables that the fields name. Fails if a required one is missing or one is not a number.
    pub fn from_env(command: Vec<String>) -> Result<Self> {
        let timeout: u64 = parse_or("FUNCTION_TIMEOUT", 0)?;
        Ok(Self {
            runtime_api: read_required("AWS_LAMBDA_RUNTIME_API")?,
            name: read_required("AWS_LAMBDA_FUNCTION_NAME")?,
            programs: read_optional("DOCUVAULT_PROGRAMS").unwrap_or_default().into(),
            command,
            timeout: (timeout > 0).then(|| Duration::from_secs(timeout)),
            init_timeout: Duration::from_secs(parse_or("INIT_TIMEOUT", INIT_TIMEOUT.as_secs())?),
        })
    }
}

fn read_optional(variable: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the runner is not a function and has its own configuration"
    )]
    std::env::var(variable).ok().filter(|value| !value.is_empty())
}

fn read_required(variable: &str) -> Result<String> {
    read_optional(variable).ok_or_else(|| anyhow!("{variable} is not set. ./dev sets it."))
}

fn parse_or<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    variable: &str,
    default: T,
) -> Result<T> {
    read_optional(variable).map_or(Ok(default), |value| {
        value.parse().with_context(|| format!("invalid value {variable}={value}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_and_the_example_settings_have_the_same_timeouts() {
        let script = include_str!("../../dev/functions.py");
        let line = format!("\nEMULATOR_TIMEOUT = {}\n", EMULATOR_TIMEOUT.as_secs());
        assert!(script.contains(&line), "{line}");
        let example = include_str!("../../../.env.example");
        let line = format!("\n# INIT_TIMEOUT={}\n", INIT_TIMEOUT.as_secs());
        assert!(example.contains(&line), "{line}");
    }
}
