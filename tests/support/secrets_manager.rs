//! A server that stands in for Secrets Manager. It has one secret.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use docuvault::config::{AwsConfig, Secret, StoredSecret};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::sandbox::Variables;
use crate::store::store_credentials;

const ARN: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:vault/tests-AbCdEf";

/// The access key id with which functions sign their requests.
const ACCESS_KEY_ID: &str = "AKIAFUNCTION";

/// A running server. Dropping it stops it.
pub struct SecretsManager {
    /// The server's URL.
    pub url: String,
    state: Arc<Mutex<Contents>>,
    task: tokio::task::JoinHandle<()>,
}

/// The secret, and what happened to it.
struct Contents {
    current: String,
    previous: Option<String>,
    /// The error code with which all requests are refused, if there is one.
    refusal: Option<&'static str>,
    reads: usize,
}

impl SecretsManager {
    /// Starts a server whose secret has one version.
    pub async fn start(secret: &str) -> Self {
        let contents = Contents { current: secret.to_owned(), previous: None, refusal: None, reads: 0 };
        let state = Arc::new(Mutex::new(contents));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let routes = Router::new().route("/", post(get_secret_value)).with_state(Arc::clone(&state));
        let task = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { url, state, task }
    }

    /// Gives the secret a new version. The current version becomes the previous one.
    pub fn rotate(&self, secret: &str) {
        let mut contents = self.contents();
        let current = std::mem::replace(&mut contents.current, secret.to_owned());
        contents.previous = Some(current);
    }

    /// Refuses all further requests with this error code, or none.
    pub fn refuse(&self, code: Option<&'static str>) {
        self.contents().refusal = code;
    }

    /// Returns how often the current version was asked for.
    pub fn reads(&self) -> usize {
        self.contents().reads
    }

    /// Waits until the current version was asked for this often, for 30 s at most.
    pub async fn wait_for_reads(&self, count: usize) {
        let give_up = Instant::now() + Duration::from_secs(30);
        while self.reads() < count {
            assert!(Instant::now() < give_up, "the secret was read {} times", self.reads());
            tokio::task::yield_now().await;
        }
    }

    /// Returns the secret as a function's configuration, in which this variable names it.
    pub fn secret(&self, variable: &'static str) -> StoredSecret {
        let aws = AwsConfig { region: "us-east-1".into(), ..store_credentials(ACCESS_KEY_ID) };
        StoredSecret { variable, arn: ARN.into(), aws, endpoint: Some(self.url.clone()) }
    }

    /// Returns the secret that signs access tokens.
    pub fn token_secret(&self) -> Secret {
        Secret::Stored(self.secret("JWT_SECRET_ARN"))
    }

    /// Makes functions read a secret from this server. `arn_variable` replaces the variable without `_ARN`.
    pub fn provide(&self, variables: &mut Variables, arn_variable: &'static str) {
        variables.remove(arn_variable.trim_end_matches("_ARN"));
        variables.insert(arn_variable, ARN.into());
        variables.insert("SECRETS_ENDPOINT", self.url.clone());
        variables.insert("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID.into());
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.state.lock().unwrap()
    }
}

impl Drop for SecretsManager {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Answers as Secrets Manager does. A request of another form is refused with an error that no test expects.
async fn get_secret_value(
    State(state): State<Arc<Mutex<Contents>>>,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, Json<Value>) {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let body: Value = serde_json::from_str(&body).unwrap_or_default();
    let authorization = header("authorization");
    let signed = authorization.starts_with("AWS4-HMAC-SHA256 Credential=")
        && authorization.contains("/us-east-1/secretsmanager/aws4_request");
    let known = header("x-amz-target") == "secretsmanager.GetSecretValue" && body["SecretId"] == ARN;
    let mut contents = state.lock().unwrap();
    contents.reads += usize::from(body["VersionStage"] == "AWSCURRENT");
    let version = match (&body["VersionStage"], contents.refusal) {
        _ if !signed || !known => Err("InvalidRequestException"),
        (_, Some(code)) => Err(code),
        (Value::String(stage), None) if stage == "AWSCURRENT" => Ok(contents.current.clone()),
        (_, None) => contents.previous.clone().ok_or("ResourceNotFoundException"),
    };
    match version {
        Ok(text) => (StatusCode::OK, Json(json!({"ARN": ARN, "SecretString": text}))),
        Err(code) => (StatusCode::BAD_REQUEST, Json(json!({"__type": code, "Message": "about a secret"}))),
    }
}
