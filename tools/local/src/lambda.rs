//! Calls of functions through the local emulator's Invoke API.

use std::time::Duration;

use anyhow::Result;
use reqwest::header::HeaderName;
use serde_json::Value;

use crate::config::EMULATOR_TIMEOUT;

/// What a function answered. `Err` of the call itself means that no function was reached.
pub enum Answer {
    /// The function's own answer.
    Returned(Vec<u8>),
    /// It failed, died or took too long.
    Failed(String),
}

/// A client of the emulator.
#[derive(Clone)]
pub struct Lambda {
    client: reqwest::Client,
    url: String,
}

impl Lambda {
    /// Connects at the first call.
    pub fn new(url: &str) -> Result<Self> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .connect_timeout(Duration::from_secs(2))
            .timeout(EMULATOR_TIMEOUT)
            .build()?;
        Ok(Self { client, url: url.to_owned() })
    }

    /// Calls one function with one event and waits for its answer.
    pub async fn invoke(&self, function: &str, event: &Value) -> Result<Answer, reqwest::Error> {
        let url = format!("{}/2015-03-31/functions/{function}/invocations", self.url);
        let answer = match self.client.post(url).json(event).send().await {
            Err(error) if error.is_connect() => return Err(error),
            Err(error) => return Ok(Answer::Failed(error.to_string())),
            Ok(answer) => answer,
        };
        // The emulator answers 500 where AWS answers 200 with this header.
        let errored = answer.headers().contains_key(HeaderName::from_static("x-amz-function-error"));
        let status = answer.status();
        Ok(match answer.bytes().await {
            Ok(body) if status.is_success() && !errored => Answer::Returned(body.into()),
            Ok(_) => Answer::Failed(format!("status {status}")),
            Err(error) => Answer::Failed(error.to_string()),
        })
    }

    /// Whether the emulator takes calls.
    pub async fn is_reachable(&self) -> bool {
        self.client.get(&self.url).send().await.is_ok()
    }
}
