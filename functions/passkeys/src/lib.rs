//! Passkeys: the passkeys of the caller's account, and the sign-in with one. It is a function of its own
//! because the library for WebAuthn is large.

pub mod own;
mod relying_party;
mod schema;
pub mod sign_in;

use axum::Router;
use axum::extract::FromRef;
use docuvault::auth::Tokens;
use docuvault::config::{AttemptLimits, PasskeyConfig, RequireFactor, TrustedProxies, WebOrigins};
use docuvault::db::Database;
use docuvault::factor::Factors;
use docuvault::function::{self, FromEnv};

pub use relying_party::RelyingParty;

/// The clients and settings of `passkeys`. It has no access to the store or the queue.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Checks and issues access tokens.
    pub tokens: Tokens,
    /// Holds the accounts, their sessions and their passkeys.
    pub db: Database,
    /// Makes challenges, and checks the answers of passkeys.
    pub relying_party: RelyingParty,
    /// The pages that may use sessions.
    pub origins: WebOrigins,
    /// The number of proxies in front of the gateway.
    pub proxies: TrustedProxies,
    /// Checks codes of second factors.
    pub factors: Factors,
    /// The limits of attempts.
    pub attempts: AttemptLimits,
    /// The accounts that must have a second factor.
    pub required: RequireFactor,
}

impl FromEnv for Capabilities {
    async fn from_env() -> std::result::Result<Self, function::Error> {
        let (origins, proxies) = (WebOrigins::from_env()?, TrustedProxies::from_env()?);
        let relying_party = RelyingParty::new(&PasskeyConfig::from_env(&origins)?)?;
        let (factors, required) = (Factors::from_env()?, RequireFactor::from_env()?);
        let attempts = AttemptLimits::from_env()?;
        let (tokens, db) = function::tokens_and_database().await?;
        Ok(Self { tokens, db, relying_party, origins, proxies, factors, attempts, required })
    }
}

/// Serves the caller's passkeys, and the sign-in.
pub fn router(capabilities: Capabilities) -> Router {
    own::routes().merge(sign_in::routes()).with_state(capabilities)
}
