//! The sign-in with a passkey: `POST /api/auth/passkeys/challenge`, `POST /api/auth/passkeys`.

use axum::extract::State;
use axum::response::IntoResponse;
use docuvault::http::{Code, Cookies, Json, answer_started};
use docuvault::id::{ChallengeId, UserId};
use docuvault::limit::{Action, Attempt, Subject};
use docuvault::passkey::KnownPasskey;
use docuvault::session::{SignedIn, Started, Starting};
use docuvault::token::OpaqueToken;
use docuvault::visit::Visit;
use docuvault::{Error, Result, db};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use webauthn_rs::prelude::{PublicKeyCredential, Uuid};

use crate::{Capabilities, schema};

docuvault::routes!(Capabilities: create_sign_in_challenge, sign_in);

/// A challenge for a sign-in.
#[derive(Serialize, ToSchema)]
struct SignInChallenge {
    /// The challenge's id.
    challenge_id: ChallengeId,
    /// The options for the browser, as `PublicKeyCredential.parseRequestOptionsFromJSON()` reads them.
    #[schema(schema_with = schema::request_options)]
    options: Value,
}

/// The answer to a challenge for a sign-in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignInAnswer {
    /// The challenge's id.
    challenge_id: ChallengeId,
    /// The answer of the browser, as `PublicKeyCredential.toJSON()` writes it.
    #[schema(schema_with = schema::assertion)]
    credential: PublicKeyCredential,
}

/// Get a challenge for a sign-in
///
/// Begins a sign-in with a passkey, which has to follow within five minutes. It needs no e-mail address: the
/// passkey knows its account. Pass the options to `navigator.credentials.get()`.
#[utoipa::path(
    post, path = "/api/auth/passkeys/challenge", tag = "Account",
    responses((status = OK, description = "The challenge", body = SignInChallenge)),
    extensions(("x-codes" = json!([Code::TooManyAttempts, Code::DatabaseUnreachable])))
)]
async fn create_sign_in_challenge(
    visit: Visit,
    State(with): State<Capabilities>,
) -> Result<Json<SignInChallenge>> {
    let challenge = with.relying_party.begin_sign_in()?;
    db::passkey::add_for_sign_in(&with.db, &challenge.kept, &attempt(&with, &visit)).await?;
    Ok(Json(SignInChallenge { challenge_id: challenge.kept.id, options: challenge.options }))
}

/// Sign in with a passkey
///
/// Starts a session, as a login does. It needs no password and no other factor.
#[utoipa::path(
    post, path = "/api/auth/passkeys", tag = "Account",
    responses((status = OK, description = "The access token", body = SignedIn)),
    extensions(("x-codes" = json!([
        Code::PasskeyRefused, Code::TemporaryPasswordExpired, Code::TooManyAttempts, Code::SecretUnavailable
    ])))
)]
async fn sign_in(
    visit: Visit,
    cookies: Cookies,
    State(with): State<Capabilities>,
    Json(given): Json<SignInAnswer>,
) -> Result<impl IntoResponse> {
    let (owner, credential_id) = read_ids(&given.credential);
    let attempt = attempt(&with, &visit);
    let known =
        db::passkey::use_for_sign_in(&with.db, given.challenge_id, credential_id, owner, &attempt).await?;
    let started = start(&with, known.as_ref(), &given.credential, cookies.device, &visit).await;
    if let Err(error @ (Error::PasskeyRefused | Error::PasskeyCopied)) = &started {
        let is_copied = matches!(error, Error::PasskeyCopied);
        db::passkey::record_refused(&with.db, known.as_ref(), is_copied, &visit).await?;
    }
    Ok(answer_started(started?, &with.origins))
}

/// Checks an answer, and starts a session. `known` is the passkey that the answer names, with the challenge
/// that was used up.
async fn start(
    with: &Capabilities,
    known: Option<&KnownPasskey>,
    answer: &PublicKeyCredential,
    device: Option<OpaqueToken>,
    visit: &Visit,
) -> Result<Started> {
    let known = known.ok_or(Error::PasskeyRefused)?;
    let verified = with.relying_party.finish_sign_in(known, answer)?;
    if known.password_expired {
        return Err(Error::TemporaryPasswordExpired);
    }
    let starting = Starting::prepare(&with.tokens, known.owner, device).await?;
    let attempt = attempt(with, visit);
    let begun = db::passkey::sign_in(&with.db, &starting.new, &verified, &attempt, visit).await?;
    Ok(starting.finish(begun))
}

/// The attempt that a challenge counts, and an answer without one. A sign-in gives it back.
fn attempt(with: &Capabilities, visit: &Visit) -> Attempt {
    let subject = Subject { address: visit.address, ..Subject::default() };
    Attempt::new(Action::PasskeySignIn, with.attempts, subject)
}

/// Reads the ids of the account and of the key that the answer names. An answer without an account names one
/// that does not exist.
fn read_ids(answer: &PublicKeyCredential) -> (UserId, &[u8]) {
    let owner = answer.get_user_unique_id().and_then(|bytes| Uuid::from_slice(bytes).ok());
    (UserId(owner.unwrap_or_default()), answer.get_credential_id())
}
