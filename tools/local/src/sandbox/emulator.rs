//! The emulator's Runtime API, as a function's process sees it.

use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::http::HeaderMap;
use reqwest::Client;

use super::process::Outcome;
use crate::config::Sandbox;

const ID: &str = "lambda-runtime-aws-request-id";
/// Before it is asked again, when its answer was none.
const PAUSE: Duration = Duration::from_millis(100);

/// One event that waits for its answer.
pub struct Invocation {
    /// By which it is answered.
    pub id: String,
    /// What the emulator says of it.
    pub headers: HeaderMap,
    /// The event.
    pub body: Vec<u8>,
}

/// A client of the API of one function.
pub struct Emulator {
    client: Client,
    invocations: String,
}

impl Emulator {
    /// Connects at the first call.
    pub fn new(config: &Sandbox) -> Result<Self> {
        let client = Client::builder().no_proxy().build()?;
        // Lambda names host and port; the emulator, a URL.
        let api = config.runtime_api.trim_start_matches("http://");
        let invocations = format!("http://{api}/2018-06-01/runtime/invocation");
        Ok(Self { client, invocations })
    }

    /// Waits for work, for hours where there is none; an error means that the emulator is gone.
    pub async fn next(&self) -> Result<Invocation> {
        loop {
            let url = format!("{}/next", self.invocations);
            let answer = self.client.get(url).send().await.context("the emulator is gone")?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            let id = headers.get(ID).and_then(|id| id.to_str().ok()).map(str::to_owned);
            match id {
                Some(id) if status == 200 => {
                    return Ok(Invocation { id, headers, body: answer.bytes().await?.into() });
                }
                _ => {
                    tracing::warn!(%status, "the emulator ended a wait for work");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Passes the outcome on to whoever waits for it, if anybody still does.
    pub async fn report(&self, id: &str, outcome: &Outcome) {
        let (what, kind, body) = match outcome {
            Outcome::Answered { what, kind, body } => (*what, kind.clone(), body.clone()),
            Outcome::Died(reason) => {
                let error = serde_json::json!({
                    "errorType": "Runtime.ExitError",
                    "errorMessage": format!("the function's process died: {reason}"),
                });
                ("error", Some("Runtime.ExitError".into()), error.to_string().into_bytes())
            }
        };
        let mut request = self.client.post(format!("{}/{id}/{what}", self.invocations)).body(body);
        if let Some(kind) = kind {
            request = request.header("lambda-runtime-function-error-type", kind);
        }
        match request.send().await.and_then(reqwest::Response::error_for_status) {
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "an answer did not reach the emulator"),
        }
    }
}
