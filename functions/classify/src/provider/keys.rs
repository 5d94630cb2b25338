//! The API keys of the providers.

use std::sync::Arc;
use std::time::Duration;

use docuvault::classification::{ClassificationError, FailureCode};
use docuvault::config::{ProviderConfig, Secret};
use docuvault::secret::CachedSecret;

/// The key of one provider.
type Key = Option<CachedSecret<String>>;

/// The keys of all providers that have one. Clones share them.
#[derive(Clone)]
pub struct Keys {
    pub(super) openai: Key,
    pub(super) anthropic: Key,
    pub(super) bedrock: Key,
}

impl Keys {
    /// Creates the keys. Those in Secrets Manager are read when they are used first.
    pub fn new(config: &ProviderConfig) -> Self {
        let key = |secret: &Option<Secret>| {
            secret.clone().map(|secret| match secret {
                Secret::Value(key) => CachedSecret::fixed(key),
                Secret::Stored(secret) => CachedSecret::stored(secret),
            })
        };
        let ProviderConfig { openai_key, anthropic_key, bedrock_key, .. } = config;
        Self { openai: key(openai_key), anthropic: key(anthropic_key), bedrock: key(bedrock_key) }
    }

    /// Reads the keys in Secrets Manager now, so that the first documents need not wait. A failure is logged.
    pub async fn warm(self) -> Self {
        let Self { openai, anthropic, bedrock } = self;
        let (openai, anthropic, bedrock) = tokio::join!(warm(openai), warm(anthropic), warm(bedrock));
        Self { openai, anthropic, bedrock }
    }
}

async fn warm(key: Key) -> Key {
    match key {
        Some(key) => Some(key.warm().await),
        None => None,
    }
}

/// Returns the text of a provider's key. Waits for it for `patience` at most.
pub(super) async fn read(
    key: &CachedSecret<String>,
    provider: &str,
    patience: Duration,
) -> Result<Arc<String>, ClassificationError> {
    // The reason is in the log.
    let read = tokio::time::timeout(patience, key.get(|_| true)).await.ok().and_then(Result::ok);
    read.ok_or_else(|| {
        let problem = format!("the key of {provider} cannot be read");
        ClassificationError::new(FailureCode::ProviderNotConfigured, problem)
    })
}
