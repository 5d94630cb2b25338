//! Accounts: registration, administrators, login. Sessions, second factors and password resets belong here
//! once they exist.

use email_address::{EmailAddress, Options};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::auth::{AccessToken, Tokens};
use crate::db::Database;
use crate::db::account::NewAccount;
use crate::id::UserId;
use crate::password::Verdict;
use crate::role::Role;
use crate::{Error, Result, db, password};

/// The length of the longest e-mail address, in bytes (RFC 5321, section 4.5.3.1.3).
pub const MAX_EMAIL_BYTES: usize = 254;

/// Your account.
#[derive(Debug, Serialize, ToSchema)]
pub struct Account {
    /// The account's id.
    pub id: UserId,
    /// The e-mail address, as it was registered.
    #[schema(format = Email, max_length = 254, examples("ada@example.com"))]
    pub email: String,
    /// What the account may do.
    pub role: Role,
    /// Whether a login needs a second factor.
    #[schema(examples(false))]
    pub totp_enabled: bool,
    /// Whether the password is a temporary one, which must be changed first.
    #[schema(examples(false))]
    pub password_must_change: bool,
    /// When the account was made.
    #[schema(examples("2026-01-31T09:30:00.000000Z"))]
    #[serde(with = "crate::timestamp::utc")]
    pub created_at: OffsetDateTime,
}

/// A new account.
#[derive(Debug, Serialize, ToSchema)]
pub struct Registered {
    /// The account's id.
    pub id: UserId,
    /// The e-mail address, as it was registered.
    #[schema(format = Email, max_length = 254, examples("ada@example.com"))]
    pub email: String,
    /// What the account may do.
    pub role: Role,
    /// When the account was made.
    #[schema(examples("2026-01-31T09:30:00.000000Z"))]
    #[serde(with = "crate::timestamp::utc")]
    pub created_at: OffsetDateTime,
}

/// The row that a login is checked against.
pub struct Credentials {
    /// The account's id.
    pub id: UserId,
    /// The hash as a PHC string.
    pub password_hash: String,
    /// Whether the account may be used.
    pub active: bool,
    /// See [`Account::password_must_change`].
    pub password_must_change: bool,
}

/// An account's e-mail address and password.
// The password is in clear: never logged, never stored.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailAndPassword {
    /// The e-mail address. Case makes no difference.
    #[schema(format = Email, max_length = 254, examples("ada@example.com"))]
    pub email: String,
    /// The password.
    #[schema(format = Password, min_length = 12, max_length = 128, examples("Correct-Horse-7"))]
    pub password: String,
}

/// A session.
#[derive(Serialize, ToSchema)]
pub struct Session {
    /// The access token.
    #[serde(flatten)]
    pub token: AccessToken,
    /// Whether the account may do nothing before its password is changed.
    #[schema(examples(false))]
    pub password_must_change: bool,
}

/// Makes a user with the default quota.
pub async fn register(db: &Database, new: EmailAndPassword) -> Result<Registered> {
    let email = checked_email(&new.email)?;
    password::check(&new.password)?;
    let password_hash = password::hash(&new.password)?;
    let id = UserId::new();
    let account = NewAccount {
        id,
        email,
        password_hash: &password_hash,
        role: Role::User,
        password_must_change: false,
    };
    let Account { id, email, role, created_at, .. } = db::account::create(db, account).await?;
    Ok(Registered { id, email, role, created_at })
}

/// Creates an administrator. Returns a temporary password, which must be changed at the first login (SPEC
/// section 6).
pub async fn create_admin(db: &Database, email: &str) -> Result<String> {
    let email = checked_email(email)?;
    let password = password::generate_temporary();
    let password_hash = password::hash(&password)?;
    let id = UserId::new();
    let account = NewAccount {
        id,
        email,
        password_hash: &password_hash,
        role: Role::Admin,
        password_must_change: true,
    };
    db::account::create(db, account).await?;
    Ok(password)
}

/// Checks a login. An unknown address takes the same time and gets the same answer as a wrong password.
pub async fn login(db: &Database, tokens: &Tokens, given: EmailAndPassword) -> Result<Session> {
    let known = match checked_email(&given.email) {
        Ok(email) => db::account::find_credentials(db, email).await?,
        Err(_) => None,
    };
    let hash = known.as_ref().map_or(password::DUMMY_HASH, |known| &known.password_hash);
    let verdict = password::verify(&given.password, hash);
    match &known {
        Some(known) if verdict != Verdict::Wrong && known.active => {
            if verdict == Verdict::Outdated {
                rehash(db, known, &given.password).await;
            }
            Ok(Session { token: tokens.issue(known.id)?, password_must_change: known.password_must_change })
        }
        _ => Err(Error::InvalidCredentials),
    }
}

/// Stores a new hash of the password. If that fails, as on a read-only database, the login succeeds all the
/// same and the next one tries again.
async fn rehash(db: &Database, known: &Credentials, password: &str) {
    let hashed = match password::hash(password) {
        Ok(new) => db::account::rehash(db, known.id, &known.password_hash, &new).await,
        Err(error) => Err(error),
    };
    if let Err(error) = hashed {
        tracing::error!(%error, "a password was not hashed anew");
    }
}

fn checked_email(email: &str) -> Result<&str> {
    // Not `Ada <ada@example.com>`: that would be another account for the same mailbox.
    let plain = Options::default().without_display_text().without_domain_literal();
    if email.len() > MAX_EMAIL_BYTES || EmailAddress::parse_with_options(email, plain).is_err() {
        return Err(Error::Invalid("email is not an e-mail address".into()));
    }
    Ok(email)
}
