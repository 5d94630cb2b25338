//! Invokes functions through the emulator's Invoke API.

use std::time::Duration;

use anyhow::Result;
use reqwest::header::HeaderName;
use serde_json::Value;

use crate::config::EMULATOR_TIMEOUT;
/// The result of an invocation that reached the emulator.
pub enum Invocation {
    /// The function answered with this body.
    Returned(Vec<u8>),
    /// The function failed, died or timed out, for this reason.
    Failed(String),
}

/// A client of the emulator.
#[derive(Clone)]
pub struct Lambda {
    client: reqwest::Client,
    url: String,
}

impl Lambda {
    /// Creates a client, which connects at the first call.
    pub fn new(url: &str) -> Result<Self> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .connect_timeout(Duration::from_secs(2))
            .timeout(EMULATOR_TIMEOUT)
            .build()?;
        Ok(Self { client, url: url.to_owned() })
    }

    /// Invokes a function with an event and waits for its answer. Fails if the emulator cannot be reached.
    pub async fn invoke(&self, function: &str, event: &Value) -> Result<Invocation, reqwest::Error> {
        let url = format!("{}/2015-03-31/functions/{function}/invocations", self.url);
        let answer = match self.client.post(url).json(event).send().await {
            Err(error) if error.is_connect() => return Err(error),
            Err(error) => return Ok(Invocation::Failed(error.to_string())),
            Ok(answer) => answer,
        };
        // For a failed function AWS answers 200 with this header. The emulator answers 500.
        let has_failed = answer.headers().contains_key(HeaderName::from_static("x-amz-function-error"));
        let status = answer.status();
        Ok(match answer.bytes().await {
            Ok(body) if status.is_success() && !has_failed => Invocation::Returned(body.into()),
            Ok(_) => Invocation::Failed(format!("status {status}")),
            Err(error) => Invocation::Failed(error.to_string()),
        })
    }

    /// Returns whether the emulator answers, with whatever status.
    pub async fn is_reachable(&self) -> bool {
        self.client.get(&self.url).send().await.is_ok()
    }
}
