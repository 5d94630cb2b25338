//! A server that stands in for Lambda's Runtime API, from which a function's program gets events.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode};
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc, oneshot};

/// The end of an invocation: an answer, or an error.
pub type Outcome = Result<Value, Value>;

/// An event, and the channel for its outcome.
pub(crate) struct Invocation {
    pub(crate) event: String,
    pub(crate) answer: oneshot::Sender<Outcome>,
}

/// The events that wait, and the invocation that runs.
#[derive(Clone)]
struct Work {
    waiting: Arc<Mutex<mpsc::UnboundedReceiver<Invocation>>>,
    current: Arc<Mutex<Option<oneshot::Sender<Outcome>>>>,
    timeout: Duration,
}

/// A running server for one program.
pub(crate) struct RuntimeApi {
    /// The server's host and port.
    pub(crate) address: String,
    pub(crate) events: mpsc::UnboundedSender<Invocation>,
    pub(crate) server: tokio::task::JoinHandle<()>,
}

impl RuntimeApi {
    /// Starts a server. The deadline of each invocation is `timeout` from its start.
    pub(crate) async fn start(timeout: Duration) -> Self {
        let (events, waiting) = mpsc::unbounded_channel();
        let work =
            Work { waiting: Arc::new(Mutex::new(waiting)), current: Arc::new(Mutex::new(None)), timeout };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = tokio::spawn(async move { axum::serve(listener, routes(work)).await.unwrap() });
        Self { address, events, server }
    }
}

fn routes(work: Work) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .with_state(work)
}

async fn next(State(work): State<Work>) -> ([(HeaderName, String); 4], String) {
    let Some(Invocation { event, answer }) = work.waiting.lock().await.recv().await else {
        return std::future::pending().await;
    };
    *work.current.lock().await = Some(answer);
    let deadline = (SystemTime::now() + work.timeout).duration_since(UNIX_EPOCH).unwrap().as_millis();
    let (id, parent) =
        (uuid::Uuid::new_v4().simple().to_string(), &uuid::Uuid::new_v4().simple().to_string()[..16]);
    let trace = format!("Root=1-{}-{};Parent={parent};Sampled=0", &id[..8], &id[8..]);
    let headers = [
        ("lambda-runtime-trace-id", trace),
        ("lambda-runtime-aws-request-id", uuid::Uuid::new_v4().to_string()),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:test".into()),
    ];
    (headers.map(|(name, value)| (HeaderName::from_static(name), value)), event)
}

async fn response(State(work): State<Work>, Path(_): Path<String>, body: String) -> StatusCode {
    finish(&work, Ok(serde_json::from_str(&body).unwrap())).await
}

async fn error(State(work): State<Work>, Path(_): Path<String>, body: String) -> StatusCode {
    finish(&work, Err(serde_json::from_str(&body).unwrap())).await
}

async fn finish(work: &Work, outcome: Outcome) -> StatusCode {
    if let Some(answer) = work.current.lock().await.take() {
        // The test may have given up.
        let _received = answer.send(outcome);
    }
    StatusCode::ACCEPTED
}
