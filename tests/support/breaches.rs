//! A server that stands in for Have I Been Pwned.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use tokio::net::TcpListener;

/// What the server answers.
#[derive(Clone, Debug)]
pub enum Answer {
    /// These lines.
    Lines(String),
    /// This status.
    Status(u16),
    /// Nothing, until the caller gives up.
    Nothing,
}

/// A running server. Dropping it stops it.
pub struct Breaches {
    /// The server's URL.
    pub url: String,
    state: Arc<Mutex<Contents>>,
    task: tokio::task::JoinHandle<()>,
}

struct Contents {
    answer: Answer,
    asked: Vec<String>,
}

impl Breaches {
    /// Starts a server that gives this answer.
    pub async fn start(answer: Answer) -> Self {
        let state = Arc::new(Mutex::new(Contents { answer, asked: Vec::new() }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let routes = Router::new().route("/range/{prefix}", get(answer_range)).with_state(Arc::clone(&state));
        let task = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { url, state, task }
    }

    /// Gives another answer from now on.
    pub fn set_answer(&self, answer: Answer) {
        self.contents().answer = answer;
    }

    /// Returns the prefixes that were asked for, and forgets them.
    pub fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut self.contents().asked)
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.state.lock().unwrap()
    }
}

impl Drop for Breaches {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Answers a request. One that does not ask for padding is refused.
async fn answer_range(
    State(state): State<Arc<Mutex<Contents>>>,
    Path(prefix): Path<String>,
    headers: HeaderMap,
) -> (StatusCode, String) {
    if headers.get("add-padding").is_none_or(|value| value != "true") || prefix.len() != 5 {
        return (StatusCode::BAD_REQUEST, String::new());
    }
    let answer = {
        let mut contents = state.lock().unwrap();
        contents.asked.push(prefix);
        contents.answer.clone()
    };
    match answer {
        Answer::Lines(lines) => (StatusCode::OK, lines),
        Answer::Status(status) => (StatusCode::from_u16(status).unwrap(), String::new()),
        Answer::Nothing => {
            tokio::time::sleep(Duration::from_secs(3_600)).await;
            (StatusCode::OK, String::new())
        }
    }
}
