//! The caller's account: what it is, and its sessions.

pub mod me;
pub mod sessions;

use axum::Router;
use axum::extract::FromRef;
use docuvault::auth::Tokens;
use docuvault::config::{TrustedProxies, WebOrigins};
use docuvault::db::Database;
use docuvault::function::{self, FromEnv};

/// The clients and settings of `account`. It has no access to the store or the queue.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Checks the caller's access token.
    pub tokens: Tokens,
    /// Holds the accounts and their sessions.
    pub db: Database,
    /// The pages that may use sessions.
    pub origins: WebOrigins,
    /// The number of proxies in front of the gateway.
    pub proxies: TrustedProxies,
}

impl FromEnv for Capabilities {
    async fn from_env() -> std::result::Result<Self, function::Error> {
        let (origins, proxies) = (WebOrigins::from_env()?, TrustedProxies::from_env()?);
        let (tokens, db) = function::tokens_and_database().await?;
        Ok(Self { tokens, db, origins, proxies })
    }
}

/// Serves the caller's account and sessions.
pub fn router(capabilities: Capabilities) -> Router {
    me::routes().merge(sessions::routes()).with_state(capabilities)
}
