//! `POST /api/documents/upload-url`: mints a URL for one PUT of one new object (SPEC section 2.1).

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::post;
use docuvault::Result;
use docuvault::auth::{Tokens, User};
use docuvault::config::Uploads;
use docuvault::db::Database;
use docuvault::function::{self, FromEnv};
use docuvault::http::Json;
use docuvault::storage::Stores;
use docuvault::upload::{self, NewUpload, Upload};

/// The clients and limits that this function uses.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Who asks.
    pub tokens: Tokens,
    /// The pending row.
    pub db: Database,
    /// The signature.
    pub stores: Stores,
    /// What an upload may be.
    pub limits: Uploads,
}

impl FromEnv for Capabilities {
    async fn from_env() -> std::result::Result<Self, function::Error> {
        Ok(Self {
            tokens: Tokens::from_env()?,
            stores: Stores::from_env()?,
            limits: Uploads::from_env()?,
            db: Database::from_env()?.warm().await,
        })
    }
}

/// The routes.
pub fn router(capabilities: Capabilities) -> Router {
    Router::new().route("/api/documents/upload-url", post(begin)).with_state(capabilities)
}

/// Answers 201 with the URL and the headers to send.
async fn begin(
    user: User,
    State(db): State<Database>,
    State(stores): State<Stores>,
    State(limits): State<Uploads>,
    Json(new): Json<NewUpload>,
) -> Result<(StatusCode, Json<Upload>)> {
    Ok((StatusCode::CREATED, Json(upload::begin(&db, &stores, limits, user.id, new).await?)))
}
