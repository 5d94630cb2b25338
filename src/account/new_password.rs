//! The change of a password by the owner of the account.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::auth::{Tokens, User};
use crate::config::AttemptLimits;
use crate::db::Database;
use crate::db::password::NewHash;
use crate::limit::{Action, Attempt, Subject};
use crate::password::{PasswordRules, Verdict, compose, hash, verify};
use crate::session::{Started, Starting};
use crate::token::OpaqueToken;
use crate::visit::Visit;
use crate::{Error, Result, db};

/// The account's password, and the one that replaces it.
// Both are plain text. They must never be logged or stored.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The password that the account has.
    #[schema(format = Password, max_length = 128, examples("Correct-Horse-7"))]
    pub current_password: String,
    /// The new password.
    #[schema(format = Password, min_length = 12, max_length = 128, examples("Another-Horse-8"))]
    pub new_password: String,
}

/// What a change of the password needs beside the caller and the passwords.
pub struct Change<'a> {
    /// Holds the accounts.
    pub db: &'a Database,
    /// Issues the new access token.
    pub tokens: &'a Tokens,
    /// The rules for new passwords.
    pub rules: &'a PasswordRules,
    /// The setting of the limits of attempts.
    pub limits: AttemptLimits,
    /// The token of the browser, if it has one.
    pub device: Option<OpaqueToken>,
    /// The origin of the request.
    pub visit: &'a Visit,
}

/// Changes the caller's password, ends all sessions of the account, and starts a new one: tokens of earlier
/// sessions are of no use to somebody who has got one. A temporary password must be changed in this way,
/// before the account may do anything else.
///
/// # Errors
/// [`Error::TooManyAttempts`], before any password is checked. [`Error::InvalidCredentials`] if the current
/// password is wrong. [`Error::TemporaryPasswordExpired`]. [`Error::Invalid`] if the new password breaks a
/// rule or is the same.
pub async fn change(with: Change<'_>, user: User, given: PasswordChange) -> Result<Started> {
    let Change { db, tokens, rules, limits, device, visit } = with;
    let PasswordChange { current_password, new_password } = given;
    let account = user.id.to_string();
    let subject = Subject { account: &account, ..Subject::default() };
    let attempt = Attempt::new(Action::Reauthentication, limits, subject);
    let stored = db::password::begin_change(db, user, &attempt).await?;
    if verify(&current_password, &stored.hash).await? == Verdict::Wrong {
        db::account::record_failed_login(db, Some(user.id), visit).await?;
        return Err(Error::InvalidCredentials);
    }
    if stored.expired {
        return Err(Error::TemporaryPasswordExpired);
    }
    if let Err(refused) = check_new(rules, &stored.email, &current_password, &new_password).await {
        db::limit::give_back(db, &attempt).await?;
        return Err(refused);
    }
    let new = hash(&new_password).await?;
    let starting = Starting::prepare(tokens, user.id, device).await?;
    let hash = NewHash { old: &stored.hash, new: &new };
    let begun = db::password::change(db, user, &starting.new, hash, &attempt, visit).await?;
    Ok(starting.finish(begun))
}

/// Checks that the new password follows the rules, and that it is another one.
async fn check_new(rules: &PasswordRules, email: &str, current: &str, new: &str) -> Result<()> {
    rules.check(new, email)?;
    if compose(new) == compose(current) {
        return Err(Error::Invalid("new_password is the current one: choose another password".into()));
    }
    rules.check_breaches(new).await
}
