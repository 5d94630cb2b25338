//! Topics: users list topics and change their own under `/api/topics`; administrators change the system
//! topics under `/api/admin/topics`.

pub mod own;
pub mod system;

use axum::Router;
use axum::extract::FromRef;
use docuvault::auth::Tokens;
use docuvault::config;
use docuvault::db::Database;
use docuvault::function::{self, FromEnv};

/// The clients and limits of `topics`, which needs no store and no queue.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Checks the caller's access token.
    pub tokens: Tokens,
    /// Holds the topics.
    pub db: Database,
    /// The number of own topics that a user may have.
    pub limits: config::TopicLimits,
    /// The number of proxies in front of the gateway.
    pub proxies: config::TrustedProxies,
}

impl FromEnv for Capabilities {
    async fn from_env() -> std::result::Result<Self, function::Error> {
        let (limits, proxies) = (config::TopicLimits::from_env()?, config::TrustedProxies::from_env()?);
        let (tokens, db) = function::tokens_and_database().await?;
        Ok(Self { tokens, limits, proxies, db })
    }
}

/// Serves both kinds of topics: the own topics of users, and the system topics.
pub fn router(capabilities: Capabilities) -> Router {
    own::routes().merge(system::routes()).with_state(capabilities)
}
