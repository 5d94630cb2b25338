//! Addresses that are confirmed by a link: at the registration, and before an account gets another address.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::account::checked_email;
use crate::auth::User;
use crate::config::AttemptLimits;
use crate::db::Database;
use crate::db::verification::Change;
use crate::limit::{Action, Attempt, Subject};
use crate::password::Verdict;
use crate::token::OpaqueToken;
use crate::visit::Visit;
use crate::{Error, Result, db, password};

/// The token of a link that confirms an address.
// It is a secret. It must never be logged or stored.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    /// The token: the text behind `#token=` in the link of the mail.
    #[schema(max_length = 43, examples("mJ0xq7vYzOa1nCk4e9TgW2uHs6LbXpRd8fIyVZ3QKwE"))]
    pub token: String,
}

/// Another e-mail address for an account.
// The password is plain text. It must never be logged or stored.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEmail {
    /// The password of the account.
    #[schema(format = Password, max_length = 128, examples("Correct-Horse-7"))]
    pub password: String,
    /// The new e-mail address.
    #[schema(format = Email, max_length = 254, examples("ada@example.org"))]
    pub email: String,
}

/// Confirms an address, if the token is valid. It is valid once. If the account is about to get another
/// address, it has this address from then on, and the old one is told.
///
/// # Errors
/// [`Error::LinkInvalid`] if the token is unknown, expired or used, or the account is deactivated.
/// [`Error::TooManyAttempts`]. [`Error::EmailTaken`] if another account has got the address in the meantime.
pub async fn redeem(db: &Database, limits: AttemptLimits, given: &Verification, visit: &Visit) -> Result<()> {
    let token = OpaqueToken::parse(&given.token).ok_or(Error::LinkInvalid)?;
    let subject = Subject { address: visit.address, ..Subject::default() };
    let attempt = Attempt::new(Action::MailToken, limits, subject);
    db::verification::redeem(db, &token.hash(), &attempt, visit).await
}

/// Has a link sent to another address for the caller's account. The account keeps its address until the link
/// is used. If another account has the address, its owner is told instead, and the answer is the same.
///
/// # Errors
/// [`Error::Invalid`] if the text is no e-mail address. [`Error::InvalidCredentials`] if the password is
/// wrong. [`Error::TooManyAttempts`] if the caller has given too many passwords, or if too many links were
/// sent to the new address, or were asked for from the same network address. The errors of every request with
/// an access token.
pub async fn change_email(
    db: &Database,
    limits: AttemptLimits,
    user: User,
    given: &NewEmail,
    visit: &Visit,
) -> Result<()> {
    let email = checked_email(&given.email)?;
    let account = user.id.to_string();
    let subject = Subject { account: &account, ..Subject::default() };
    let proof = Attempt::new(Action::Reauthentication, limits, subject);
    let password_hash = db::verification::begin_change(db, user, &proof).await?;
    if password::verify(&given.password, &password_hash).await? == Verdict::Wrong {
        db::account::record_failed_login(db, Some(user.id), visit).await?;
        return Err(Error::InvalidCredentials);
    }
    let subject = Subject { address: visit.address, account: email, ..Subject::default() };
    let change = Change {
        email,
        password_hash: &password_hash,
        proof: &proof,
        attempt: &Attempt::new(Action::AddressChangeRequest, limits, subject),
    };
    db::verification::request_change(db, user, &change, visit).await
}
