//! What the service says of itself. `GET /api/health`: whether database, store and queue answer, and whether
//! deleted is gone. `GET /api/openapi.json`: the reference of the API.

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

/// How long a sandbox repeats its answer before it asks the dependencies again. Anybody may ask for health,
/// and frequent requests must not load all three. Each sandbox has its own answer; the function's reserved
/// concurrency bounds the number of sandboxes.
pub const FRESH: Duration = Duration::from_secs(5);

/// The reference of the API, which `./dev openapi` writes.
const REFERENCE: &str = include_str!("../../../infra/openapi.json");

/// `health` asks each of the vault's dependencies whether it answers.
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

/// The routes of `health`.
pub fn router(capabilities: Capabilities) -> Router {
    let latest = Latest::default();
    routes().with_state(Probe { capabilities, latest })
}

docuvault::routes!(Probe: get_health, get_reference);

/// The dependencies to ask, and the last answer.
#[derive(Clone)]
struct Probe {
    capabilities: Capabilities,
    latest: Latest,
}

/// Locked while the dependencies are asked: a sandbox has one probe at a time, and who waits for it shares
/// its answer.
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
        Some((asked, health)) if asked.elapsed() < FRESH => health,
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
    responses((status = OK, description = "An OpenAPI document", body = Object))
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
