//! The caller's passkeys: `POST /api/auth/me/passkeys/challenge`, `GET,POST /api/auth/me/passkeys`,
//! `PATCH,DELETE /api/auth/me/passkeys/{id}`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use docuvault::auth::User;
use docuvault::db::Database;
use docuvault::http::{Code, Cookies, Json, Path, Query, answer_started, set_cookies};
use docuvault::id::{ChallengeId, PasskeyId};
use docuvault::page::{Page, PageQuery};
use docuvault::passkey::{
    self, Holder, MAX_PASSKEYS, NewPasskey, Passkey, PasskeyChange, PasskeyName, Proven, Reauthentication,
};
use docuvault::session::{SignedIn, Starting};
use docuvault::visit::Visit;
use docuvault::{Error, Result, db};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use webauthn_rs::prelude::RegisterPublicKeyCredential;

use crate::{Capabilities, schema};

docuvault::routes!(
    Capabilities: create_registration_challenge, list_passkeys, register_passkey, rename_passkey, remove_passkey
);

/// A challenge for a new passkey.
#[derive(Serialize, ToSchema)]
struct RegistrationChallenge {
    /// The challenge's id.
    challenge_id: ChallengeId,
    /// The options for the browser, as `PublicKeyCredential.parseCreationOptionsFromJSON()` reads them.
    #[schema(schema_with = schema::creation_options)]
    options: Value,
}

/// The answer to a challenge for a new passkey.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Registration {
    /// The challenge's id.
    challenge_id: ChallengeId,
    /// The name of the new passkey.
    name: PasskeyName,
    /// The answer of the browser, as `PublicKeyCredential.toJSON()` writes it.
    #[schema(schema_with = schema::registration)]
    credential: RegisterPublicKeyCredential,
}

/// A new passkey, and the tokens of a new session.
#[derive(Serialize, ToSchema)]
struct RegisteredPasskey {
    /// The passkey.
    #[serde(flatten)]
    passkey: Passkey,
    /// The new session.
    #[serde(flatten)]
    session: SignedIn,
}

/// Get a challenge for a new passkey
///
/// Begins the registration of a passkey, which has to follow within five minutes. Pass the options to
/// `navigator.credentials.create()`.
#[utoipa::path(
    post, path = "/api/auth/me/passkeys/challenge", tag = "Account",
    security(("access_token" = [])),
    responses((status = OK, description = "The challenge", body = RegistrationChallenge)),
    extensions(("x-codes" = json!([
        Code::InvalidCredentials, Code::InvalidCode, Code::PasswordChangeOwed, Code::FactorOwed,
        Code::TooManyPasskeys, Code::TooManyAttempts, Code::SecretUnavailable
    ])))
)]
async fn create_registration_challenge(
    user: User,
    visit: Visit,
    State(with): State<Capabilities>,
    Json(given): Json<Reauthentication>,
) -> Result<Json<RegistrationChallenge>> {
    let (holder, proven) = reauthenticate(&with, user, &visit, &given).await?;
    if holder.credential_ids.len() >= MAX_PASSKEYS as usize {
        return Err(Error::TooManyPasskeys(MAX_PASSKEYS));
    }
    let challenge = with.relying_party.begin_registration(user, holder)?;
    db::passkey::add_for_registration(&with.db, user, &proven, &challenge.kept).await?;
    Ok(Json(RegistrationChallenge { challenge_id: challenge.kept.id, options: challenge.options }))
}

