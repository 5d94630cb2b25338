//! Accounts, and the creation of administrators.

pub mod audit_log;
pub mod login;
pub mod new_password;
pub mod registration;
pub mod removal;

use email_address::{EmailAddress, Options};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::config::{AttemptLimits, ConfigError, Registration, RequireFactor, RequireVerifiedEmail};
use crate::db::Database;
use crate::db::account::NewAccount;
use crate::id::UserId;
use crate::language::Language;
use crate::role::Role;
use crate::{Error, Result, db, password};

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
