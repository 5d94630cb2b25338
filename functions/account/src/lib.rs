//! The caller's account: what it is, its address, its password, its second factor, its sessions, and what is
//! kept about it.

pub mod data;
pub mod email;
pub mod factors;
pub mod me;
pub mod password;
pub mod sessions;

use axum::Router;
use axum::extract::FromRef;
use docuvault::auth::Tokens;
use docuvault::config::{AttemptLimits, RequireFactor, TrustedProxies, WebOrigins};
use docuvault::db::Database;
use docuvault::factor::Factors;
use docuvault::function::{self, FromEnv};
use docuvault::password::PasswordRules;
use docuvault::storage::Stores;

/// The clients and settings of `account`. It may sign download URLs, and has no access to the queue.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Checks the caller's access token.
    pub tokens: Tokens,
    /// Holds the accounts and their sessions.
    pub db: Database,
    /// The rules for new passwords.
    pub passwords: PasswordRules,
    /// The setting of the limits of attempts.
    pub attempts: AttemptLimits,
    /// The stores, for which download URLs are signed.
    pub stores: Stores,
    /// The pages that may use sessions.
    pub origins: WebOrigins,
    /// The number of proxies in front of the gateway.
    pub proxies: TrustedProxies,
    /// Checks and encrypts second factors.
    pub factors: Factors,
    /// The accounts that must have a second factor.
    pub required: RequireFactor,
}

impl FromEnv for Capabilities {
    async fn from_env() -> std::result::Result<Self, function::Error> {
        let (origins, proxies) = (WebOrigins::from_env()?, TrustedProxies::from_env()?);
        let (factors, required) = (Factors::from_env()?, RequireFactor::from_env()?);
        let (passwords, attempts) = (PasswordRules::from_env()?, AttemptLimits::from_env()?);
        let stores = Stores::from_env()?;
        let (tokens, db) = function::tokens_and_database().await?;
        Ok(Self { tokens, db, stores, passwords, attempts, origins, proxies, factors, required })
    }
}

/// Serves the caller's account, its address, its password, its second factor and its sessions.
pub fn router(capabilities: Capabilities) -> Router {
    let settings = password::routes().merge(factors::routes()).merge(sessions::routes());
    let routes = me::routes().merge(data::routes()).merge(email::routes()).merge(settings);
    routes.with_state(capabilities)
}
