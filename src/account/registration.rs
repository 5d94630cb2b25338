//! The registration of an account by its owner.

use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::{Account, EmailAndPassword, Rules, checked_email};
use crate::config::Registration;
use crate::db::Database;
use crate::db::account::NewAccount;
use crate::id::UserId;
use crate::language::Language;
use crate::limit::{Action, Attempt, Subject};
use crate::role::Role;
use crate::visit::Visit;
use crate::{Error, Result, db, password};

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
