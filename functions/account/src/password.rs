//! The password of the account: `POST /api/auth/change-password`.

use axum::extract::State;
use axum::http::StatusCode;
use docuvault::Result;
use docuvault::account::new_password::{self, PasswordChange};
use docuvault::auth::User;
use docuvault::http::{Code, Json};
use docuvault::visit::Visit;

use crate::Capabilities;

docuvault::routes!(Capabilities: change_password);

/// Change your password
///
/// Ends all other sessions of your account. Also works while the account's password has to be changed. The
/// new password follows the same rules as at the registration.
#[utoipa::path(
    post, path = "/api/auth/change-password", tag = "Account",
    security(("access_token" = [])),
    responses((status = NO_CONTENT, description = "The password is changed")),
    extensions(("x-codes" = json!([
        Code::InvalidCredentials, Code::TemporaryPasswordExpired, Code::FactorOwed, Code::TooManyAttempts
    ])))
)]
async fn change_password(
    user: User,
    visit: Visit,
    State(with): State<Capabilities>,
    Json(given): Json<PasswordChange>,
) -> Result<StatusCode> {
    new_password::change(&with.db, &with.passwords, with.attempts, user, &visit, given).await?;
    Ok(StatusCode::NO_CONTENT)
}
