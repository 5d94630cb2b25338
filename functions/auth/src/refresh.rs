//! What a browser does with its refresh token: `POST /api/auth/refresh`, `POST /api/auth/logout`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{AppendHeaders, IntoResponse};
use docuvault::http::{Code, Cookie, Cookies, Json, KnownOrigin};
use docuvault::session::{self, EmptyObject, SignedIn};
use docuvault::visit::Visit;
use docuvault::{Result, db};

use crate::Capabilities;

docuvault::routes!(Capabilities: refresh, log_out);

/// Get the next access token
///
/// Needs the cookie `__Host-refresh`, and replaces its refresh token by a new one. The body is an empty
/// object. If the answer is lost, send the request again. If a refresh token is used that was replaced
/// before, the session ends, because somebody else may have the token. A session also ends if it is not used
/// for 30 days, and after 90 days.
#[utoipa::path(
    post, path = "/api/auth/refresh", tag = "Account",
    responses((status = OK, description = "The access token", body = SignedIn)),
    extensions(("x-codes" = json!([Code::SessionEnded, Code::WrongOrigin, Code::TooManyAttempts, Code::SecretUnavailable])))
)]
async fn refresh(
    _: KnownOrigin,
    visit: Visit,
    cookies: Cookies,
    State(with): State<Capabilities>,
    Json(EmptyObject {}): Json<EmptyObject>,
) -> Result<impl IntoResponse> {
    let Capabilities { db, tokens, rules, origins, .. } = &with;
    let (answer, next) =
        session::refresh(db, tokens, cookies.refresh, rules.required, rules.attempts, &visit).await?;
    Ok((AppendHeaders([Cookie::Refresh.set(&next, origins)]), Json(answer)))
}

/// Log out
///
/// Ends the session of the cookie `__Host-refresh`, if it has one, and removes the cookie.
#[utoipa::path(
    post, path = "/api/auth/logout", tag = "Account",
    responses((status = NO_CONTENT, description = "You are logged out")),
    extensions(("x-codes" = json!([Code::WrongOrigin, Code::DatabaseUnreachable])))
)]
async fn log_out(
    _: KnownOrigin,
    visit: Visit,
    cookies: Cookies,
    State(with): State<Capabilities>,
) -> Result<impl IntoResponse> {
    if let Some(token) = cookies.refresh {
        db::session::end_by_token(&with.db, &token.hash(), &visit).await?;
    }
    Ok((StatusCode::NO_CONTENT, AppendHeaders([Cookie::Refresh.remove(&with.origins)])))
}