/// Register a passkey
///
/// The passkey can sign in from now on, without a password and without another factor. Ends all sessions of
/// your account, and starts a new one: the answer also has its access token, and sets its cookies. You can
/// have ten passkeys.
#[utoipa::path(
    post, path = "/api/auth/me/passkeys", tag = "Account",
    security(("access_token" = [])),
    responses((status = CREATED, description = "The new passkey and the access token", body = RegisteredPasskey)),
    extensions(("x-codes" = json!([
        Code::InvalidChallenge, Code::PasswordChangeOwed, Code::FactorOwed, Code::PasskeyExists,
        Code::TooManyPasskeys, Code::SecretUnavailable
    ])))
)]
async fn register_passkey(
    user: User,
    visit: Visit,
    cookies: Cookies,
    State(with): State<Capabilities>,
    Json(given): Json<Registration>,
) -> Result<impl IntoResponse> {
    let state = db::passkey::use_for_registration(&with.db, user, given.challenge_id).await?;
    let key = with.relying_party.finish_registration(&state, &given.credential)?;
    let key = NewPasskey { id: PasskeyId::new(), name: given.name, key };
    let starting = Starting::prepare(&with.tokens, user.id, cookies.device).await?;
    let (passkey, begun) = db::passkey::register(&with.db, user, &key, &starting.new, &visit).await?;
    let started = starting.finish(begun);
    let cookies = set_cookies(&started, &with.origins);
    Ok((StatusCode::CREATED, cookies, Json(RegisteredPasskey { passkey, session: started.answer })))
}

/// List your passkeys
///
/// Returns them newest first, a page at a time.
#[utoipa::path(
    get, path = "/api/auth/me/passkeys", tag = "Account",
    params(PageQuery), security(("access_token" = [])),
    responses((status = OK, description = "One page of passkeys", body = Page<Passkey>)),
    extensions(("x-codes" = json!([Code::PasswordChangeOwed])))
)]
async fn list_passkeys(
    user: User,
    Query(query): Query<PageQuery>,
    State(db): State<Database>,
) -> Result<Json<Page<Passkey>>> {
    Ok(Json(passkey::list(&db, user, query).await?))
}

/// Rename a passkey
#[utoipa::path(
    patch, path = "/api/auth/me/passkeys/{id}", tag = "Account",
    params(PasskeyId), security(("access_token" = [])),
    responses((status = OK, description = "The passkey as it is now", body = Passkey)),
    extensions(("x-codes" = json!([Code::PasswordChangeOwed, Code::FactorOwed, Code::NotFound])))
)]
async fn rename_passkey(
    user: User,
    Path(id): Path<PasskeyId>,
    State(db): State<Database>,
    Json(change): Json<PasskeyChange>,
) -> Result<Json<Passkey>> {
    Ok(Json(db::passkey::rename(&db, user, id, &change.name).await?))
}

/// Remove a passkey
///
/// It can no longer sign in. Ends all sessions of your account, and starts a new one: the answer has its
/// access token, and sets its cookies. If your account must have a second factor and this was the last one,
/// the new session can only be used to get another one.
#[utoipa::path(
    delete, path = "/api/auth/me/passkeys/{id}", tag = "Account",
    params(PasskeyId), security(("access_token" = [])),
    responses((status = OK, description = "The access token", body = SignedIn)),
    extensions(("x-codes" = json!([
        Code::InvalidCredentials, Code::InvalidCode, Code::PasswordChangeOwed, Code::FactorOwed, Code::NotFound,
        Code::TooManyAttempts, Code::SecretUnavailable
    ])))
)]
async fn remove_passkey(
    user: User,
    visit: Visit,
    cookies: Cookies,
    Path(id): Path<PasskeyId>,
    State(with): State<Capabilities>,
    Json(given): Json<Reauthentication>,
) -> Result<impl IntoResponse> {
    let (_, proven) = reauthenticate(&with, user, &visit, &given).await?;
    let starting = Starting::prepare(&with.tokens, user.id, cookies.device).await?;
    let begun =
        db::passkey::remove(&with.db, user, id, &proven, &starting.new, with.required, &visit).await?;
    Ok(answer_started(starting.finish(begun), &with.origins))
}

/// Checks the caller's password and code.
async fn reauthenticate(
    with: &Capabilities,
    user: User,
    visit: &Visit,
    given: &Reauthentication,
) -> Result<(Holder, Proven)> {
    passkey::reauthenticate(&with.db, &with.factors, with.attempts, user, visit, given).await
}
