//! Accounts, as administrators manage them. An administrator sees what an account is, and never its
//! documents, its password or its second factors.
//!
//! Administrators cannot lock themselves out: they change the role, the state and the password of other
//! accounts only. So whoever takes the role from an administrator is an administrator, too, and stays one.
//! The statements lock both rows, and check the caller's role under the lock (`db::target`): two
//! administrators who demote each other at once cannot both succeed.

mod log;
mod user;

use serde::Serialize;
use utoipa::ToSchema;

use crate::account::checked_email;
use crate::auth::User;
use crate::config::{AiModel, AiModels};
use crate::db::Database;
use crate::db::administration::AccountToCreate;
use crate::document::Provider;
use crate::id::UserId;
use crate::page::{Page, PageRequest, Position};
use crate::visit::Visit;
use crate::{Error, Result, db, password, quota};

pub use log::{LogFilter, LogQuery, list_log};
pub use user::{CreatedUser, ManagedUser, NewUser, TemporaryPassword, UserChange, UserFilter, UserQuery};

/// A model that administrators may assign to accounts.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssignableModel {
    /// The provider.
    pub provider: Provider,
    /// The name of the model.
    #[schema(max_length = 200, examples("llama3.2"))]
    pub model: String,
}

/// Lists the accounts, newest first.
pub async fn list(db: &Database, admin: User, query: UserQuery) -> Result<Page<ManagedUser>> {
    let (filter, page) = UserFilter::parse(query)?;
    let paging = PageRequest::parse("users", admin.id, &page)?;
    let users = db::administration::list(db, admin, &filter, &paging).await?;
    Ok(paging.page(users, |last| Position { created_at: last.created_at, id: last.id.0 }))
}

/// Creates an account with a temporary password.
///
/// # Errors
/// [`Error::Invalid`] if the address is no e-mail address. [`Error::EmailTaken`] if it has an account.
pub async fn create(db: &Database, admin: User, new: NewUser, visit: &Visit) -> Result<CreatedUser> {
    let email = checked_email(&new.email)?;
    let temporary = new_temporary_password(db, admin).await?;
    let account = AccountToCreate {
        id: UserId::new(),
        email,
        password_hash: &temporary.hash,
        role: new.role,
        limit_bytes: new.limit_bytes.map_or(quota::DEFAULT_LIMIT_BYTES, quota::LimitBytes::bytes),
    };
    let user = db::administration::create(db, admin, account, visit).await?;
    Ok(CreatedUser { user, temporary_password: temporary.password })
}

/// Changes an account.
///
/// # Errors
/// [`Error::Invalid`] if the model is not one of `models`. [`Error::OwnAccount`] if administrators change
/// their own role or state. [`Error::NotFound`] if there is no such account.
pub async fn change(
    db: &Database,
    models: &AiModels,
    admin: User,
    id: UserId,
    change: &UserChange,
    visit: &Visit,
) -> Result<ManagedUser> {
    check_model(models, change)?;
    db::administration::change(db, admin, id, change, visit).await
}

/// Replaces the password of an account by a temporary one, and ends the account's sessions.
///
/// # Errors
/// [`Error::OwnAccount`] or [`Error::NotFound`].
pub async fn reset_password(
    db: &Database,
    admin: User,
    id: UserId,
    visit: &Visit,
) -> Result<TemporaryPassword> {
    let temporary = new_temporary_password(db, admin).await?;
    db::administration::reset_password(db, admin, id, &temporary.hash, visit).await?;
    Ok(TemporaryPassword { temporary_password: temporary.password })
}

/// Lists the models that administrators may assign, on one page.
pub async fn list_models(db: &Database, models: &AiModels, admin: User) -> Result<Page<AssignableModel>> {
    db::administration::admit(db, admin).await?;
    let show = |one: &AiModel| AssignableModel {
        provider: Provider::from(&*one.provider),
        model: one.model.clone(),
    };
    let items = models.all().iter().map(show).collect();
    Ok(Page { items, next_cursor: None })
}

/// Checks that a change assigns a model that the operator has configured, or none.
fn check_model(models: &AiModels, change: &UserChange) -> Result<()> {
    let allowed = match (&change.ai_provider, &change.ai_model) {
        (None, None) | (Some(None), Some(None)) => true,
        (Some(Some(provider)), Some(Some(model))) => {
            models.all().iter().any(|one| one.provider == provider.as_str() && one.model == *model)
        }
        _ => false,
    };
    let rule = "ai_provider and ai_model must be a pair of GET /api/admin/ai-models, or both null";
    if allowed { Ok(()) } else { Err(Error::Invalid(rule.into())) }
}

/// A temporary password and its hash.
struct Temporary {
    password: String,
    hash: String,
}

/// Creates a temporary password. Checks first that the caller is an administrator, because hashing takes much
/// time, and anybody with an account can send the request.
async fn new_temporary_password(db: &Database, admin: User) -> Result<Temporary> {
    db::administration::admit(db, admin).await?;
    let password = password::generate_temporary();
    let hash = password::hash(&password).await?;
    Ok(Temporary { password, hash })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, from_value, json};

    use super::*;

    #[test]
    fn only_configured_pairs_can_be_assigned() {
        let models = AiModels::parse("builtin/builtin,openai/gpt").unwrap();
        let check = |change: Value| check_model(&models, &from_value(change).unwrap()).is_ok();
        for good in [
            json!({}),
            json!({"active": true}),
            json!({"ai_provider": null, "ai_model": null}),
            json!({"ai_provider": "openai", "ai_model": "gpt"}),
        ] {
            assert!(check(good.clone()), "{good}");
        }
        for wrong in [
            json!({"ai_provider": "openai"}),
            json!({"ai_model": "gpt"}),
            json!({"ai_provider": null}),
            json!({"ai_provider": "openai", "ai_model": null}),
            json!({"ai_provider": "openai", "ai_model": "builtin"}),
            json!({"ai_provider": "anthropic", "ai_model": "gpt"}),
            json!({"ai_provider": "nonsense", "ai_model": "gpt"}),
        ] {
            assert!(!check(wrong.clone()), "{wrong}");
        }
    }
}
