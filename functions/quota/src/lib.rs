//! `GET /api/auth/me/quota`: what the user has used, and may use (STORE-04).

use axum::Router;
use axum::extract::{FromRef, State};
use axum::routing::get;
use docuvault::Result;
use docuvault::auth::{Tokens, User};
use docuvault::db::Database;
use docuvault::http::Json;
use docuvault::quota::{self, Quota};

/// What this function may use: its rights, in one list.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Who asks.
    pub tokens: Tokens,
    /// The ledger.
    pub db: Database,
}

/// The routes.
pub fn router(capabilities: Capabilities) -> Router {
    Router::new().route("/api/auth/me/quota", get(mine)).with_state(capabilities)
}

/// Answers 200 with bytes.
async fn mine(user: User, State(db): State<Database>) -> Result<Json<Quota>> {
    Ok(Json(quota::get(&db, user.id).await?))
}
