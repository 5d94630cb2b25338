//! The change of a password by the owner of the account.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::auth::User;
use crate::config::AttemptLimits;
use crate::db::Database;
use crate::db::password::NewHash;
use crate::limit::{Action, Attempt, Subject};
use crate::password::{Rules, Verdict, compose, hash, verify};
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

/// Changes the caller's password, and ends all other sessions of the account. A temporary password must be
/// changed in this way, before the account may do anything else.
///
/// # Errors
/// [`Error::TooManyAttempts`], before any password is checked. [`Error::InvalidCredentials`] if the current
/// password is wrong. [`Error::TemporaryPasswordExpired`]. [`Error::Invalid`] if the new password breaks a
/// rule or is the same.
pub async fn change(
    db: &Database,
    rules: &Rules,
    limits: AttemptLimits,
    user: User,
    visit: &Visit,
    given: PasswordChange,
) -> Result<()> {
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
    rules.check(&new_password, &stored.email)?;
    if compose(&new_password) == compose(&current_password) {
        return Err(Error::Invalid("new_password is the current one: choose another password".into()));
    }
    rules.check_breaches(&new_password).await?;
    let new = hash(&new_password).await?;
    db::password::change(db, user, NewHash { old: &stored.hash, new: &new }, &attempt, visit).await
}
