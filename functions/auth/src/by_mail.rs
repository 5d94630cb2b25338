//! What the links in mails do: new passwords and confirmed addresses. A link leads to the page, and only the
//! page's POST uses it: programs that open all links in a mail change nothing.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{AppendHeaders, IntoResponse};
use docuvault::Result;
use docuvault::account::Rules;
use docuvault::db::Database;
use docuvault::http::{Code, Cookie, Cookies, Json};
use docuvault::reset::{self, Reset, ResetRequest};
use docuvault::verification::{self, Verification};
use docuvault::visit::Visit;

use crate::Capabilities;

docuvault::routes!(Capabilities: request_reset, confirm_reset, verify_address);

/// Ask for a new password
///
/// Sends a link by mail that works for one hour, and once. The answer is the same if no account has the
/// address.
#[utoipa::path(
    post, path = "/api/auth/password-reset", tag = "Account",
    responses((status = ACCEPTED, description = "If an account has the address, the mail is on its way")),
    extensions(("x-codes" = json!([Code::TooManyAttempts])))
)]
async fn request_reset(
    visit: Visit,
    State(db): State<Database>,
    State(rules): State<Rules>,
    Json(given): Json<ResetRequest>,
) -> Result<StatusCode> {
    reset::request(&db, rules.attempts, &given, &visit).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Set a new password
///
/// Needs the token of a link. All sessions of the account end, and a mail tells its owner. The password
/// follows the same rules as at the registration, and is not the present one. If it is refused, the link
/// still works. The answer sets the cookie by which the service knows the browser again.
#[utoipa::path(
    post, path = "/api/auth/password-reset/confirm", tag = "Account",
    responses((status = NO_CONTENT, description = "The account has the new password")),
    extensions(("x-codes" = json!([Code::LinkInvalid, Code::TooManyAttempts])))
)]
async fn confirm_reset(
    visit: Visit,
    cookies: Cookies,
    State(with): State<Capabilities>,
    Json(given): Json<Reset>,
) -> Result<impl IntoResponse> {
    let device = reset::redeem(&with.db, &with.rules, &given, cookies.device, &visit).await?;
    Ok((StatusCode::NO_CONTENT, AppendHeaders([Cookie::Device.set(&device, &with.origins)])))
}

/// Confirm an address
///
/// Needs the token of a link. It confirms the address of a new account, or gives an account the address for
/// which it has asked.
#[utoipa::path(
    post, path = "/api/auth/verify", tag = "Account",
    responses((status = NO_CONTENT, description = "The address is confirmed")),
    extensions(("x-codes" = json!([Code::LinkInvalid, Code::EmailTaken, Code::TooManyAttempts])))
)]
async fn verify_address(
    visit: Visit,
    State(db): State<Database>,
    State(rules): State<Rules>,
    Json(given): Json<Verification>,
) -> Result<StatusCode> {
    verification::redeem(&db, rules.attempts, &given, &visit).await?;
    Ok(StatusCode::NO_CONTENT)
}
