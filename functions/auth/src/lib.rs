//! `POST /api/auth/register`, `POST /api/auth/login`, `GET /api/auth/me`: accounts and their sessions (SPEC
//! section 5).

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use docuvault::account::{self, Account, EmailAndPassword, Session};
use docuvault::auth::{Tokens, User};
use docuvault::db::Database;
use docuvault::function::{self, FromEnv};
use docuvault::http::Json;
use docuvault::id::UserId;
use docuvault::{Result, db};
use serde::Serialize;
use time::OffsetDateTime;

/// The clients and limits that this function uses.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Who asks, and what a login answers.
    pub tokens: Tokens,
    /// Accounts.
    pub db: Database,
}

impl FromEnv for Capabilities {
    async fn from_env() -> std::result::Result<Self, function::Error> {
        Ok(Self { tokens: Tokens::from_env()?, db: Database::from_env()?.warm().await })
    }
}

/// The routes.
pub fn router(capabilities: Capabilities) -> Router {
    Router::new()
        .route("/api/auth/register", post(register))
        .route("/api/auth/login", post(login))
        .route("/api/auth/me", get(me))
        .with_state(capabilities)
}

/// A new account.
#[derive(Serialize)]
struct Registered {
    id: UserId,
    email: String,
    role: String,
    #[serde(with = "docuvault::timestamp::utc")]
    created_at: OffsetDateTime,
}

/// The caller's account.
#[derive(Serialize)]
struct Me {
    id: UserId,
    email: String,
    role: String,
    totp_enabled: bool,
    password_must_change: bool,
    #[serde(with = "docuvault::timestamp::utc")]
    created_at: OffsetDateTime,
}

/// Answers 201 with the account.
async fn register(
    State(db): State<Database>,
    Json(new): Json<EmailAndPassword>,
) -> Result<(StatusCode, Json<Registered>)> {
    let Account { id, email, role, created_at, .. } = account::register(&db, new).await?;
    Ok((StatusCode::CREATED, Json(Registered { id, email, role, created_at })))
}

/// Answers 200 with an access token.
async fn login(
    State(db): State<Database>,
    State(tokens): State<Tokens>,
    Json(given): Json<EmailAndPassword>,
) -> Result<Json<Session>> {
    Ok(Json(account::login(&db, &tokens, given).await?))
}

/// Answers 200 with the account, whatever its role.
async fn me(user: User, State(db): State<Database>) -> Result<Json<Me>> {
    let Account { id, email, role, totp_enabled, password_must_change, created_at } =
        db::account::get(&db, user.id).await?;
    Ok(Json(Me { id, email, role, totp_enabled, password_must_change, created_at }))
}
