//! The caller's account: what it is, and its sessions.

pub mod me;
pub mod password;
pub mod sessions;

use axum::Router;
use axum::extract::FromRef;
use docuvault::auth::Tokens;
use docuvault::config::{AttemptLimits, TrustedProxies, WebOrigins};
use docuvault::db::Database;
use docuvault::function::{self, FromEnv};
use docuvault::password::Rules;

/// The clients and settings of `account`. It has no access to the store or the queue.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Checks the caller's access token.
    pub tokens: Tokens,
    /// Holds the accounts and their sessions.
    pub db: Database,
    /// The rules for new passwords.
    pub passwords: Rules,
    /// The setting of the limits of attempts.
    pub attempts: AttemptLimits,
    /// The pages that may use sessions.
    pub origins: WebOrigins,
    /// The number of proxies in front of the gateway.
    pub proxies: TrustedProxies,
}

impl FromEnv for Capabilities {
    async fn from_env() -> std::result::Result<Self, function::Error> {
        let (origins, proxies) = (WebOrigins::from_env()?, TrustedProxies::from_env()?);
        let (passwords, attempts) = (Rules::from_env()?, AttemptLimits::from_env()?);
        let (tokens, db) = function::tokens_and_database().await?;
        Ok(Self { tokens, db, passwords, attempts, origins, proxies })
    }
}

/// Serves the caller's account, its password and its sessions.
pub fn router(capabilities: Capabilities) -> Router {
    me::routes().merge(password::routes()).merge(sessions::routes()).with_state(capabilities)
}
