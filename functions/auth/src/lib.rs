//! The ways to sign in and out: registration, login, the refresh token in a cookie, and what links in mails
//! do.

pub mod by_mail;
pub mod factor;
pub mod login;
pub mod refresh;

use axum::Router;
use axum::extract::FromRef;
use docuvault::account::Rules;
use docuvault::auth::Tokens;
use docuvault::config::{TrustedProxies, WebOrigins};
use docuvault::db::Database;
use docuvault::factor::Factors;
use docuvault::function::{self, FromEnv};

/// The clients and settings of `auth`. It needs only accounts, sessions and tokens, and has no access to the
/// store or the queue.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Issues access tokens.
    pub tokens: Tokens,
    /// Holds the accounts and their sessions.
    pub db: Database,
    /// The settings of registrations and logins.
    pub rules: Rules,
    /// The pages that may use sessions.
    pub origins: WebOrigins,
    /// The number of proxies in front of the gateway.
    pub proxies: TrustedProxies,
    /// Checks and encrypts second factors.
    pub factors: Factors,
}

impl FromEnv for Capabilities {
    async fn from_env() -> std::result::Result<Self, function::Error> {
        let (origins, proxies) = (WebOrigins::from_env()?, TrustedProxies::from_env()?);
        let (rules, factors) = (Rules::from_env()?, Factors::from_env()?);
        let (tokens, db) = function::tokens_and_database().await?;
        Ok(Self { tokens, db, rules, origins, proxies, factors })
    }
}

/// Serves registration, login, refresh, logout, and what links in mails do.
pub fn router(capabilities: Capabilities) -> Router {
    login::routes()
        .merge(factor::routes())
        .merge(refresh::routes())
        .merge(by_mail::routes())
        .with_state(capabilities)
}
