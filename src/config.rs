//! Environment variables. No other module reads them. Each struct holds the variables of one concern. A
//! function reads the structs that it uses when it starts. If a variable is missing or wrong, the function
//! ends with an error that names the variable.

mod ai_models;
mod audit_log;
mod database;
mod factor;
mod limit;
mod mail;
mod passkey;
mod password;
mod secret;
mod visit;
mod web_origins;

use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

pub use ai_models::{AiModel, AiModels};
pub use audit_log::AuditLogConfig;
pub use database::{DatabaseConfig, IamLogin};
pub use factor::{FactorConfig, RequireFactor};
pub use limit::AttemptLimits;
pub use mail::{Encryption, MailConfig, Outlet, RequireVerifiedEmail, SmtpConfig};
pub use passkey::PasskeyConfig;
pub use password::{PasswordConfig, PasswordPolicy, Registration};
pub use secret::{Secret, StoredSecret};
pub use visit::TrustedProxies;
pub use web_origins::WebOrigins;

use crate::limits::{MAX_ATTEMPTS, MAX_PROVIDER_TIMEOUT, MAX_UPLOAD_BYTES, PROVIDER_TIMEOUT};

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

/// The region, and the credentials that sign requests to services of AWS, and tokens for the database.
#[derive(Clone)]
pub struct AwsConfig {
    /// `AWS_REGION`: the region, such as `eu-central-1`.
    pub region: String,
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, for temporary credentials such as those on Lambda,
    /// `AWS_SESSION_TOKEN`.
    pub credentials: aws_credential_types::Credentials,
}

impl AwsConfig {
    fn from_env() -> Result<Self> {
        let credentials = aws_credential_types::Credentials::new(
            read_required("AWS_ACCESS_KEY_ID", "the value that ./dev env prints (Lambda sets it by itself)")?,
            read_required(
                "AWS_SECRET_ACCESS_KEY",
                "the value that ./dev env prints (Lambda sets it by itself)",
            )?,
            read_optional("AWS_SESSION_TOKEN")?,
            None,
            "environment",
        );
        Ok(Self {
            region: read_required("AWS_REGION", "a region, such as us-east-1 (Lambda sets it by itself)")?,
            credentials,
        })
    }
}

/// The settings of the object store.
#[derive(Clone)]
pub struct StorageConfig {
    /// The region and the credentials.
    pub aws: AwsConfig,
    /// `S3_BUCKET`: the name of the bucket that holds the documents.
    pub bucket: String,
    /// `S3_ENDPOINT`: the URL at which functions reach the store. `None`: S3 itself.
    pub endpoint: Option<String>,
    /// `S3_PUBLIC_ENDPOINT`: the URL at which browsers reach the store. Presigned URLs begin with it.
    /// Default: `S3_ENDPOINT`.
    pub public_endpoint: Option<String>,
}

impl StorageConfig {
    /// Like [`Self::from_env`], but returns `None` if `S3_BUCKET` is not set. It is for functions that can
    /// work without the store.
    pub fn optional_from_env() -> Result<Option<Self>> {
        read_optional("S3_BUCKET")?.map(|_| Self::from_env()).transpose()
    }

