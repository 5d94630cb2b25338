//! The second step of a login: `POST /api/auth/login/factor`.

use axum::extract::State;
use axum::response::IntoResponse;
use docuvault::Result;
use docuvault::factor::{self, ChallengeAndCode};
use docuvault::http::{Code, Cookies, Json, answer_started};
use docuvault::session::SignedIn;
use docuvault::visit::Visit;

use crate::Capabilities;

docuvault::routes!(Capabilities: complete_login);

/// Complete a login
///
/// Starts a session, if the answer to the login was a challenge. The code is that of an authenticator app, or
/// a backup code. Each code is accepted once.
#[utoipa::path(
    post, path = "/api/auth/login/factor", tag = "Account",
    responses((status = OK, description = "The access token", body = SignedIn)),
    extensions(("x-codes" = json!([
        Code::InvalidChallenge, Code::InvalidCode, Code::TooManyAttempts, Code::SecretUnavailable
    ])))
)]
async fn complete_login(
    visit: Visit,
    cookies: Cookies,
    State(with): State<Capabilities>,
    Json(given): Json<ChallengeAndCode>,
) -> Result<impl IntoResponse> {
    let Capabilities { db, tokens, factors, rules, .. } = &with;
    let (limits, device) = (rules.attempts, cookies.device);
    let started = factor::complete_login(db, tokens, factors, limits, given, device, &visit).await?;
    Ok(answer_started(started, &with.origins))
}
