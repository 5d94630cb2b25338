//! The account itself: `GET /api/auth/me`.

use axum::extract::State;
use docuvault::account::Account;
use docuvault::auth::User;
use docuvault::db::Database;
use docuvault::http::Json;
use docuvault::{Result, db};

use crate::Capabilities;

docuvault::routes!(Capabilities: get_account);

/// Get your account
///
/// Also works while the account's password has to be changed.
#[utoipa::path(
    get, path = "/api/auth/me", tag = "Account",
    security(("access_token" = [])),
    responses((status = OK, description = "Your account", body = Account))
)]
async fn get_account(user: User, State(db): State<Database>) -> Result<Json<Account>> {
    Ok(Json(db::account::get(&db, user).await?))
}
