//! The client of Secrets Manager. It sends one kind of request (`GetSecretValue`), without the SDK, which
//! programs such as `quota` do not contain.

use hyper::body::Bytes;
use hyper::{Request, StatusCode};
use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;

use super::FromSecret;
use crate::aws::{self, Client, ServiceError, Signer};
use crate::config::StoredSecret;
use crate::error::chain;
use crate::limits::sdk::SECRETS;

/// The header with the service's id of a request.
const REQUEST_ID: &str = "x-amzn-requestid";

/// The label of the version that is in use.
const CURRENT: &str = "AWSCURRENT";

/// The label of the version before.
const PREVIOUS: &str = "AWSPREVIOUS";

/// The error code for a secret that does not exist, or has no such version.
const NOT_FOUND: &str = "ResourceNotFoundException";

/// The reason why a secret could not be read. It names the variable and the secret, and never its value.
#[derive(Debug, thiserror::Error)]
#[error("{variable}: the secret {name} {problem}")]
pub(super) struct ReadError {
    variable: &'static str,
    name: String,
    problem: String,
}

/// Reads one secret.
pub(super) struct SecretClient {
    secret: StoredSecret,
    client: Client,
    url: String,
}

/// The part of an answer that matters. An error has a type, which may have a prefix that ends with `#`. A
/// binary secret has no text.
#[derive(Default, Deserialize)]
struct Answer {
    #[serde(rename = "SecretString")]
    text: Option<String>,
    #[serde(rename = "__type")]
    error: Option<String>,
}

impl SecretClient {
    /// Creates a client. It connects at the first request.
    pub(super) fn new(secret: StoredSecret) -> Self {
        let region = &secret.aws.region;
        let at_aws = || format!("https://secretsmanager.{region}.{}", aws::domain(region));
        let url = secret.endpoint.clone().unwrap_or_else(at_aws);
        let signer = Signer::new(&secret.aws, "secretsmanager");
        Self { client: Client::new(Some(signer), &url, SECRETS), secret, url }
    }

    /// The variable that names the secret.
    pub(super) fn variable(&self) -> &'static str {
        self.secret.variable
    }

    /// The name of the secret.
    pub(super) fn name(&self) -> &str {
        self.secret.name()
    }

    /// Reads the secret, and makes a value of it.
    ///
    /// The current version is read first. If the secret changes between the two requests, the second one
    /// returns what was current, so that no valid key is missed.
    pub(super) async fn read<T: FromSecret>(&self) -> Result<T, ReadError> {
        let versions = async {
            let current = self.version(CURRENT).await?;
            let previous = if T::NEEDS_PREVIOUS { self.version(PREVIOUS).await? } else { None };
            Ok::<_, ServiceError>((current, previous))
        };
        let read = timeout(SECRETS.operation, versions).await.unwrap_or(Err(ServiceError::Timeout));
        let (current, previous) =
            read.map_err(|error| self.error(format!("cannot be read: {}", chain(&error))))?;
        let current = current.ok_or_else(|| self.error("does not exist"))?;
        T::from_secret(&current, previous.as_deref()).map_err(|problem| self.error(problem))
    }

    /// Reads the version with this label. Returns `None` if there is none.
    async fn version(&self, label: &str) -> Result<Option<String>, ServiceError> {
        let request = self.request(label).map_err(|error| ServiceError::Invalid(error.into()))?;
        let response = self.client.send(&request, |_| true).await?;
        let answer: Answer = serde_json::from_slice(response.body()).unwrap_or_default();
        let is_ok = response.status() == StatusCode::OK;
        if is_ok && answer.text.is_some() {
            return Ok(answer.text);
        }
        let error = answer.error.as_deref().and_then(|error| error.rsplit('#').next());
        let code = if is_ok { Some("without text") } else { error };
        if code == Some(NOT_FOUND) {
            return Ok(None);
        }
        let id = response.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok());
        Err(ServiceError::from_refusal(response.status().as_u16(), code, id))
    }

    fn request(&self, label: &str) -> hyper::http::Result<Request<Bytes>> {
        let body = json!({"SecretId": self.secret.arn, "VersionStage": label});
        Request::post(&self.url)
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", "secretsmanager.GetSecretValue")
            .body(body.to_string().into())
    }

    fn error(&self, problem: impl Into<String>) -> ReadError {
        ReadError { variable: self.variable(), name: self.name().to_owned(), problem: problem.into() }
    }
}
