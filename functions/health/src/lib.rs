//! Serves information about the vault itself. `GET /api/health` tells whether the database, the store and the
//! queue answer, and whether the store would keep versions of deleted objects. `GET /api/openapi.json`
//! returns the reference of the API.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use docuvault::Result;
use docuvault::db::Database;
use docuvault::function::{self, FromEnv};
use docuvault::health::{self, Health};
use docuvault::http::Json;
use docuvault::queue::Queue;
use docuvault::storage::{Storage, Versioning};
use tokio::sync::Mutex;

/// The time for which a sandbox repeats its last answer to `GET /api/health` before it asks the services
/// again. Anybody may call this route, and frequent calls must not load the database, the store and the
/// queue. Each sandbox has an answer of its own; the function's reserved concurrency limits the number of
/// sandboxes.
pub const ANSWER_LIFETIME: Duration = Duration::from_secs(5);

/// The reference of the API, which `./dev openapi` writes.
const REFERENCE: &str = include_str!("../../../infra/openapi.json");

/// The clients of `health`, one for each service that it asks.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Postgres, which is asked for a row.
    pub db: Database,
    /// The object store, which is asked for the bucket's versioning.
    pub storage: Storage,
    /// The queue, which is asked for one of its attributes.
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

/// Serves the reference of the API, and the health check, whose latest answer is shared by all requests to a
/// sandbox.
pub fn router(capabilities: Capabilities) -> Router {
    let latest = Latest::default();
    routes().with_state(Probe { capabilities, latest })
}

docuvault::routes!(Probe: get_health, get_reference);

/// The services to ask, and the latest answer.
#[derive(Clone)]
struct Probe {
    capabilities: Capabilities,
    latest: Latest,
}

/// The latest answer and its time. It is locked while the services are asked: a sandbox asks once at a time,
/// and callers who wait for the lock get the same answer.
type Latest = Arc<Mutex<Option<(Instant, Health)>>>;

/// Check the service's health
///
/// An answer may be up to 5 seconds old.
#[utoipa::path(
    get, path = "/api/health", tag = "Service",
    responses(
        (status = OK, description = "Everything answers", body = Health),
        (status = SERVICE_UNAVAILABLE, description = "Something does not answer", body = Health),
    )
)]
async fn get_health(State(Probe { capabilities, latest }): State<Probe>) -> (StatusCode, Json<Health>) {
    let mut latest = latest.lock().await;
    let health = match *latest {
        Some((asked, health)) if asked.elapsed() < ANSWER_LIFETIME => health,
        _ => {
            let health = ask(&capabilities).await;
            *latest = Some((Instant::now(), health));
            health
        }
    };
    let healthy = health.status == health::DependencyState::Ok;
    (if healthy { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, Json(health))
}

/// Get the reference of the API
///
/// Returns this document.
#[utoipa::path(
    get, path = "/api/openapi.json", tag = "Service",
    responses((
        status = OK, description = "An OpenAPI document", body = Object,
        example = json!({"openapi": "3.1.0", "info": {"title": "DocuVault", "version": "0.1.0"}})
    ))
)]
async fn get_reference() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], REFERENCE)
}

async fn ask(Capabilities { db, storage, queue }: &Capabilities) -> Health {
    let (database, store, queue) = tokio::join!(db.ping(), storage.versioning(), queue.ping());
    let versioned = matches!(store, Ok(Versioning::On));
    let store = if versioned { health::DependencyState::Versioned } else { state(store.map(drop)) };
    Health::new(state(database), store, state(queue))
}

fn state(answer: Result<()>) -> health::DependencyState {
    match answer {
        Ok(()) => health::DependencyState::Ok,
        Err(error) => {
            tracing::warn!(%error, "a dependency does not answer");
            health::DependencyState::Unreachable
        }
    }
}
