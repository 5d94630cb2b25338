//! Registration and login: `POST /api/auth/register`, `POST /api/auth/login`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use docuvault::Result;
use docuvault::account::login::{self, Login, LoginAnswer};
use docuvault::account::registration::{self, Registered};
use docuvault::account::{EmailAndPassword, Rules};
use docuvault::db::Database;
use docuvault::http::{Code, Cookies, Json, answer_started};
use docuvault::language::Language;
use docuvault::visit::Visit;

use crate::Capabilities;

docuvault::routes!(Capabilities: register, login);

/// Register an account
///
/// Creates a user with the default quota. The password needs 12 to 128 characters, with an upper-case letter,
/// a lower-case letter, a digit and a symbol. With another setting of the service, it needs 15 to 128
/// characters of any kind. Common passwords, passwords that are known from breaches, and passwords with a
/// part of the e-mail address are refused. Mails to the account are in English, or in German if the header
/// `Accept-Language` prefers it.
///
/// Some vaults require confirmed addresses. There, the answer is always 202, and a mail has a link that
/// confirms the address. The account works from then on. If the address has an account, its owner gets
/// another mail.
#[utoipa::path(
    post, path = "/api/auth/register", tag = "Account",
    responses(
        (status = CREATED, description = "The new account", body = Registered),
        (status = ACCEPTED, description = "A mail is on its way, which says how to go on")
    ),
    extensions(("x-codes" = json!([Code::EmailTaken, Code::RegistrationClosed, Code::TooManyAttempts])))
)]
async fn register(
    visit: Visit,
    language: Language,
    State(db): State<Database>,
    State(rules): State<Rules>,
    Json(new): Json<EmailAndPassword>,
) -> Result<Response> {
    Ok(match registration::register(&db, &rules, &visit, new, language).await? {
        Some(registered) => (StatusCode::CREATED, Json(registered)).into_response(),
        None => StatusCode::ACCEPTED.into_response(),
    })
}

/// Log in
///
/// Starts a session. Returns an access token: send it with every other request as `Authorization: Bearer
/// <access_token>`. The answer also sets two cookies that no script can read. `__Host-refresh` has the
/// refresh token, with which `POST /api/auth/refresh` returns the next access token. `__Host-device` lets the
/// service know the browser again. If the account has a second factor, the answer is a challenge instead, for
/// `POST /api/auth/login/factor`, and sets no cookie.
#[utoipa::path(
    post, path = "/api/auth/login", tag = "Account",
    responses((status = OK, description = "The access token, or a challenge", body = LoginAnswer)),
    extensions(("x-codes" = json!([
        Code::InvalidCredentials, Code::TemporaryPasswordExpired, Code::TooManyAttempts, Code::SecretUnavailable
    ])))
)]
async fn login(
    visit: Visit,
    cookies: Cookies,
    State(with): State<Capabilities>,
    Json(given): Json<EmailAndPassword>,
) -> Result<Response> {
    let Capabilities { db, tokens, rules, .. } = &with;
    Ok(match login::login(db, tokens, rules, given, cookies.device, &visit).await? {
        Login::Started(started) => answer_started(started, &with.origins).into_response(),
        Login::Challenged(challenge) => Json(LoginAnswer::Challenge(challenge)).into_response(),
    })
}
