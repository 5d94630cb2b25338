//! A client of the emulator's Runtime API.

use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::http::{HeaderMap, StatusCode};
use reqwest::Client;

use super::process::Outcome;
use crate::config::SandboxConfig;

const REQUEST_ID: &str = "lambda-runtime-aws-request-id";
/// The pause before the emulator is asked again, after it has answered without an event.
const PAUSE: Duration = Duration::from_millis(100);

/// An event that waits for its answer.
pub struct Event {
    /// The request id, which names the event in the answer.
    pub id: String,
    /// The headers that the emulator sent with the event.
    pub headers: HeaderMap,
    /// The event's JSON.
    pub body: Vec<u8>,
}

/// A client of the Runtime API of one function.
pub struct Emulator {
    client: Client,
    url: String,
}

impl Emulator {
    /// Creates a client, which connects at the first call.
    pub fn new(config: &SandboxConfig) -> Result<Self> {
        let client = Client::builder().no_proxy().build()?;
        // Lambda sets only a host and port. The emulator sets a URL.
        let api = config.runtime_api.trim_start_matches("http://");
        let url = format!("http://{api}/2018-06-01/runtime/invocation");
        Ok(Self { client, url })
    }

    /// Waits for the next event, for hours if need be. Fails if the emulator is gone.
    ///
    /// A connection that breaks is no reason to end the function's process, so the wait begins again.
    pub async fn next(&self) -> Result<Event> {
        loop {
            match self.wait_once().await {
                Ok(Ok(event)) => return Ok(event),
                Ok(Err(status)) => tracing::warn!(%status, "the emulator ended a wait for work"),
                Err(error) if error.is_connect() => return Err(error).context("the emulator is gone"),
                Err(error) => tracing::warn!(?error, "the emulator ended a wait for work"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Asks for an event once. Returns the status instead if the answer has none.
    async fn wait_once(&self) -> Result<Result<Event, StatusCode>, reqwest::Error> {
        let answer = self.client.get(format!("{}/next", self.url)).send().await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let id = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).map(str::to_owned);
        Ok(match id {
            Some(id) if status == 200 => Ok(Event { id, headers, body: answer.bytes().await?.into() }),
            _ => Err(status),
        })
    }

    /// Sends the outcome of an event to the emulator, which passes it to the caller.
    pub async fn report(&self, id: &str, outcome: &Outcome) {
        let (endpoint, error_type, body) = match outcome {
            Outcome::Answered { endpoint, error_type, body } => (*endpoint, error_type.clone(), body.clone()),
            Outcome::Died(reason) => {
                let error = serde_json::json!({
                    "errorType": "Runtime.ExitError",
                    "errorMessage": format!("the function's process died: {reason}"),
                });
                ("error", Some("Runtime.ExitError".into()), error.to_string().into_bytes())
            }
        };
        let mut request = self.client.post(format!("{}/{id}/{endpoint}", self.url)).body(body);
        if let Some(error_type) = error_type {
            request = request.header("lambda-runtime-function-error-type", error_type);
        }
        match request.send().await.and_then(reqwest::Response::error_for_status) {
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "cannot send an answer to the emulator"),
        }
    }
}
