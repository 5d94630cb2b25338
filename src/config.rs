//! The environment. No other module reads it. Each concern has its own struct. A function reads those that it
//! uses while it starts, and ends with the name of a variable that is missing or wrong.

use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use crate::limits::{MAX_ATTEMPTS, MAX_PROVIDER_TIMEOUT, MAX_UPLOAD_BYTES, PROVIDER_TIMEOUT};

/// A variable that is missing or wrong.
#[derive(thiserror::Error)]
#[error("{variable}: {problem}")]
pub struct ConfigError {
    variable: &'static str,
    problem: String,
}

impl std::fmt::Debug for ConfigError {
    /// The sentence itself: a program that ends with an error prints its `Debug` form.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

type Result<T> = std::result::Result<T, ConfigError>;

fn read_optional(variable: &'static str) -> Result<Option<String>> {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    match std::env::var(variable) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(ConfigError { variable, problem: "is not UTF-8".into() })
        }
    }
}

fn read_required(variable: &'static str, meaning: &str) -> Result<String> {
    read_optional(variable)?
        .ok_or_else(|| ConfigError { variable, problem: format!("is not set; it is {meaning}") })
}

fn read_or_default<T: FromStr<Err: std::fmt::Display>>(variable: &'static str, default: T) -> Result<T> {
    match read_optional(variable)? {
        None => Ok(default),
        Some(value) => value
            .parse()
            .map_err(|error| ConfigError { variable, problem: format!("cannot be read: {error}") }),
    }
}