    /// Reads the variables named in the comments of the fields.
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

/// The settings of the queue.
#[derive(Clone)]
pub struct QueueConfig {
    /// The region and the credentials.
    pub aws: AwsConfig,
    /// `QUEUE_URL`: the queue that triggers `classify`.
    pub url: String,
    /// `SQS_ENDPOINT`: the URL of the queue service. `None`: SQS itself.
    pub endpoint: Option<String>,
}

impl QueueConfig {
    /// Reads the variables named in the comments of the fields.
    pub fn from_env() -> Result<Self> {
        Ok(Self {
            aws: AwsConfig::from_env()?,
            url: read_required("QUEUE_URL", "the URL of the queue that triggers classification")?,
            endpoint: read_base_url("SQS_ENDPOINT")?,
        })
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

/// The limits of uploads.
#[derive(Clone, Copy)]
pub struct UploadLimits {
    /// `MAX_UPLOAD_BYTES`: the size of the largest object, in bytes. Default: 5 GiB, the most that S3 accepts
    /// in one PUT.
    pub max_bytes: i64,
    /// `MAX_PENDING_UPLOADS`: the number of unexpired upload URLs that an account may have at a time.
    /// URLs of pending uploads and of deleted uploads count. Default: 100.
    pub max_pending: u32,
    /// `UPLOAD_URLS_PER_HOUR`: the most upload URLs that an account may request in an hour. Default: 1,500.
    pub urls_per_hour: u32,
}

impl UploadLimits {
    /// The default of `MAX_PENDING_UPLOADS`.
    pub const MAX_PENDING: u32 = 100;

    /// The default of `UPLOAD_URLS_PER_HOUR`. With it, a folder of 1,000 files can be uploaded at once.
    pub const URLS_PER_HOUR: u32 = 1_500;

    /// Reads the variables named in the comments of the fields.
    pub fn from_env() -> Result<Self> {
        Ok(Self {
            max_bytes: read_or_default("MAX_UPLOAD_BYTES", MAX_UPLOAD_BYTES)?,
            max_pending: read_positive("MAX_PENDING_UPLOADS", Self::MAX_PENDING)?,
            urls_per_hour: read_positive("UPLOAD_URLS_PER_HOUR", Self::URLS_PER_HOUR)?,
        })
    }
}

/// The limits of requests about existing documents.
#[derive(Clone, Copy)]
pub struct DocumentLimits {
    /// `CLASSIFICATIONS_PER_HOUR`: the most documents that an account may have classified again in an hour.
    /// Default: 100.
    pub classifications_per_hour: u32,
}

impl DocumentLimits {
    /// The default of `CLASSIFICATIONS_PER_HOUR`.
    pub const CLASSIFICATIONS_PER_HOUR: u32 = 100;

    /// Reads the variable named in the comment of the field.
    pub fn from_env() -> Result<Self> {
        let most = read_positive("CLASSIFICATIONS_PER_HOUR", Self::CLASSIFICATIONS_PER_HOUR)?;
        Ok(Self { classifications_per_hour: most })
    }
}

/// The limits of topics.
#[derive(Clone, Copy)]
pub struct TopicLimits {
    /// `MAX_OWN_TOPICS`: the number of own topics that an account may have at most. Default: 200.
    pub max_own: u32,
}

impl TopicLimits {
    /// The default of `MAX_OWN_TOPICS`.
    pub const MAX_OWN: u32 = 200;

    /// Reads the variable named in the comment of the field.
    pub fn from_env() -> Result<Self> {
        Ok(Self { max_own: read_or_default("MAX_OWN_TOPICS", Self::MAX_OWN)? })
    }
}

/// The settings of the function `classify`.
#[derive(Clone)]
pub struct ClassificationConfig {
    /// `CLASSIFY_MAX_ATTEMPTS`: the number of attempts after which the classification of a document fails.
    /// Default: 5.
    pub max_attempts: i32,
    /// `DEAD_LETTER_QUEUE_ARN`: the ARN of the queue of dead letters. An attempt that a message from this
    /// queue begins is the document's last one.
    pub dead_letters: String,
    /// The limits of own topics. Suggested topics count as own topics.
    pub topics: TopicLimits,
    /// `CLASSIFY_MAX_BYTES`: the size of the largest object that is read, in bytes. Larger objects are
    /// classified by filename and type. Default: 50 MiB.
    pub max_bytes: u64,
    /// `DEFAULT_AI_PROVIDER`: the provider for owners without an assigned one (`users.ai_provider`). Default:
    /// `ollama`.
    pub provider: String,
    /// `DEFAULT_AI_MODEL`: the model for owners without an assigned one (`users.ai_model`). Default:
    /// `llama3.2`.
    pub model: String,
    /// The settings of the providers.
    pub providers: ProviderConfig,
}

impl ClassificationConfig {
    /// Reads the variables named in the comments of the fields.
    pub fn from_env() -> Result<Self> {
        Ok(Self {
            max_attempts: read_positive("CLASSIFY_MAX_ATTEMPTS", MAX_ATTEMPTS)?,
            dead_letters: read_required("DEAD_LETTER_QUEUE_ARN", "the ARN of the queue of dead letters")?,
            topics: TopicLimits::from_env()?,
            max_bytes: read_or_default("CLASSIFY_MAX_BYTES", 50 * 1024 * 1024)?,
            provider: read_or_default("DEFAULT_AI_PROVIDER", "ollama".to_owned())?,
            model: read_or_default("DEFAULT_AI_MODEL", "llama3.2".to_owned())?,
            providers: ProviderConfig::from_env()?,
        })
    }
}

/// The settings of the providers that classify documents. A missing setting is no error when the function
/// starts. Only the classifications for owners who use that provider fail.
#[derive(Clone)]
pub struct ProviderConfig {
    /// `OLLAMA_BASE_URL`: the URL of Ollama. `None`: Ollama on this machine.
    pub ollama_url: Option<String>,
    /// `OPENAI_BASE_URL`: the URL of a service with OpenAI's API, including the version, such as `/v1`.
    /// `None`: OpenAI itself.
    pub openai_url: Option<String>,
    /// `OPENAI_API_KEY` or `OPENAI_API_KEY_ARN`: the API key. OpenAI itself requires one, other services may
    /// not.
    pub openai_key: Option<Secret>,
    /// `ANTHROPIC_BASE_URL`: the URL of Anthropic's API. `None`: Anthropic itself.
    pub anthropic_url: Option<String>,
    /// `ANTHROPIC_API_KEY` or `ANTHROPIC_API_KEY_ARN`: the API key.
    pub anthropic_key: Option<Secret>,
    /// `BEDROCK_ENDPOINT`: the URL of Bedrock's API. `None`: Bedrock in the region of the functions.
    pub bedrock_url: Option<String>,
    /// `AWS_BEARER_TOKEN_BEDROCK` or `AWS_BEARER_TOKEN_BEDROCK_ARN`: the API key of Bedrock. `None`: the
    /// credentials in `aws` sign the requests.
    pub bedrock_key: Option<Secret>,
    /// The region and the credentials for Bedrock.
    pub aws: AwsConfig,
    /// `SYSTEM_PROMPT`: the instructions for the model. `None`: the built-in ones.
    pub system_prompt: Option<String>,
    /// `AI_TIMEOUT_SECONDS`: the time for which the vault waits for an answer of a provider, in seconds.
    /// Default: 20; at most 55.
    pub timeout: Duration,
    /// `AI_CONTEXT_TOKENS`: the context window of models that the operator runs, in tokens. `None`: a
    /// cautious estimate is used (`docs/PROVIDERS.md`).
    pub context_tokens: Option<NonZeroU32>,
}

impl ProviderConfig {
    fn from_env() -> Result<Self> {
        Ok(Self {
            ollama_url: read_base_url("OLLAMA_BASE_URL")?,
            openai_url: read_base_url("OPENAI_BASE_URL")?,
            openai_key: Secret::read("OPENAI_API_KEY", "OPENAI_API_KEY_ARN")?,
            anthropic_url: read_base_url("ANTHROPIC_BASE_URL")?,
            anthropic_key: Secret::read("ANTHROPIC_API_KEY", "ANTHROPIC_API_KEY_ARN")?,
            bedrock_url: read_base_url("BEDROCK_ENDPOINT")?,
            bedrock_key: Secret::read("AWS_BEARER_TOKEN_BEDROCK", "AWS_BEARER_TOKEN_BEDROCK_ARN")?,
            aws: AwsConfig::from_env()?,
            system_prompt: read_optional("SYSTEM_PROMPT")?,
            timeout: read_provider_timeout()?,
            context_tokens: NonZeroU32::new(read_or_default("AI_CONTEXT_TOKENS", 0)?),
        })
    }
}

/// Reads `AI_TIMEOUT_SECONDS`. Fails if it is more than [`MAX_PROVIDER_TIMEOUT`]: no invocation would have
/// enough time to begin a document.
fn read_provider_timeout() -> Result<Duration> {
    let variable = "AI_TIMEOUT_SECONDS";
    let (seconds, most) =
        (read_positive(variable, PROVIDER_TIMEOUT.as_secs())?, MAX_PROVIDER_TIMEOUT.as_secs());
    if seconds > most {
        return Err(ConfigError {
            variable,
            problem: format!(
                "is more than {most}: set it to at most {most}, because the function must end in time"
            ),
        });
    }
    Ok(Duration::from_secs(seconds))
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
