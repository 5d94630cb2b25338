//! `GET,POST /api/topics`, `PATCH,DELETE /api/topics/{id}`: what a user sees and makes; the same under
//! `/api/admin/topics` for the system's topics, by administrators.

pub mod own;
pub mod system;

use axum::Router;
use axum::extract::FromRef;
use docuvault::auth::Tokens;
use docuvault::config;
use docuvault::db::Database;
use docuvault::function::{self, FromEnv};

/// `topics` lists and changes topics; it needs no store and no queue.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Checks the caller's access token.
    pub tokens: Tokens,
    /// Holds the topics.
    pub db: Database,
    /// How many topics a user may make.
    pub limits: config::TopicLimits,
}

impl FromEnv for Capabilities {
    async fn from_env() -> std::result::Result<Self, function::Error> {
        Ok(Self {
            tokens: Tokens::from_env()?,
            limits: config::TopicLimits::from_env()?,
            db: Database::from_env()?.warm().await,
        })
    }
}

/// The routes of `topics`.
pub fn router(capabilities: Capabilities) -> Router {
    own::routes().merge(system::routes()).with_state(capabilities)
}
