//! The e-mail address of the account: `PUT /api/auth/me/email`.

use axum::extract::State;
use axum::http::StatusCode;
use docuvault::Result;
use docuvault::auth::User;
use docuvault::config::AttemptLimits;
use docuvault::db::Database;
use docuvault::http::{Code, Json};
use docuvault::verification::{self, NewEmail};
use docuvault::visit::Visit;

use crate::Capabilities;

docuvault::routes!(Capabilities: change_email);

/// Change your e-mail address
///
/// Sends a link to the new address by mail. The account keeps the old address until the link is used, which
/// works for one day, and once. Then a mail tells the old address. The answer is the same if another account
/// has the new address.
#[utoipa::path(
    put, path = "/api/auth/me/email", tag = "Account",
    security(("access_token" = [])),
    responses((status = ACCEPTED, description = "The mail is on its way")),
    extensions(("x-codes" = json!([
        Code::InvalidCredentials, Code::PasswordChangeOwed, Code::FactorOwed, Code::TooManyAttempts
    ])))
)]
async fn change_email(
    user: User,
    visit: Visit,
    State(db): State<Database>,
    State(limits): State<AttemptLimits>,
    Json(given): Json<NewEmail>,
) -> Result<StatusCode> {
    verification::change_email(&db, limits, user, &given, &visit).await?;
    Ok(StatusCode::ACCEPTED)
}
