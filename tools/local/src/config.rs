//! The runner's environment: the stack's settings as `./dev` gives them.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use aws_credential_types::Credentials;
use docuvault::config::Aws;
use docuvault::limits::sdk::Timeouts;
use docuvault::limits::{
    FUNCTION_TIMEOUT, GATEWAY_TIMEOUT, MAX_RECEIVES, SWEEP_INTERVAL, VISIBILITY_TIMEOUT,
};

/// How long SQS may hold a request that finds no message: the most that it takes.
pub const LONG_POLL: Duration = Duration::from_secs(20);

/// How long the store and the queue may take.
pub const TIMEOUTS: Timeouts =
    Timeouts { attempt: Duration::from_secs(30), operation: Duration::from_secs(100) };

/// How long the emulator may take for a call. A sandbox ends what takes longer than its function may: this limit is for an
/// emulator that hangs.
pub const EMULATOR_TIMEOUT: Duration = Duration::from_secs(120);

const _: () = assert!(LONG_POLL.as_secs() < TIMEOUTS.attempt.as_secs());
const _: () = assert!(FUNCTION_TIMEOUT.as_secs() < EMULATOR_TIMEOUT.as_secs());

/// Who is where.
pub struct Config {
    /// `SQS_ENDPOINT`.
    pub sqs_endpoint: String,
    /// `S3_ENDPOINT`.
    pub s3_endpoint: String,
    /// `S3_BUCKET`.
    pub bucket: String,
    /// `AWS_REGION`, `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`.
    pub aws: Aws,
    /// `LAMBDA_URL`: where functions are invoked.
    pub lambda_url: String,
    /// `API_PORT`: where the gateway listens.
    pub api_port: u16,
    /// `API_TIMEOUT`, in seconds: from a request to its answer. API Gateway allows thirty, and the answer has to travel, too.
    pub api_timeout: Duration,
    /// `CONCURRENCY`: processes per function.
    pub concurrency: usize,
    /// `LOCAL_PORT`: where the webhook listens.
    pub port: u16,
    /// `WEBHOOK_TOKEN`: what the store must show.
    pub token: String,
    /// `VISIBILITY_TIMEOUT`, in seconds: six times the functions' timeout, as Lambda's documentation asks.
    pub visibility_timeout: u64,
    /// `MAX_RECEIVES`: how often a message is received before it is a dead letter.
    pub max_receives: u32,
    /// `CLEANUP_INTERVAL`, in seconds.
    pub cleanup_interval: Duration,
}

impl Config {
    /// Reads the variables named at the fields.
    pub fn from_env() -> Result<Self> {
        let credentials = Credentials::new(
            required("AWS_ACCESS_KEY_ID")?,
            required("AWS_SECRET_ACCESS_KEY")?,
            None,
            None,
            "environment",
        );
        Ok(Self {
            sqs_endpoint: required("SQS_ENDPOINT")?,
            s3_endpoint: required("S3_ENDPOINT")?,
            bucket: required("S3_BUCKET")?,
            aws: Aws { region: required("AWS_REGION")?, credentials },
            lambda_url: required("LAMBDA_URL")?,
            api_port: parsed("API_PORT", 3000)?,
            api_timeout: Duration::from_secs(parsed("API_TIMEOUT", GATEWAY_TIMEOUT.as_secs())?),
            concurrency: parsed("CONCURRENCY", 2)?,
            port: parsed("LOCAL_PORT", 9325)?,
            token: required("WEBHOOK_TOKEN")?,
            visibility_timeout: parsed("VISIBILITY_TIMEOUT", VISIBILITY_TIMEOUT.as_secs())?,
            max_receives: parsed("MAX_RECEIVES", MAX_RECEIVES)?,
            cleanup_interval: Duration::from_secs(parsed("CLEANUP_INTERVAL", SWEEP_INTERVAL.as_secs())?),
        })
    }
}

/// What a sandbox is told by the emulator that starts it, and by `./dev`.
pub struct Sandbox {
    /// `AWS_LAMBDA_RUNTIME_API`: where the emulator hands out work.
    pub runtime_api: String,
    /// `AWS_LAMBDA_FUNCTION_NAME`.
    pub name: String,
    /// `DOCUVAULT_PROGRAMS`: the folder with the functions' programs.
    pub programs: PathBuf,
    /// What to run instead of the function's program.
    pub command: Vec<String>,
    /// `FUNCTION_TIMEOUT`, in seconds: another limit than the function's own.
    pub timeout: Option<Duration>,
    /// `INIT_TIMEOUT`, in seconds: how long a process may take until it first asks for work.
    pub init_timeout: Duration,
}

impl Sandbox {
    /// Reads the variables named at the fields.
    pub fn from_env(command: Vec<String>) -> Result<Self> {
        let timeout: u64 = parsed("FUNCTION_TIMEOUT", 0)?;
        Ok(Self {
            runtime_api: required("AWS_LAMBDA_RUNTIME_API")?,
            name: required("AWS_LAMBDA_FUNCTION_NAME")?,
            programs: optional("DOCUVAULT_PROGRAMS").unwrap_or_default().into(),
            command,
            timeout: (timeout > 0).then(|| Duration::from_secs(timeout)),
            init_timeout: Duration::from_secs(parsed("INIT_TIMEOUT", 30)?),
        })
    }
}

fn optional(variable: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the runner is a program of its own, with its own configuration"
    )]
    std::env::var(variable).ok().filter(|value| !value.is_empty())
}

fn required(variable: &str) -> Result<String> {
    optional(variable).ok_or_else(|| anyhow!("{variable} is not set; ./dev sets it"))
}

fn parsed<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    variable: &str,
    default: T,
) -> Result<T> {
    optional(variable)
        .map_or(Ok(default), |value| value.parse().with_context(|| format!("{variable}={value}")))
}
