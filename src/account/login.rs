//! The login with a password. Sign-ins with a passkey are in the function `passkeys`.

use serde::Serialize;
use utoipa::ToSchema;

use super::{EmailAndPassword, Rules, checked_email};
use crate::auth::Tokens;
use crate::config::AttemptLimits;
use crate::db::Database;
use crate::db::session::CheckedPassword;
use crate::factor::{self, Challenge};
use crate::id::UserId;
use crate::limit::{Action, Attempt, Subject};
use crate::password::{self, Verdict};
use crate::session::{SignedIn, Started, Starting};
use crate::token::{OpaqueToken, TokenHash};
use crate::visit::Visit;
use crate::{Error, Result, db};

/// The columns of an account's row that a login needs.
pub struct Credentials {
    /// The account's id.
    pub id: UserId,
    /// The hash of the password, as a PHC string.
    pub password_hash: String,
    /// False if the account is deactivated.
    pub active: bool,
    /// True if the password is a temporary one that was not changed in time.
    pub password_expired: bool,
    /// True if the device of the login is one that the account knows.
    pub on_known_device: bool,
    /// True if a login needs a second factor.
    pub totp_enabled: bool,
}

/// The answer to a login whose password is right.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum LoginAnswer {
    /// A session was started.
    SignedIn(SignedIn),
    /// The account has a second factor, which has to complete the login.
    Challenge(Challenge),
}

/// The result of a login whose password was right.
pub enum Login {
    /// A session was started.
    Started(Started),
    /// The account has a second factor, which completes the login.
    Challenged(Challenge),
}

/// Checks an e-mail address and a password. Starts a session, or asks for the second factor of the account.
/// For an unknown address, the answer and its time are the same as for a wrong password, and so are the
/// limits of attempts. `device` is the token of the browser, if it has one.
///
/// # Errors
/// [`Error::TooManyAttempts`], before the password is checked. [`Error::InvalidCredentials`] if the address
/// is unknown, the password is wrong, the account is inactive, or nobody has confirmed its address. The audit
/// log has an entry then. A code of its own for the last case would tell whether a registration found the
/// address free: with a taken one, the given password is wrong. [`Error::TemporaryPasswordExpired`].
pub async fn login(
    db: &Database,
    tokens: &Tokens,
    rules: &Rules,
    given: EmailAndPassword,
    device: Option<OpaqueToken>,
    visit: &Visit,
) -> Result<Login> {
    // A login at the same time may have replaced the hash by a new one of the same password.
    let result = match check_and_start(db, tokens, rules, &given, device.clone(), visit).await? {
        None => check_and_start(db, tokens, rules, &given, device, visit).await?,
        result => result,
    };
    result.ok_or(Error::InvalidCredentials)
}

/// Checks the password, and starts a session or the second step. Returns `None` if the account was changed
/// meanwhile.
async fn check_and_start(
    db: &Database,
    tokens: &Tokens,
    rules: &Rules,
    given: &EmailAndPassword,
    device: Option<OpaqueToken>,
    visit: &Visit,
) -> Result<Option<Login>> {
    // No account has an empty address. All texts that are no address are counted as this one.
    let email = checked_email(&given.email).unwrap_or_default();
    let device_hash = device.as_ref().map(OpaqueToken::hash);
    let attempts = LoginAttempts::new(rules.attempts, visit, email, device_hash.as_ref());
    let known = db::account::begin_login(db, email, device_hash.as_ref(), &attempts).await?;
    let hash = known.as_ref().map_or(password::DUMMY_HASH, |known| &known.password_hash);
    let verdict = password::verify(&given.password, hash).await?;
    let Some(known) = known.as_ref().filter(|known| verdict != Verdict::Wrong && known.active) else {
        db::account::record_failed_login(db, known.map(|known| known.id), visit).await?;
        return Err(Error::InvalidCredentials);
    };
    if known.password_expired {
        db::account::record_failed_login(db, Some(known.id), visit).await?;
        return Err(Error::TemporaryPasswordExpired);
    }
    let new_hash = if verdict == Verdict::Outdated { rehash(&given.password).await } else { None };
    let password = CheckedPassword {
        user: known.id,
        hash: &known.password_hash,
        new_hash: new_hash.as_deref(),
        attempt: if known.on_known_device { &attempts.on_known_device } else { &attempts.elsewhere },
    };
    if known.totp_enabled {
        return Ok(factor::begin_login(db, &password).await?.map(Login::Challenged));
    }
    let starting = Starting::prepare(tokens, known.id, device).await?;
    let begun = db::session::start(db, &starting.new, &password, rules.required, visit).await?;
    Ok(begun.map(|begun| Login::Started(starting.finish(begun))))
}

/// An attempt to log in. Which of the two counts depends on whether the account knows the device.
pub struct LoginAttempts {
    /// The attempt on a device that the account knows.
    pub on_known_device: Attempt,
    /// The attempt on any other device.
    pub elsewhere: Attempt,
}

impl LoginAttempts {
    fn new(limits: AttemptLimits, visit: &Visit, email: &str, device: Option<&TokenHash>) -> Self {
        let device = device.map(TokenHash::to_hex).unwrap_or_default();
        let subject = Subject { address: visit.address, account: email, device: &device };
        Self {
            on_known_device: Attempt::new(Action::LoginOnKnownDevice, limits, subject),
            elsewhere: Attempt::new(Action::Login, limits, subject),
        }
    }
}

/// Returns a new hash of the password. If that fails, the login succeeds nevertheless, and the next login
/// tries again.
async fn rehash(password: &str) -> Option<String> {
    let hashed = password::hash(password).await;
    hashed.inspect_err(|error| tracing::error!(%error, "a password was not rehashed")).ok()
}
