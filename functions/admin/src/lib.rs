//! Administration: accounts, their sessions, quotas and models, and the audit log. System topics are in the
//! function `topics`. No route of this function reads a document, and none acts as another account.

pub mod audit_log;
pub mod models;
pub mod quota;
pub mod sessions;
pub mod users;

use axum::Router;
use axum::extract::FromRef;
use docuvault::auth::Tokens;
use docuvault::config::{AiModels, TrustedProxies};
use docuvault::db::Database;
use docuvault::function::{self, FromEnv};

/// The clients and settings of `admin`. It has no access to the store or the queue: the sweep removes the
/// objects of removed accounts.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Checks the caller's access token.
    pub tokens: Tokens,
    /// Holds the accounts and the audit log.
    pub db: Database,
    /// The models that administrators may assign.
    pub models: AiModels,
    /// The number of proxies in front of the gateway.
    pub proxies: TrustedProxies,
}

impl FromEnv for Capabilities {
    async fn from_env() -> std::result::Result<Self, function::Error> {
        let (models, proxies) = (AiModels::from_env()?, TrustedProxies::from_env()?);
        let (tokens, db) = function::tokens_and_database().await?;
        Ok(Self { tokens, db, models, proxies })
    }
}

/// Serves administrators.
pub fn router(capabilities: Capabilities) -> Router {
    let routes = users::routes().merge(sessions::routes()).merge(quota::routes());
    routes.merge(models::routes()).merge(audit_log::routes()).with_state(capabilities)
}
