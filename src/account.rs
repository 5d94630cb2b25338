//! Accounts: registration, the creation of administrators, and login.

pub mod audit_log;
pub mod new_password;
pub mod removal;

use email_address::{EmailAddress, Options};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::auth::Tokens;
use crate::config::{AttemptLimits, ConfigError, Registration, RequireFactor, RequireVerifiedEmail};
use crate::db::Database;
use crate::db::account::NewAccount;
use crate::db::session::CheckedPassword;
use crate::factor::Challenge;
use crate::id::UserId;
use crate::language::Language;
use crate::limit::{Action, Attempt, Subject};
use crate::password::Verdict;
use crate::role::Role;
use crate::session::{SignedIn, Started, Starting};
use crate::token::{OpaqueToken, TokenHash};
use crate::visit::Visit;
use crate::{Error, Result, db, factor, password};

/// The length of the longest e-mail address, in bytes (RFC 5321, section 4.5.3.1.3).
pub const MAX_EMAIL_BYTES: usize = 254;

/// An account, as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Account {
    /// The account's id.
    pub id: UserId,
    /// The e-mail address, spelled as at the registration.
    #[schema(format = Email, max_length = 254, examples("ada@example.com"))]
    pub email: String,
    /// The account's role.
    pub role: Role,
    /// True if a login needs a second factor (TOTP, or a backup code).
    #[schema(examples(false))]
    pub totp_enabled: bool,
    /// The number of backup codes that were not used. 0 without TOTP.
    #[schema(minimum = 0, maximum = 10, examples(10))]
    pub backup_codes_left: i64,
    /// True if the password is a temporary one. The account may do nothing else until its owner has changed
    /// it.
    #[schema(examples(false))]
    pub password_must_change: bool,
    /// The time at which the account was created.
    #[schema(examples("2026-01-31T09:30:00.000000Z"))]
    #[serde(serialize_with = "crate::timestamp::write_utc")]
    pub created_at: OffsetDateTime,
}

/// An account that was just registered.
#[derive(Debug, Serialize, ToSchema)]
pub struct Registered {
    /// The account's id.
    pub id: UserId,
    /// The e-mail address, spelled as at the registration.
    #[schema(format = Email, max_length = 254, examples("ada@example.com"))]
    pub email: String,
    /// The account's role.
    pub role: Role,
    /// The time at which the account was created.
    #[schema(examples("2026-01-31T09:30:00.000000Z"))]
    #[serde(serialize_with = "crate::timestamp::write_utc")]
    pub created_at: OffsetDateTime,
}

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

/// An account's e-mail address and password.
// The password is plain text. It must never be logged or stored.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailAndPassword {
    /// The e-mail address. Upper and lower case make no difference.
    #[schema(format = Email, max_length = 254, examples("ada@example.com"))]
    pub email: String,
    /// The password.
    #[schema(format = Password, min_length = 12, max_length = 128, examples("Correct-Horse-7"))]
    pub password: String,
}

/// The settings of registrations and logins.
#[derive(Clone)]
pub struct Rules {
    /// Whether anybody may register.
    pub registration: Registration,
    /// The rules for new passwords.
    pub passwords: password::PasswordRules,
    /// The setting of the limits of attempts.
    pub attempts: AttemptLimits,
    /// The accounts that must have a second factor.
    pub required: RequireFactor,
    /// Whether the owners of new accounts have to confirm their addresses.
    pub verified_email: RequireVerifiedEmail,
}

impl Rules {
    /// Reads the settings from environment variables.
    ///
    /// # Errors
    /// A variable is wrong.
    pub fn from_env() -> std::result::Result<Self, ConfigError> {
        Ok(Self {
            registration: Registration::from_env()?,
            passwords: password::PasswordRules::from_env()?,
            attempts: AttemptLimits::from_env()?,
            required: RequireFactor::from_env()?,
            verified_email: RequireVerifiedEmail::from_env()?,
        })
    }
}

/// Creates an account with the role `user` and the default quota. Registrations are counted per network
/// address, before a service is asked about the password, and before the password is hashed. If they send a
/// mail, they are also counted per e-mail address, so that nobody can fill the mailbox of somebody else.
///
/// If addresses have to be confirmed, returns `None`: nobody can use the account until its owner has followed
/// the link in a mail. The answer and its time are the same if the address has an account; a mail tells its
/// owner then.
///
/// # Errors
/// [`Error::RegistrationClosed`]. [`Error::Invalid`] if the address or the password breaks a rule.
/// [`Error::TooManyAttempts`]. [`Error::EmailTaken`] if the address has an account, unless addresses have to
/// be confirmed.
pub async fn register(
    db: &Database,
    rules: &Rules,
    visit: &Visit,
    new: EmailAndPassword,
    language: Language,
) -> Result<Option<Registered>> {
    if rules.registration == Registration::Closed {
        return Err(Error::RegistrationClosed);
    }
    let email = checked_email(&new.email)?;
    let account = NewAccount {
        id: UserId::new(),
        email,
        password_hash: &hash_new_password(db, rules, visit, &new.password, email).await?,
        role: Role::User,
        password_must_change: false,
        language,
    };
    if rules.verified_email.0 {
        db::account::create_unverified(db, account, visit).await?;
        return Ok(None);
    }
    let Account { id, email, role, created_at, .. } = db::account::create(db, account, visit).await?;
    Ok(Some(Registered { id, email, role, created_at }))
}

/// Checks the password of a registration, counts the attempt, and hashes the password.
async fn hash_new_password(
    db: &Database,
    rules: &Rules,
    visit: &Visit,
    password: &str,
    email: &str,
) -> Result<String> {
    rules.passwords.check(password, email)?;
    let action = if rules.verified_email.0 { Action::VerificationRequest } else { Action::Registration };
    let subject = Subject { address: visit.address, account: email, ..Subject::default() };
    let attempt = Attempt::new(action, rules.attempts, subject);
    db::limit::use_allowances(db, &attempt).await?;
    rules.passwords.check_breaches(password).await?;
    password::hash(password).await
}

/// Creates an administrator. Returns a temporary password, which must be changed at the first login. If an
/// account has the address, that account is revived instead: it becomes an active administrator with this
/// password and without second factors, and its sessions end.
pub async fn create_admin(db: &Database, email: &str) -> Result<String> {
    let email = checked_email(email)?;
    let password = password::generate_temporary();
    let password_hash = password::hash(&password).await?;
    let id = UserId::new();
    let account = NewAccount {
        id,
        email,
        password_hash: &password_hash,
        role: Role::Admin,
        password_must_change: true,
        language: Language::default(),
    };
    db::account::create_or_revive(db, account).await?;
    Ok(password)
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

/// Checks the form of an e-mail address.
///
/// # Errors
/// [`Error::Invalid`] if it is no address.
pub(crate) fn checked_email(email: &str) -> Result<&str> {
    // Display names are refused: `Ada <ada@example.com>` would be another account for the same mailbox.
    let plain = Options::default().without_display_text().without_domain_literal();
    if email.len() > MAX_EMAIL_BYTES || EmailAddress::parse_with_options(email, plain).is_err() {
        return Err(Error::Invalid("email must be an e-mail address".into()));
    }
    Ok(email)
}
