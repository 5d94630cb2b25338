//! `GET /api/health`: whether database, store and queue answer, and whether deleted is gone.

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::get;
use docuvault::Result;
use docuvault::db::Database;
use docuvault::http::Json;
use docuvault::queue::Queue;
use docuvault::storage::{Storage, Versioning};
use serde::Serialize;

/// What this function may use: its rights, in one list.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Asked.
    pub db: Database,
    /// Asked.
    pub storage: Storage,
    /// Asked.
    pub queue: Queue,
}

/// The routes.
pub fn router(capabilities: Capabilities) -> Router {
    Router::new().route("/api/health", get(health)).with_state(capabilities)
}

/// `ok`, or `unreachable` where it is so; the store's may be `versioned`, which keeps what is deleted.
#[derive(Serialize)]
struct Health {
    status: &'static str,
    database: &'static str,
    store: &'static str,
    queue: &'static str,
}

/// Answers 200, or 503 where one of them does not answer.
async fn health(
    State(Capabilities { db, storage, queue }): State<Capabilities>,
) -> (StatusCode, Json<Health>) {
    let (database, store, queue) = tokio::join!(db.ping(), storage.versioning(), queue.ping());
    let versioned = matches!(store, Ok(Versioning::On));
    let (database, queue) = (word(database), word(queue));
    let store = if versioned { VERSIONED } else { word(store.map(drop)) };
    let status = [UNREACHABLE, VERSIONED].into_iter().find(|bad| [database, store, queue].contains(bad));
    let code = status.map_or(StatusCode::OK, |_| StatusCode::SERVICE_UNAVAILABLE);
    (code, Json(Health { status: status.unwrap_or(OK), database, store, queue }))
}

const OK: &str = "ok";
const UNREACHABLE: &str = "unreachable";
const VERSIONED: &str = "versioned";

fn word(answer: Result<()>) -> &'static str {
    match answer {
        Ok(()) => OK,
        Err(error) => {
            tracing::warn!(%error, "unhealthy");
            UNREACHABLE
        }
    }
}
