//! `GET /api/health`: whether database, store and queue answer, and whether deleted is gone.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::get;
use docuvault::Result;
use docuvault::db::Database;
use docuvault::function::{self, FromEnv};
use docuvault::http::Json;
use docuvault::queue::Queue;
use docuvault::storage::{Storage, Versioning};
use serde::Serialize;
use tokio::sync::Mutex;

/// How long a sandbox repeats its answer before it asks the dependencies again. Anybody may ask for health:
/// whoever asks often must not make all three work. Each sandbox has an answer of its own. What bounds the
/// number of sandboxes is the function's reserved concurrency.
pub const FRESH: Duration = Duration::from_secs(5);

/// The clients and limits that this function uses.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Asked.
    pub db: Database,
    /// Asked.
    pub storage: Storage,
    /// Asked.
    pub queue: Queue,
}

impl FromEnv for Capabilities {
    async fn from_env() -> std::result::Result<Self, function::Error> {
        Ok(Self {
            db: Database::from_env()?,
            storage: Storage::from_env()?.warm(),
            queue: Queue::from_env()?,
        })
    }
}

/// The routes.
pub fn router(capabilities: Capabilities) -> Router {
    let latest = Latest::default();
    Router::new().route("/api/health", get(health)).with_state(Probe { capabilities, latest })
}

/// What to ask, and what it last answered.
#[derive(Clone)]
struct Probe {
    capabilities: Capabilities,
    latest: Latest,
}

/// Locked while the dependencies are asked: a sandbox has one probe at a time, and who waits for it shares
/// its answer.
type Latest = Arc<Mutex<Option<(Instant, Health)>>>;

/// `ok`, or `unreachable` where it is so; the store's may be `versioned`, which keeps what is deleted.
#[derive(Clone, Copy, Serialize)]
struct Health {
    status: &'static str,
    database: &'static str,
    store: &'static str,
    queue: &'static str,
}

/// Answers 200, or 503 where one of them does not answer.
async fn health(State(Probe { capabilities, latest }): State<Probe>) -> (StatusCode, Json<Health>) {
    let mut latest = latest.lock().await;
    let health = match *latest {
        Some((asked, health)) if asked.elapsed() < FRESH => health,
        _ => {
            let health = ask(&capabilities).await;
            *latest = Some((Instant::now(), health));
            health
        }
    };
    let code = if health.status == OK { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, Json(health))
}

async fn ask(Capabilities { db, storage, queue }: &Capabilities) -> Health {
    let (database, store, queue) = tokio::join!(db.ping(), storage.versioning(), queue.ping());
    let versioned = matches!(store, Ok(Versioning::On));
    let (database, queue) = (word(database), word(queue));
    let store = if versioned { VERSIONED } else { word(store.map(drop)) };
    let bad = [UNREACHABLE, VERSIONED].into_iter().find(|bad| [database, store, queue].contains(bad));
    Health { status: bad.unwrap_or(OK), database, store, queue }
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
