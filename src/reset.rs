//! New passwords by mail: the request for a link, and its use.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::account::{Rules, checked_email};
use crate::config::AttemptLimits;
use crate::db::Database;
use crate::limit::{Action, Attempt, Subject};
use crate::password::Verdict;
use crate::token::OpaqueToken;
use crate::visit::Visit;
use crate::{Error, Result, db, password};

/// A request for a link that sets a new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetRequest {
    /// The e-mail address of the account. Upper and lower case make no difference.
    #[schema(format = Email, max_length = 254, examples("ada@example.com"))]
    pub email: String,
}

/// A new password, and the token of the link that allows it.
// Both are plain text. They must never be logged or stored.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reset {
    /// The token: the text behind `#token=` in the link of the mail.
    #[schema(max_length = 43, examples("mJ0xq7vYzOa1nCk4e9TgW2uHs6LbXpRd8fIyVZ3QKwE"))]
    pub token: String,
    /// The new password.
    #[schema(format = Password, min_length = 12, max_length = 128, examples("Correct-Horse-7"))]
    pub new_password: String,
}

/// Has a link sent to the account with this address. The statement and its time are the same if there is no
/// such account, or if it is deactivated, and so are the limits of requests.
///
/// # Errors
/// [`Error::Invalid`] if the text is no e-mail address. [`Error::TooManyAttempts`].
pub async fn request(
    db: &Database,
    limits: AttemptLimits,
    given: &ResetRequest,
    visit: &Visit,
) -> Result<()> {
    let email = checked_email(&given.email)?;
    let subject = Subject { address: visit.address, account: email, ..Subject::default() };
    let attempt = Attempt::new(Action::ResetRequest, limits, subject);
    db::reset::request(db, email, &attempt, visit).await
}

/// Sets a new password, if the token is valid. It is valid once. The password follows the rules of
/// [`new_password::change`](crate::account::new_password::change).
///
/// `device` is the token of the browser, if it has one. Returns the token by which the account knows the
/// browser from now on.
///
/// The token of the link is looked up first, so that only those who have a link can make the vault hash
/// passwords.
///
/// # Errors
/// [`Error::LinkInvalid`] if the token is unknown, expired or used, or the account is deactivated.
/// [`Error::TooManyAttempts`]. [`Error::Invalid`] if the password breaks a rule or is the one that the
/// account has; the link stays valid then.
pub async fn redeem(
    db: &Database,
    rules: &Rules,
    given: &Reset,
    device: Option<OpaqueToken>,
    visit: &Visit,
) -> Result<OpaqueToken> {
    let token = OpaqueToken::parse(&given.token).ok_or(Error::LinkInvalid)?.hash();
    let subject = Subject { address: visit.address, ..Subject::default() };
    let attempt = Attempt::new(Action::MailToken, rules.attempts, subject);
    let owner = db::reset::begin(db, &token, &attempt).await?.ok_or(Error::LinkInvalid)?;
    rules.passwords.check(&given.new_password, &owner.email)?;
    if password::verify(&given.new_password, &owner.password_hash).await? != Verdict::Wrong {
        return Err(Error::Invalid("new_password is the current one: choose another password".into()));
    }
    rules.passwords.check_breaches(&given.new_password).await?;
    let hash = password::hash(&given.new_password).await?;
    let (sent, new_device) = (device.as_ref().map(OpaqueToken::hash), OpaqueToken::random()?);
    let kept = db::reset::redeem(db, &token, &hash, sent.as_ref(), &new_device.hash(), visit).await?;
    Ok(device.filter(|_| kept).unwrap_or(new_device))
}
