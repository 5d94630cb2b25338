//! The settings of classification and of its providers.

use std::num::NonZeroU32;
use std::time::Duration;

use super::{
    AwsConfig, ConfigError, Result, Secret, TopicLimits, read_base_url, read_choice, read_optional,
    read_or_default, read_positive, read_required,
};
use crate::limits::{MAX_ATTEMPTS, MAX_PROVIDER_TIMEOUT, PROVIDER_TIMEOUT};

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
    /// `CLASSIFY_IMAGES`: `never` (the default) or `when_no_text`.
    pub images: Images,
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
            images: read_choice(
                "CLASSIFY_IMAGES",
                [("never", Images::Never), ("when_no_text", Images::WhenNoText)],
            )?,
            provider: read_or_default("DEFAULT_AI_PROVIDER", "ollama".to_owned())?,
            model: read_or_default("DEFAULT_AI_MODEL", "llama3.2".to_owned())?,
            providers: ProviderConfig::from_env()?,
        })
    }
}

/// When a provider is sent images of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Images {
    /// Never: providers get nothing but text.
    Never,
    /// If a picture or a PDF file has no text, and the model reads images.
    WhenNoText,
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
    /// `AI_TIMEOUT_SECONDS`: the time for which the vault waits for a provider in one attempt, in seconds.
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
