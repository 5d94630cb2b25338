//! The second factor of the account: `POST /api/auth/totp/setup`, `/enable` and `/disable`, and
//! `POST /api/auth/backup-codes`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use docuvault::Result;
use docuvault::auth::User;
use docuvault::factor::{
    self, BackupCodes, Change, EnabledTotp, NewTotp, PasswordAndCode, TotpCode, TotpPassword,
};
use docuvault::http::{Code, Cookies, Json, set_cookies};
use docuvault::visit::Visit;

use crate::Capabilities;

docuvault::routes!(Capabilities: set_up_totp, enable_totp, disable_totp, renew_backup_codes);

/// Set up TOTP
///
/// Returns a new secret for an authenticator app. It is not in use before you enable it. It replaces an
/// earlier secret that is not in use either.
#[utoipa::path(
    post, path = "/api/auth/totp/setup", tag = "Account",
    security(("access_token" = [])),
    responses((status = OK, description = "The new secret", body = NewTotp)),
    extensions(("x-codes" = json!([
        Code::InvalidCredentials, Code::PasswordChangeOwed, Code::TotpEnabled, Code::TooManyAttempts,
        Code::SecretUnavailable
    ])))
)]
async fn set_up_totp(
    user: User,
    visit: Visit,
    State(with): State<Capabilities>,
    Json(given): Json<TotpPassword>,
) -> Result<Json<NewTotp>> {
    Ok(Json(factor::set_up(change(&with, user, &visit), given).await?))
}

/// Enable TOTP
///
/// Puts the new secret into use: from now on, each login needs a code. Returns ten backup codes, which are
/// shown once. Ends all sessions of your account, and starts a new one: the answer also has its access token,
/// and sets its cookies.
#[utoipa::path(
    post, path = "/api/auth/totp/enable", tag = "Account",
    security(("access_token" = [])),
    responses((status = OK, description = "The backup codes and the access token", body = EnabledTotp)),
    extensions(("x-codes" = json!([
        Code::InvalidCode, Code::PasswordChangeOwed, Code::TotpEnabled, Code::TotpNotSetUp,
        Code::TooManyAttempts, Code::SecretUnavailable
    ])))
)]
async fn enable_totp(
    user: User,
    visit: Visit,
    cookies: Cookies,
    State(with): State<Capabilities>,
    Json(given): Json<TotpCode>,
) -> Result<impl IntoResponse> {
    let change = change(&with, user, &visit);
    let (backup_codes, started) = factor::enable(change, &with.tokens, cookies.device, given).await?;
    let cookies = set_cookies(&started, &with.origins);
    Ok((cookies, Json(EnabledTotp { backup_codes, session: started.answer })))
}

/// Disable TOTP
///
/// Removes the secret and all backup codes.
#[utoipa::path(
    post, path = "/api/auth/totp/disable", tag = "Account",
    security(("access_token" = [])),
    responses((status = NO_CONTENT, description = "TOTP is disabled")),
    extensions(("x-codes" = json!([
        Code::InvalidCredentials, Code::InvalidCode, Code::PasswordChangeOwed, Code::TotpNotEnabled,
        Code::TooManyAttempts, Code::SecretUnavailable
    ])))
)]
async fn disable_totp(
    user: User,
    visit: Visit,
    State(with): State<Capabilities>,
    Json(given): Json<PasswordAndCode>,
) -> Result<StatusCode> {
    factor::disable(change(&with, user, &visit), with.required, given).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Renew your backup codes
///
/// Returns ten new backup codes, which are shown once. The old ones are no longer accepted.
#[utoipa::path(
    post, path = "/api/auth/backup-codes", tag = "Account",
    security(("access_token" = [])),
    responses((status = OK, description = "The new backup codes", body = BackupCodes)),
    extensions(("x-codes" = json!([
        Code::InvalidCredentials, Code::InvalidCode, Code::PasswordChangeOwed, Code::TotpNotEnabled,
        Code::TooManyAttempts, Code::SecretUnavailable
    ])))
)]
async fn renew_backup_codes(
    user: User,
    visit: Visit,
    State(with): State<Capabilities>,
    Json(given): Json<PasswordAndCode>,
) -> Result<Json<BackupCodes>> {
    Ok(Json(factor::renew(change(&with, user, &visit), given).await?))
}

fn change<'a>(with: &'a Capabilities, user: User, visit: &'a Visit) -> Change<'a> {
    Change { db: &with.db, factors: &with.factors, limits: with.attempts, user, visit }
}
