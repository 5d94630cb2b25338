//! `GET /api/health`: whether database, store and queue answer.

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::get;
use docuvault::Result;
use docuvault::db::Database;
use docuvault::http::Json;
use docuvault::queue::Queue;
use docuvault::storage::Storage;
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

/// `ok`, or `unreachable` where it is so.
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
    let (database, store, queue) = tokio::join!(db.ping(), storage.ping(), queue.ping());
    let (database, store, queue) = (word(database), word(store), word(queue));
    let well = [database, store, queue].iter().all(|word| *word == OK);
    let (code, status) =
        if well { (StatusCode::OK, OK) } else { (StatusCode::SERVICE_UNAVAILABLE, UNREACHABLE) };
    (code, Json(Health { status, database, store, queue }))
}

const OK: &str = "ok";
const UNREACHABLE: &str = "unreachable";

fn word(answer: Result<()>) -> &'static str {
    match answer {
        Ok(()) => OK,
        Err(error) => {
            tracing::warn!(%error, "unhealthy");
            UNREACHABLE
        }
    }
}
