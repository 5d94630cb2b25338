//! `GET /api/auth/me/quota`: what the user has used, and may use (STORE-04).

use axum::Router;
use axum::extract::{FromRef, State};
use axum::routing::get;
use docuvault::auth::{Tokens, User};
use docuvault::db::Database;
use docuvault::function::{self, FromEnv};
use docuvault::http::Json;
use docuvault::quota::Quota;
use docuvault::{Result, db};

/// The clients and limits that this function uses.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Who asks.
    pub tokens: Tokens,
    /// The ledger.
    pub db: Database,
}

impl FromEnv for Capabilities {
    async fn from_env() -> std::result::Result<Self, function::Error> {
        Ok(Self { tokens: Tokens::from_env()?, db: Database::from_env()?.warm().await })
    }
}

/// The routes.
pub fn router(capabilities: Capabilities) -> Router {
    Router::new().route("/api/auth/me/quota", get(mine)).with_state(capabilities)
}

/// Answers 200 with bytes.
async fn mine(user: User, State(db): State<Database>) -> Result<Json<Quota>> {
    Ok(Json(db::quota::get(&db, user.id).await?))
}
