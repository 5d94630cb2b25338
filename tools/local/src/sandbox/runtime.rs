//! The Runtime API that a process is given: Lambda's, for one invocation at a time.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use tokio::sync::{Mutex, mpsc, watch};

use super::emulator::Invocation;
use super::process::Outcome;

const DEADLINE: &str = "lambda-runtime-deadline-ms";

/// An invocation on its way to the process.
pub struct Work {
    headers: HeaderMap,
    body: Vec<u8>,
    limit: Duration,
}

impl Work {
    /// With everything that the emulator says of it but the deadline, which it sets in 1970.
    pub fn new(invocation: &Invocation, limit: Duration) -> Self {
        let told = invocation.headers.iter().filter(|(name, _)| name.as_str().starts_with("lambda-runtime-"));
        let headers = told.map(|(name, value)| (name.clone(), value.clone())).collect();
        Self { headers, body: invocation.body.clone(), limit }
    }
}

#[derive(Clone)]
struct Runtime {
    begun: watch::Sender<bool>,
    work: Arc<Mutex<mpsc::Receiver<Work>>>,
    outcomes: mpsc::Sender<Outcome>,
}

/// Tells when work is first asked for, hands out what comes, and passes on what is answered.
pub fn router(
    begun: watch::Sender<bool>,
    work: mpsc::Receiver<Work>,
    outcomes: mpsc::Sender<Outcome>,
) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(async || StatusCode::ACCEPTED))
        .layer(DefaultBodyLimit::disable())
        .with_state(Runtime { begun, work: Arc::new(Mutex::new(work)), outcomes })
}

async fn next(State(runtime): State<Runtime>) -> Response {
    runtime.begun.send_replace(true);
    let Some(work) = runtime.work.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let mut response = work.body.into_response();
    response.headers_mut().extend(work.headers);
    let deadline = SystemTime::now() + work.limit;
    let millis = deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64;
    response.headers_mut().insert(DEADLINE, millis.into());
    response
}

async fn response(State(runtime): State<Runtime>, body: Bytes) -> StatusCode {
    answered(&runtime, "response", None, body).await
}

async fn error(State(runtime): State<Runtime>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let kind = headers.get("lambda-runtime-function-error-type").and_then(|kind| kind.to_str().ok());
    answered(&runtime, "error", kind.map(str::to_owned), body).await
}

async fn answered(runtime: &Runtime, what: &'static str, kind: Option<String>, body: Bytes) -> StatusCode {
    let outcome = Outcome::Answered { what, kind, body: body.into() };
    drop(runtime.outcomes.send(outcome).await);
    StatusCode::ACCEPTED
}
