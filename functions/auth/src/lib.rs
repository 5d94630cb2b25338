//! Accounts and logins: `POST /api/auth/register`, `POST /api/auth/login`, `GET /api/auth/me`.

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use docuvault::account::{self, Account, EmailAndPassword, LoginResult, Registered};
use docuvault::auth::{Tokens, User};
use docuvault::db::Database;
use docuvault::function::{self, FromEnv};
use docuvault::http::{Code, Json};
use docuvault::{Result, db};

/// The clients of `auth`. It needs only accounts and tokens, and has no access to the store or the queue.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Issues access tokens at login, and checks the tokens of callers.
    pub tokens: Tokens,
    /// Holds the accounts.
    pub db: Database,
}

impl FromEnv for Capabilities {
    async fn from_env() -> std::result::Result<Self, function::Error> {
        let (tokens, db) = function::tokens_and_database().await?;
        Ok(Self { tokens, db })
    }
}

/// Serves registration, login and the account of the caller.
pub fn router(capabilities: Capabilities) -> Router {
    routes().with_state(capabilities)
}

docuvault::routes!(Capabilities: register, login, get_account);

/// Register an account
///
/// Creates a user with the default quota. The password needs 12 to 128 characters, with an upper-case letter,
/// a lower-case letter, a digit and a symbol.
#[utoipa::path(
    post, path = "/api/auth/register", tag = "Account",
    responses((status = CREATED, description = "The new account", body = Registered)),
    extensions(("x-codes" = json!([Code::EmailTaken])))
)]
async fn register(
    State(db): State<Database>,
    Json(new): Json<EmailAndPassword>,
) -> Result<(StatusCode, Json<Registered>)> {
    Ok((StatusCode::CREATED, Json(account::register(&db, new).await?)))
}

/// Log in
///
/// Returns an access token. Send it with every other request as `Authorization: Bearer <access_token>`.
#[utoipa::path(
    post, path = "/api/auth/login", tag = "Account",
    responses((status = OK, description = "The access token", body = LoginResult)),
    extensions(("x-codes" = json!([Code::InvalidCredentials, Code::SecretUnavailable])))
)]
async fn login(
    State(db): State<Database>,
    State(tokens): State<Tokens>,
    Json(given): Json<EmailAndPassword>,
) -> Result<Json<LoginResult>> {
    Ok(Json(account::login(&db, &tokens, given).await?))
}

/// Get your account
///
/// Also works while the account's password has to be changed.
#[utoipa::path(
    get, path = "/api/auth/me", tag = "Account",
    security(("access_token" = [])),
    responses((status = OK, description = "Your account", body = Account))
)]
async fn get_account(user: User, State(db): State<Database>) -> Result<Json<Account>> {
    Ok(Json(db::account::get(&db, user.id).await?))
}