/// Reads a limit, which is at least 1. With 0 every request would be refused, and no `Retry-After` would be
/// true.
fn read_positive<T>(variable: &'static str, default: T) -> Result<T>
where
    T: FromStr<Err: std::fmt::Display> + PartialOrd + From<u8> + std::fmt::Display,
{
    let limit = read_or_default(variable, default)?;
    if limit < T::from(1) {
        return Err(ConfigError { variable, problem: format!("is {limit}; at least 1 is needed") });
    }
    Ok(limit)
}

/// How to reach Postgres.
#[derive(Clone)]
pub struct DatabaseConfig {
    /// The connection string; TLS unless it says `sslmode=disable`.
    pub url: tokio_postgres::Config,
}

impl DatabaseConfig {
    /// `DATABASE_URL`, the role that reads and writes rows.
    pub fn from_env() -> Result<Self> {
        Self::read("DATABASE_URL")
    }

    /// `DATABASE_MIGRATE_URL`, the role that owns the schema.
    pub fn migrate_from_env() -> Result<(Self, String)> {
        let variable = "DATABASE_MIGRATE_URL";
        Ok((Self::read(variable)?, read_required(variable, "the connection string of the schema's owner")?))
    }

    fn read(variable: &'static str) -> Result<Self> {
        let text = read_required(
            variable,
            "a Postgres connection string, postgres://user:password@host:port/database",
        )?;
        // The parser's own message may quote the text, and with it the password.
        let url = text
            .parse()
            .map_err(|_| ConfigError { variable, problem: "is not a Postgres connection string".into() })?;
        Ok(Self { url })
    }
}

/// The credentials that sign requests to AWS, and the region.
#[derive(Clone)]
pub struct AwsConfig {
    /// `AWS_REGION`.
    pub region: String,
    /// `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, and `AWS_SESSION_TOKEN` where a role is assumed, as
    /// on Lambda.
    pub credentials: aws_credential_types::Credentials,
}

impl AwsConfig {
    fn from_env() -> Result<Self> {
        let credentials = aws_credential_types::Credentials::new(
            read_required("AWS_ACCESS_KEY_ID", "set by Lambda; locally ./dev env prints it")?,
            read_required("AWS_SECRET_ACCESS_KEY", "set by Lambda; locally ./dev env prints it")?,
            read_optional("AWS_SESSION_TOKEN")?,
            None,
            "environment",
        );
        Ok(Self {
            region: read_required("AWS_REGION", "set by Lambda; locally us-east-1 will do")?,
            credentials,
        })
    }
}

/// How to reach the object store.
#[derive(Clone)]
pub struct StorageConfig {
    /// Region and credentials.
    pub aws: AwsConfig,
    /// `S3_BUCKET`.
    pub bucket: String,
    /// `S3_ENDPOINT`: the URL by which functions reach the store; none: S3.
    pub endpoint: Option<String>,
    /// `S3_PUBLIC_ENDPOINT`: the URL by which browsers reach it, for which presigned URLs are signed;
    /// default: the same.
    pub public_endpoint: Option<String>,
}

impl StorageConfig {
    /// The same for a function that can do without the store; none if `S3_BUCKET` is not set.
    pub fn optional_from_env() -> Result<Option<Self>> {
        read_optional("S3_BUCKET")?.map(|_| Self::from_env()).transpose()
    }

    /// Reads the variables named at the fields.
    pub fn from_env() -> Result<Self> {
        let endpoint = read_base_url("S3_ENDPOINT")?;
        Ok(Self {
            aws: AwsConfig::from_env()?,
            bucket: read_required("S3_BUCKET", "the name of the bucket that holds the documents")?,
            public_endpoint: read_base_url("S3_PUBLIC_ENDPOINT")?.or_else(|| endpoint.clone()),
            endpoint,
        })
    }
}

/// How to reach the queue.
#[derive(Clone)]
pub struct QueueConfig {
    /// Region and credentials.
    pub aws: AwsConfig,
    /// `QUEUE_URL`: the queue that triggers `classify`.
    pub url: String,
    /// `SQS_ENDPOINT`: the URL of its service; none: SQS.
    pub endpoint: Option<String>,
}

impl QueueConfig {
    /// Reads the variables named at the fields.
    pub fn from_env() -> Result<Self> {
        Ok(Self {
            aws: AwsConfig::from_env()?,
            url: read_required("QUEUE_URL", "the URL of the queue that triggers classification")?,
            endpoint: read_base_url("SQS_ENDPOINT")?,
        })
    }
}

/// The key of access tokens.
#[derive(Clone)]
pub struct TokenConfig {
    /// `JWT_SECRET`, at least 32 bytes.
    pub secret: Vec<u8>,
}

impl TokenConfig {
    /// Reads `JWT_SECRET`, and refuses one that is short enough to be guessed.
    pub fn from_env() -> Result<Self> {
        let variable = "JWT_SECRET";
        let secret =
            read_required(variable, "what signs access tokens: at least 32 random bytes")?.into_bytes();
        if secret.len() < 32 {
            let problem = format!("has {} bytes; at least 32 random ones are needed", secret.len());
            return Err(ConfigError { variable, problem });
        }
        Ok(Self { secret })
    }
}

/// The limits of uploads.
#[derive(Clone, Copy)]
pub struct UploadLimits {
    /// `MAX_UPLOAD_BYTES`: the largest object, in bytes; default 5 GiB, the most that one PUT can carry.
    pub max_bytes: i64,
    /// `MAX_PENDING_UPLOADS`: the most live upload URLs that a user may hold, of pending and of deleted
    /// uploads; default 100.
    pub max_pending: u32,
    /// `UPLOAD_URLS_PER_HOUR`: the most that a user may ask for in an hour; default 1,500.
    pub urls_per_hour: u32,
}

impl UploadLimits {
    /// The default of `MAX_PENDING_UPLOADS`.
    pub const MAX_PENDING: u32 = 100;

    /// The default of `UPLOAD_URLS_PER_HOUR`: a folder of 1,000 files must pass.
    pub const URLS_PER_HOUR: u32 = 1_500;

    /// Reads the variables named at the fields.
    pub fn from_env() -> Result<Self> {
        Ok(Self {
            max_bytes: read_or_default("MAX_UPLOAD_BYTES", MAX_UPLOAD_BYTES)?,
            max_pending: read_positive("MAX_PENDING_UPLOADS", Self::MAX_PENDING)?,
            urls_per_hour: read_positive("UPLOAD_URLS_PER_HOUR", Self::URLS_PER_HOUR)?,
        })
    }
}

/// The limits of requests about documents.
#[derive(Clone, Copy)]
pub struct DocumentLimits {
    /// `CLASSIFICATIONS_PER_HOUR`: how many times in an hour a user may ask for another classification;
    /// default 100.
    pub classifications_per_hour: u32,
}

impl DocumentLimits {
    /// The default of `CLASSIFICATIONS_PER_HOUR`.
    pub const CLASSIFICATIONS_PER_HOUR: u32 = 100;

    /// Reads the variable named at the field.
    pub fn from_env() -> Result<Self> {
        let most = read_positive("CLASSIFICATIONS_PER_HOUR", Self::CLASSIFICATIONS_PER_HOUR)?;
        Ok(Self { classifications_per_hour: most })
    }
}

/// The limits of topics.
#[derive(Clone, Copy)]
pub struct TopicLimits {
    /// `MAX_OWN_TOPICS`: the most topics that a user may make; default 200.
    pub max_own: u32,
}

impl TopicLimits {
    /// The default of `MAX_OWN_TOPICS`.
    pub const MAX_OWN: u32 = 200;

    /// Reads the variable named at the field.
    pub fn from_env() -> Result<Self> {
        Ok(Self { max_own: read_or_default("MAX_OWN_TOPICS", Self::MAX_OWN)? })
    }
}

/// How documents are classified.
#[derive(Clone)]
pub struct ClassificationConfig {
    /// `CLASSIFY_MAX_ATTEMPTS`: attempts before a document fails; default 5.
    pub max_attempts: i32,
    /// `DEAD_LETTER_QUEUE_ARN`: a message from this queue comes for the last time.
    pub dead_letters: String,
    /// The most topics that an owner may have, suggested ones included.
    pub topics: TopicLimits,
    /// `CLASSIFY_MAX_BYTES`: larger objects are not read but classified by filename and type; default 50 MiB.
    pub max_bytes: u64,
    /// `DEFAULT_AI_PROVIDER`: the provider of owners who have none assigned; default `ollama`.
    pub provider: String,
    /// `DEFAULT_AI_MODEL`: the model of such owners; default `llama3.2`.
    pub model: String,
    /// How the providers are reached.
    pub providers: ProviderConfig,
}

impl ClassificationConfig {
    /// Reads the variables named at the fields.
    pub fn from_env() -> Result<Self> {
        Ok(Self {
            max_attempts: read_positive("CLASSIFY_MAX_ATTEMPTS", MAX_ATTEMPTS)?,
            dead_letters: read_required(
                "DEAD_LETTER_QUEUE_ARN",
                "the queue of what was delivered too often",
            )?,
            topics: TopicLimits::from_env()?,
            max_bytes: read_or_default("CLASSIFY_MAX_BYTES", 50 * 1024 * 1024)?,
            provider: read_or_default("DEFAULT_AI_PROVIDER", "ollama".to_owned())?,
            model: read_or_default("DEFAULT_AI_MODEL", "llama3.2".to_owned())?,
            providers: ProviderConfig::from_env()?,
        })
    }
}

/// How model providers are reached. A missing setting fails only the documents of owners who use that
/// provider.
#[derive(Clone)]
pub struct ProviderConfig {
    /// `OLLAMA_BASE_URL`; none: this machine.
    pub ollama_url: Option<String>,
    /// `OPENAI_BASE_URL`: any service that speaks the API, with the version in the path; none: OpenAI itself.
    pub openai_url: Option<String>,
    /// `OPENAI_API_KEY`: only OpenAI itself insists on it.
    pub openai_key: Option<String>,
    /// `ANTHROPIC_BASE_URL`; none: Anthropic itself.
    pub anthropic_url: Option<String>,
    /// `ANTHROPIC_API_KEY`.
    pub anthropic_key: Option<String>,
    /// `BEDROCK_ENDPOINT`; none: AWS, in the functions' region.
    pub bedrock_url: Option<String>,
    /// `AWS_BEARER_TOKEN_BEDROCK`; none: the credentials below sign the requests.
    pub bedrock_key: Option<String>,
    /// The credentials for Bedrock.
    pub aws: AwsConfig,
    /// `SYSTEM_PROMPT`: replaces the built-in one (D-13).
    pub system_prompt: Option<String>,
    /// `AI_TIMEOUT_SECONDS`: how long one answer may take; default 20, at most 55.
    pub timeout: Duration,
    /// `AI_CONTEXT_TOKENS`: the context window of the operator's own models, in tokens; none: a careful
    /// guess.
    pub context_tokens: Option<NonZeroU32>,
}

impl ProviderConfig {
    fn from_env() -> Result<Self> {
        Ok(Self {
            ollama_url: read_base_url("OLLAMA_BASE_URL")?,
            openai_url: read_base_url("OPENAI_BASE_URL")?,
            openai_key: read_optional("OPENAI_API_KEY")?,
            anthropic_url: read_base_url("ANTHROPIC_BASE_URL")?,
            anthropic_key: read_optional("ANTHROPIC_API_KEY")?,
            bedrock_url: read_base_url("BEDROCK_ENDPOINT")?,
            bedrock_key: read_optional("AWS_BEARER_TOKEN_BEDROCK")?,
            aws: AwsConfig::from_env()?,
            system_prompt: read_optional("SYSTEM_PROMPT")?,
            timeout: read_provider_timeout()?,
            context_tokens: NonZeroU32::new(read_or_default("AI_CONTEXT_TOKENS", 0)?),
        })
    }
}

/// At most [`MAX_PROVIDER_TIMEOUT`]: with more, no invocation would have the time to begin a document.
fn read_provider_timeout() -> Result<Duration> {
    let variable = "AI_TIMEOUT_SECONDS";
    let (seconds, most) =
        (read_positive(variable, PROVIDER_TIMEOUT.as_secs())?, MAX_PROVIDER_TIMEOUT.as_secs());
    if seconds > most {
        return Err(ConfigError {
            variable,
            problem: format!("is more than {most}: the function ends before"),
        });
    }
    Ok(Duration::from_secs(seconds))
}

/// Reads a URL to which paths are appended. A wrong one is not quoted, since it may hold a password.
fn read_base_url(variable: &'static str) -> Result<Option<String>> {
    let Some(text) = read_optional(variable)? else { return Ok(None) };
    let url = text.trim_end_matches('/');
    match url.parse::<hyper::Uri>() {
        Ok(uri) if matches!(uri.scheme_str(), Some("http" | "https")) && uri.query().is_none() => {
            Ok(Some(url.to_owned()))
        }
        _ => {
            Err(ConfigError { variable, problem: "is not a URL that begins with http:// or https://".into() })
        }
    }
}

/// `LOG_LEVEL`: `off`, `error`, `warn` or `info` (default). Below `info` there are no lines of the vault.
pub fn read_log_level() -> Result<tracing::level_filters::LevelFilter> {
    read_or_default("LOG_LEVEL", tracing::level_filters::LevelFilter::INFO)
}
