//! The Runtime API server for one process: Lambda's API, with one event at a time.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use tokio::sync::{Mutex, mpsc, watch};

use super::emulator::Event;
use super::process::Outcome;

const DEADLINE: &str = "lambda-runtime-deadline-ms";

/// An event that the process has not asked for yet.
pub struct PendingEvent {
    headers: HeaderMap,
    body: Vec<u8>,
    limit: Duration,
}

impl PendingEvent {
    /// Copies the event with the emulator's `lambda-runtime-` headers. The deadline that the emulator sends
    /// lies in 1970, so a deadline computed from `limit` replaces it.
    pub fn new(event: &Event, limit: Duration) -> Self {
        let headers = event.headers.iter().filter(|(name, _)| name.as_str().starts_with("lambda-runtime-"));
        let headers = headers.map(|(name, value)| (name.clone(), value.clone())).collect();
        Self { headers, body: event.body.clone(), limit }
    }
}

#[derive(Clone)]
struct Runtime {
    ready: watch::Sender<bool>,
    events: Arc<Mutex<mpsc::Receiver<PendingEvent>>>,
    outcomes: mpsc::Sender<Outcome>,
}

/// Returns the server's router. It sets `ready` when the process first asks for an event, passes `events` to
/// the process, and sends its answers to `outcomes`.
pub fn router(
    ready: watch::Sender<bool>,
    events: mpsc::Receiver<PendingEvent>,
    outcomes: mpsc::Sender<Outcome>,
) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(async || StatusCode::ACCEPTED))
        .layer(DefaultBodyLimit::disable())
        .with_state(Runtime { ready, events: Arc::new(Mutex::new(events)), outcomes })
}

async fn next(State(runtime): State<Runtime>) -> Response {
    runtime.ready.send_replace(true);
    let Some(event) = runtime.events.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let mut response = event.body.into_response();
    response.headers_mut().extend(event.headers);
    let deadline = SystemTime::now() + event.limit;
    let millis = deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64;
    response.headers_mut().insert(DEADLINE, millis.into());
    response
}

async fn response(State(runtime): State<Runtime>, body: Bytes) -> StatusCode {
    finish(&runtime, "response", None, body).await
}

async fn error(State(runtime): State<Runtime>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let error_type = headers.get("lambda-runtime-function-error-type").and_then(|value| value.to_str().ok());
    finish(&runtime, "error", error_type.map(str::to_owned), body).await
}

async fn finish(
    runtime: &Runtime,
    endpoint: &'static str,
    error_type: Option<String>,
    body: Bytes,
) -> StatusCode {
    let outcome = Outcome::Answered { endpoint, error_type, body: body.into() };
    drop(runtime.outcomes.send(outcome).await);
    StatusCode::ACCEPTED
}
