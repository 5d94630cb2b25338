//! `GET /api/auth/me/quota`: tells how many bytes the caller has used and may use.

use axum::Router;
use axum::extract::{FromRef, State};
use docuvault::auth::{Tokens, User};
use docuvault::db::Database;
use docuvault::function::{self, FromEnv};
use docuvault::http::{Code, Json};
use docuvault::quota::Quota;
use docuvault::{Result, db};

/// The clients of `quota`, which only reads the ledger.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Checks the caller's access token.
    pub tokens: Tokens,
    /// Holds the ledger.
    pub db: Database,
}

impl FromEnv for Capabilities {
    async fn from_env() -> std::result::Result<Self, function::Error> {
        let (tokens, db) = function::tokens_and_database().await?;
        Ok(Self { tokens, db })
    }
}

/// Serves the caller's quota.
pub fn router(capabilities: Capabilities) -> Router {
    routes().with_state(capabilities)
}

docuvault::routes!(Capabilities: get_quota);

/// Get your quota
///
/// Only confirmed documents count as used. An upload that is under way reserves nothing.
#[utoipa::path(
    get, path = "/api/auth/me/quota", tag = "Account",
    security(("access_token" = [])),
    responses((status = OK, description = "Your quota, in bytes", body = Quota)),
    extensions(("x-codes" = json!([Code::WrongRole, Code::PasswordChangeOwed, Code::NotFound])))
)]
async fn get_quota(user: User, State(db): State<Database>) -> Result<Json<Quota>> {
    Ok(Json(db::quota::get(&db, user).await?))
}
