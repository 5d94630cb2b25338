//! `POST /api/documents/{id}/confirm`: charges the quota for a stored object, once (SPEC section 2.3).

use axum::Router;
use axum::extract::{FromRef, State};
use axum::routing::post;
use docuvault::Result;
use docuvault::auth::{Tokens, User};
use docuvault::config::Uploads;
use docuvault::db::Database;
use docuvault::function::{self, FromEnv};
use docuvault::http::{Json, Path};
use docuvault::id::DocumentId;
use docuvault::queue::Queue;
use docuvault::storage::Stores;
use docuvault::upload::{self, Confirmed};

/// The clients and limits that this function uses.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Who asks.
    pub tokens: Tokens,
    /// The row and the ledger.
    pub db: Database,
    /// The object's size.
    pub stores: Stores,
    /// The nudge, where the object's event came first.
    pub queue: Queue,
    /// What an upload may be.
    pub limits: Uploads,
}

impl FromEnv for Capabilities {
    async fn from_env() -> std::result::Result<Self, function::Error> {
        Ok(Self {
            tokens: Tokens::from_env()?,
            stores: Stores::from_env()?.warm(),
            queue: Queue::from_env()?,
            limits: Uploads::from_env()?,
            db: Database::from_env()?.warm().await,
        })
    }
}

/// The routes.
pub fn router(capabilities: Capabilities) -> Router {
    Router::new().route("/api/documents/{id}/confirm", post(confirm)).with_state(capabilities)
}

/// Answers 200 with what was charged.
async fn confirm(
    user: User,
    Path(id): Path<DocumentId>,
    State(Capabilities { db, stores, queue, limits, .. }): State<Capabilities>,
) -> Result<Json<Confirmed>> {
    Ok(Json(upload::confirm(&db, &stores, &queue, limits, user.id, id).await?))
}
