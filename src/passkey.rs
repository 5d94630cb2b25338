//! Passkeys: keys of a phone, a computer or a security key that sign in instead of a password. Such a key
//! verifies its user, by a fingerprint, a face or a PIN. So it is two factors at once: something that the
//! user has, and something that the user is or knows. A sign-in with a passkey needs no code.
//!
//! The checks of WebAuthn are in the function `passkeys`, because its library is large. This module has what
//! other functions know about passkeys, too.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::auth::User;
use crate::config::AttemptLimits;
use crate::db::Database;
use crate::factor::{Factors, Proof, Sealed};
use crate::id::{ChallengeId, PasskeyId, UserId};
use crate::limit::{Action, Attempt, Subject};
use crate::page::{Page, PageQuery, PageRequest, Position};
use crate::password::{self, Verdict};
use crate::visit::Visit;
use crate::{Error, Result, db, name};

/// The most passkeys that an account may have.
pub const MAX_PASSKEYS: u32 = 10;

/// A passkey, as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Passkey {
    /// The passkey's id.
    pub id: PasskeyId,
    /// The name that you have given it.
    #[schema(max_length = 64, examples("Phone"))]
    pub name: String,
    /// The time at which it was registered.
    #[schema(examples("2026-01-31T09:30:00.000000Z"))]
    #[serde(serialize_with = "crate::timestamp::write_utc")]
    pub created_at: OffsetDateTime,
    /// The time of the last sign-in with it; null if there was none.
    #[schema(required, examples("2026-02-01T08:00:00.000000Z"))]
    #[serde(serialize_with = "crate::timestamp::write_utc_or_null")]
    pub last_used_at: Option<OffsetDateTime>,
}

/// A new name of a passkey.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasskeyChange {
    /// The new name.
    pub name: PasskeyName,
}

/// A passkey's name: 1 to 64 characters, by the rules for names of topics. Passkeys may have the same name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, min_length = 1, max_length = 64, examples("Phone"))]
pub struct PasskeyName(String);

impl PasskeyName {
    /// The text that is stored and shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PasskeyName {
    type Error = String;

    fn try_from(name: String) -> std::result::Result<Self, Self::Error> {
        name::tidy(&name).map(Self).map_err(|problem| format!("a passkey's name {problem}"))
    }
}

/// The proof that the owner of the account sends the request.
// Both are plain text. They must never be logged or stored.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reauthentication {
    /// The password.
    #[schema(format = Password, max_length = 128, examples("Correct-Horse-7"))]
    pub password: String,
    /// If the account has TOTP: the six digits that the authenticator app shows, or a backup code.
    #[schema(max_length = 64, examples("287082"))]
    pub code: Option<String>,
}

/// The caller's account, as far as passkeys need it.
pub struct Holder {
    /// The e-mail address.
    pub email: String,
    /// The hash of the password, as a PHC string.
    pub password_hash: String,
    /// The TOTP secret, if logins need a code.
    pub totp: Option<Sealed>,
    /// The ids of the keys that are registered to the account.
    pub credential_ids: Vec<Vec<u8>>,
}

/// A [`Reauthentication`] that is right. The statement that gets it uses up the code, and compares the rest
/// with the newest values of the account's row.
pub struct Proven {
    /// The hash that the password matched.
    pub password_hash: String,
    /// What the code proves, if the account has TOTP.
    pub factor: Option<Proof>,
    /// The attempt, which has succeeded. What it has used of the limits is given back.
    pub attempt: Attempt,
}

/// A challenge that is to be stored.
pub struct NewChallenge {
    /// The challenge's id.
    pub id: ChallengeId,
    /// The state of the library that checks the answer.
    pub state: Value,
}

/// A key that is to be registered.
pub struct NewPasskey {
    /// The passkey's id.
    pub id: PasskeyId,
    /// The name that its owner has given it.
    pub name: PasskeyName,
    /// What the library keeps of a key.
    pub key: Key,
}

/// What the library keeps of a key.
pub struct Key {
    /// The id of the key, which the key has chosen itself.
    pub credential_id: Vec<u8>,
    /// The public key, and more that the library needs to check an answer.
    pub credential: Value,
    /// The number of signatures that the key has counted. 0 if it does not count.
    pub sign_count: u32,
}

/// A passkey with which somebody wants to sign in, and the challenge that was used up for it.
pub struct KnownPasskey {
    /// The passkey's id.
    pub id: PasskeyId,
    /// The account that has it.
    pub owner: UserId,
    /// What the library keeps of the key.
    pub credential: Value,
    /// The state of the library that checks the answer to the challenge.
    pub state: Value,
    /// True if the account has a temporary password that was not changed in time.
    pub password_expired: bool,
}

/// Checks the password, and the code if the account has TOTP. Passkeys decide who can sign in, so that
/// neither a stolen access token nor a stolen password is enough to change them (OWASP ASVS 5, 7.5.1).
///
/// # Errors
/// [`Error::TooManyAttempts`], before the password is checked. [`Error::InvalidCredentials`] if the password
/// is wrong, which is in the audit log then. [`Error::InvalidCode`] if the code is.
pub async fn reauthenticate(
    db: &Database,
    factors: &Factors,
    limits: AttemptLimits,
    user: User,
    visit: &Visit,
    given: &Reauthentication,
) -> Result<(Holder, Proven)> {
    let account = user.id.to_string();
    let subject = Subject { account: &account, ..Subject::default() };
    let attempt = Attempt::new(Action::Reauthentication, limits, subject);
    let holder = db::passkey::find_holder(db, user, &attempt).await?;
    if password::verify(&given.password, &holder.password_hash).await? == Verdict::Wrong {
        db::account::record_failed_login(db, Some(user.id), visit).await?;
        return Err(Error::InvalidCredentials);
    }
    let factor = match &holder.totp {
        Some(secret) => Some(factors.prove_text(user.id, secret, given.code.as_deref()).await?),
        None => None,
    };
    let password_hash = holder.password_hash.clone();
    Ok((holder, Proven { password_hash, factor, attempt }))
}

/// Lists the caller's passkeys, newest first.
pub async fn list(db: &Database, user: User, query: PageQuery) -> Result<Page<Passkey>> {
    let paging = PageRequest::parse("passkeys", user.id, &query)?;
    let passkeys = db::passkey::list(db, user, &paging).await?;
    Ok(paging.page(passkeys, |last| Position { created_at: last.created_at, id: last.id.0 }))
}
