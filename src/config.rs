//! The environment, read here and nowhere else. Each concern has its own struct; a function reads those that it uses, at
//! init, and refuses to start with the name of the variable that is missing or wrong.

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
    /// The sentence itself: it is what a program that ends with an error prints of it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

type Result<T> = std::result::Result<T, ConfigError>;

fn optional(variable: &'static str) -> Result<Option<String>> {
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

fn required(variable: &'static str, meaning: &str) -> Result<String> {
    optional(variable)?
        .ok_or_else(|| ConfigError { variable, problem: format!("is not set; it is {meaning}") })
}

fn parsed<T: FromStr<Err: std::fmt::Display>>(variable: &'static str, default: T) -> Result<T> {
    match optional(variable)? {
        None => Ok(default),
        Some(value) => value
            .parse()
            .map_err(|error| ConfigError { variable, problem: format!("cannot be read: {error}") }),
    }
}

/// A limit of one or more. With 0 every request would be refused, and no time could be told after which one is not.
fn at_least_one<T>(variable: &'static str, default: T) -> Result<T>
where
    T: FromStr<Err: std::fmt::Display> + PartialOrd + From<u8> + std::fmt::Display,
{
    let limit = parsed(variable, default)?;
    if limit < T::from(1) {
        return Err(ConfigError { variable, problem: format!("is {limit}; at least 1 is needed") });
    }
    Ok(limit)
}

/// How to reach Postgres.
#[derive(Clone)]
pub struct Database {
    /// The connection string; TLS unless it says `sslmode=disable`.
    pub url: tokio_postgres::Config,
}

impl Database {
    /// `DATABASE_URL`, the role that reads and writes rows.
    pub fn from_env() -> Result<Self> {
        Self::read("DATABASE_URL")
    }

    /// `DATABASE_MIGRATE_URL`, the role that owns the schema.
    pub fn migrate_from_env() -> Result<(Self, String)> {
        let variable = "DATABASE_MIGRATE_URL";
        Ok((Self::read(variable)?, required(variable, "the connection string of the schema's owner")?))
    }

    fn read(variable: &'static str) -> Result<Self> {
        let text =
            required(variable, "a Postgres connection string, postgres://user:password@host:port/database")?;
        // The parser's own message may quote the text, and with it the password.
        let url = text
            .parse()
            .map_err(|_| ConfigError { variable, problem: "is not a Postgres connection string".into() })?;
        Ok(Self { url })
    }
}

/// Who signs requests to AWS, and for which region.
#[derive(Clone)]
pub struct Aws {
    /// `AWS_REGION`.
    pub region: String,
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, and `AWS_SESSION_TOKEN` where the role is assumed, as on Lambda.
    pub credentials: aws_credential_types::Credentials,
}

impl Aws {
    fn from_env() -> Result<Self> {
        let credentials = aws_credential_types::Credentials::new(
            required("AWS_ACCESS_KEY_ID", "set by Lambda; locally ./dev env prints it")?,
            required("AWS_SECRET_ACCESS_KEY", "set by Lambda; locally ./dev env prints it")?,
            optional("AWS_SESSION_TOKEN")?,
            None,
            "environment",
        );
        Ok(Self { region: required("AWS_REGION", "set by Lambda; locally us-east-1 will do")?, credentials })
    }
}

/// Where the objects are.
#[derive(Clone)]
pub struct Storage {
    /// Region and credentials.
    pub aws: Aws,
    /// `S3_BUCKET`.
    pub bucket: String,
    /// `S3_ENDPOINT`: where functions reach the store; none: AWS.
    pub endpoint: Option<String>,
    /// `S3_PUBLIC_ENDPOINT`: where browsers reach it, and what presigned URLs are signed for; default the same.
    pub public_endpoint: Option<String>,
}

impl Storage {
    /// The same where `S3_BUCKET` is set; for who can do without.
    pub fn optional_from_env() -> Result<Option<Self>> {
        optional("S3_BUCKET")?.map(|_| Self::from_env()).transpose()
    }

    /// Reads the variables named at the fields.
    pub fn from_env() -> Result<Self> {
        let endpoint = optional("S3_ENDPOINT")?;
        Ok(Self {
            aws: Aws::from_env()?,
            bucket: required("S3_BUCKET", "the name of the bucket that holds the documents")?,
            public_endpoint: optional("S3_PUBLIC_ENDPOINT")?.or_else(|| endpoint.clone()),
            endpoint,
        })
    }
}

/// Where nudges go.
#[derive(Clone)]
pub struct Queue {
    /// Region and credentials.
    pub aws: Aws,
    /// `QUEUE_URL`.
    pub url: String,
    /// `SQS_ENDPOINT`; none: AWS.
    pub endpoint: Option<String>,
}

impl Queue {
    /// Reads the variables named at the fields.
    pub fn from_env() -> Result<Self> {
        Ok(Self {
            aws: Aws::from_env()?,
            url: required("QUEUE_URL", "the URL of the queue that triggers classification")?,
            endpoint: optional("SQS_ENDPOINT")?,
        })
    }
}

/// What signs access tokens.
#[derive(Clone)]
pub struct Tokens {
    /// `JWT_SECRET`, at least 32 bytes.
    pub secret: Vec<u8>,
}

impl Tokens {
    /// Reads `JWT_SECRET` and refuses one that could be guessed.
    pub fn from_env() -> Result<Self> {
        let variable = "JWT_SECRET";
        let secret = required(variable, "what signs access tokens: at least 32 random bytes")?.into_bytes();
        if secret.len() < 32 {
            let problem = format!("has {} bytes; at least 32 random ones are needed", secret.len());
            return Err(ConfigError { variable, problem });
        }
        Ok(Self { secret })
    }
}

/// What an upload may be.
#[derive(Clone, Copy)]
pub struct Uploads {
    /// `MAX_UPLOAD_BYTES`: the largest object, in bytes; default 5 GiB, the most that one PUT can carry.
    pub max_bytes: i64,
    /// `MAX_PENDING_UPLOADS`: how many live upload URLs a user may hold, of pending uploads and of deleted ones; default 100.
    pub max_pending: u32,
    /// `UPLOAD_URLS_PER_HOUR`: how many a user may ask for; default 1,500, since a folder of 1,000 files must pass.
    pub urls_per_hour: u32,
}

impl Uploads {
    /// Reads the variables named at the fields.
    pub fn from_env() -> Result<Self> {
        Ok(Self {
            max_bytes: parsed("MAX_UPLOAD_BYTES", MAX_UPLOAD_BYTES)?,
            max_pending: at_least_one("MAX_PENDING_UPLOADS", 100)?,
            urls_per_hour: at_least_one("UPLOAD_URLS_PER_HOUR", 1_500)?,
        })
    }
}

/// What may be asked for one's documents.
#[derive(Clone, Copy)]
pub struct Documents {
    /// `CLASSIFICATIONS_PER_HOUR`: how many times a user may have documents classified again; default 100.
    pub classifications_per_hour: u32,
}

impl Documents {
    /// Reads the variable named at the field.
    pub fn from_env() -> Result<Self> {
        Ok(Self { classifications_per_hour: at_least_one("CLASSIFICATIONS_PER_HOUR", 100)? })
    }
}

/// What topics a user may make.
#[derive(Clone, Copy)]
pub struct Topics {
    /// `MAX_OWN_TOPICS`: how many; default 200.
    pub max_own: u32,
}

impl Topics {
    /// Reads the variable named at the field.
    pub fn from_env() -> Result<Self> {
        Ok(Self { max_own: parsed("MAX_OWN_TOPICS", 200)? })
    }
}

/// How documents are classified.
#[derive(Clone)]
pub struct Classification {
    /// `CLASSIFY_MAX_ATTEMPTS`: classifications begun before a document is given up; default 5.
    pub max_attempts: i32,
    /// `DEAD_LETTER_QUEUE_ARN`: from there a message comes for the last time.
    pub dead_letters: String,
    /// What topics an owner may have, suggested ones included.
    pub topics: Topics,
    /// `CLASSIFY_MAX_BYTES`: larger objects are classified by filename and type; default 50 MiB.
    pub max_bytes: u64,
    /// `DEFAULT_AI_PROVIDER`, for owners to whom none is assigned; default `ollama`.
    pub provider: String,
    /// `DEFAULT_AI_MODEL`, likewise; default `llama3.2`.
    pub model: String,
    /// How they are reached.
    pub providers: Providers,
}

impl Classification {
    /// Reads the variables named at the fields.
    pub fn from_env() -> Result<Self> {
        Ok(Self {
            max_attempts: at_least_one("CLASSIFY_MAX_ATTEMPTS", MAX_ATTEMPTS)?,
            dead_letters: required("DEAD_LETTER_QUEUE_ARN", "the queue of what was delivered too often")?,
            topics: Topics::from_env()?,
            max_bytes: parsed("CLASSIFY_MAX_BYTES", 50 * 1024 * 1024)?,
            provider: parsed("DEFAULT_AI_PROVIDER", "ollama".to_owned())?,
            model: parsed("DEFAULT_AI_MODEL", "llama3.2".to_owned())?,
            providers: Providers::from_env()?,
        })
    }
}

/// How model providers are reached. What is missing fails the documents of those who use that provider, and nobody else's.
#[derive(Clone)]
pub struct Providers {
    /// `OLLAMA_BASE_URL`; none: this machine.
    pub ollama_url: Option<String>,
    /// `OPENAI_BASE_URL`, of anything that speaks the API, with its version; none: OpenAI itself.
    pub openai_url: Option<String>,
    /// `OPENAI_API_KEY`, which only OpenAI itself insists on.
    pub openai_key: Option<String>,
    /// `ANTHROPIC_BASE_URL`; none: Anthropic itself.
    pub anthropic_url: Option<String>,
    /// `ANTHROPIC_API_KEY`.
    pub anthropic_key: Option<String>,
    /// `BEDROCK_ENDPOINT`; none: AWS, in the functions' region.
    pub bedrock_url: Option<String>,
    /// `AWS_BEARER_TOKEN_BEDROCK`; none: requests are signed by the functions' role.
    pub bedrock_key: Option<String>,
    /// Who signs for Bedrock.
    pub aws: Aws,
    /// `SYSTEM_PROMPT`, in place of the built-in one (D-13).
    pub system_prompt: Option<String>,
    /// `AI_TIMEOUT_SECONDS`: how long one answer may take; default 20, at most 55.
    pub timeout: Duration,
    /// `AI_CONTEXT_TOKENS`: what models of one's own take, prompt and answer together; none: a careful guess.
    pub context_tokens: Option<NonZeroU32>,
}

impl Providers {
    fn from_env() -> Result<Self> {
        Ok(Self {
            ollama_url: base_url("OLLAMA_BASE_URL")?,
            openai_url: base_url("OPENAI_BASE_URL")?,
            openai_key: optional("OPENAI_API_KEY")?,
            anthropic_url: base_url("ANTHROPIC_BASE_URL")?,
            anthropic_key: optional("ANTHROPIC_API_KEY")?,
            bedrock_url: base_url("BEDROCK_ENDPOINT")?,
            bedrock_key: optional("AWS_BEARER_TOKEN_BEDROCK")?,
            aws: Aws::from_env()?,
            system_prompt: optional("SYSTEM_PROMPT")?,
            timeout: provider_timeout()?,
            context_tokens: NonZeroU32::new(parsed("AI_CONTEXT_TOKENS", 0)?),
        })
    }
}

/// With more than [`MAX_PROVIDER_TIMEOUT`] no document would ever be begun.
fn provider_timeout() -> Result<Duration> {
    let variable = "AI_TIMEOUT_SECONDS";
    let (seconds, most) =
        (at_least_one(variable, PROVIDER_TIMEOUT.as_secs())?, MAX_PROVIDER_TIMEOUT.as_secs());
    if seconds > most {
        return Err(ConfigError {
            variable,
            problem: format!("is more than {most}: the function ends before"),
        });
    }
    Ok(Duration::from_secs(seconds))
}

/// A URL to append paths to. What is wrong with it is not quoted: it may hold a password.
fn base_url(variable: &'static str) -> Result<Option<String>> {
    let Some(text) = optional(variable)? else { return Ok(None) };
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

/// `LOG_LEVEL`: `error`, `warn`, `info` (default), `debug` or `trace`.
pub fn log_level() -> Result<tracing::level_filters::LevelFilter> {
    parsed("LOG_LEVEL", tracing::level_filters::LevelFilter::INFO)
}
