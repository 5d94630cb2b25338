//! The password of the account: `POST /api/auth/change-password`.

use axum::extract::State;
use axum::response::IntoResponse;
use docuvault::Result;
use docuvault::account::new_password::{self, Change, PasswordChange};
use docuvault::auth::User;
use docuvault::http::{Code, Cookies, Json, answer_started};
use docuvault::session::SignedIn;
use docuvault::visit::Visit;

use crate::Capabilities;

docuvault::routes!(Capabilities: change_password);

/// Change your password
///
/// Ends all sessions of your account, and starts a new one: the answer has its access token, and sets its
/// cookies. Also works while the account's password has to be changed. The new password follows the same
/// rules as at the registration.
#[utoipa::path(
    post, path = "/api/auth/change-password", tag = "Account",
    security(("access_token" = [])),
    responses((status = OK, description = "The access token of the new session", body = SignedIn)),
    extensions(("x-codes" = json!([
        Code::InvalidCredentials, Code::TemporaryPasswordExpired, Code::FactorOwed, Code::TooManyAttempts,
        Code::SecretUnavailable
    ])))
)]
async fn change_password(
    user: User,
    visit: Visit,
    cookies: Cookies,
    State(with): State<Capabilities>,
    Json(given): Json<PasswordChange>,
) -> Result<impl IntoResponse> {
    let Capabilities { db, tokens, passwords: rules, attempts: limits, .. } = &with;
    let change = Change { db, tokens, rules, limits: *limits, device: cookies.device, visit: &visit };
    Ok(answer_started(new_password::change(change, user, given).await?, &with.origins))
}
