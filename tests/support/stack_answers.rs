//! A server that stands in for the presigned URL to which the answer to a request of CloudFormation is sent.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::put;
use serde_json::Value;
use tokio::net::TcpListener;

/// The place of the URL in the recorded events.
const PLACE: &str = "<response URL>";

/// A running server. Dropping it stops it.
pub struct StackAnswers {
    /// The URL to which an answer is sent. Its query is like a signature: nobody may see it.
    pub url: String,
    received: Received,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Clone, Default)]
struct Received {
    answers: Arc<Mutex<Vec<(HeaderMap, Value)>>>,
    /// The statuses of the next responses. After them, the status is 200.
    statuses: Arc<Mutex<VecDeque<u16>>>,
}

impl StackAnswers {
    /// Starts a server.
    pub async fn start() -> Self {
        Self::start_refusing(&[]).await
    }

    /// Starts a server whose first responses have these statuses.
    pub async fn start_refusing(statuses: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/answer?X-Amz-Signature=hunter2", listener.local_addr().unwrap());
        let received =
            Received { statuses: Arc::new(Mutex::new(statuses.to_vec().into())), ..Received::default() };
        let routes = Router::new().route("/answer", put(receive)).with_state(received.clone());
        let task = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { url, received, task }
    }

    /// Returns a recorded event with the URL of this server.
    pub fn fill_in(&self, event: &str) -> String {
        event.replace(PLACE, &self.url)
    }

    /// Returns the headers and the bodies of all requests so far.
    pub fn received(&self) -> Vec<(HeaderMap, Value)> {
        self.received.answers.lock().unwrap().clone()
    }

    /// Asserts that one answer arrived, and returns it.
    #[track_caller]
    pub fn only_answer(&self) -> Value {
        let mut received = self.received();
        assert_eq!(received.len(), 1, "{received:?}");
        received.remove(0).1
    }
}

impl Drop for StackAnswers {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn receive(State(received): State<Received>, headers: HeaderMap, body: String) -> StatusCode {
    received.answers.lock().unwrap().push((headers, serde_json::from_str(&body).unwrap()));
    let status = received.statuses.lock().unwrap().pop_front();
    StatusCode::from_u16(status.unwrap_or(200)).unwrap()
}
