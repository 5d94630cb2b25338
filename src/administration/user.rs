//! Accounts, as administrators see, create and change them.

use serde::{Deserialize, Deserializer, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

use crate::account::MAX_EMAIL_BYTES;
use crate::document::Provider;
use crate::id::UserId;
use crate::page::PageQuery;
use crate::quota::LimitBytes;
use crate::role::Role;
use crate::{Error, Result};

/// An account, as administrators see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ManagedUser {
    /// The account's id.
    pub id: UserId,
    /// The e-mail address, spelled as at the registration.
    #[schema(format = Email, max_length = 254, examples("ada@example.com"))]
    pub email: String,
    /// The account's role.
    pub role: Role,
    /// False if the account is deactivated: it may do nothing, and nobody can log in.
    #[schema(examples(true))]
    pub active: bool,
    /// True if the password is a temporary one, which the owner has to change first.
    #[schema(examples(false))]
    pub password_must_change: bool,
    /// True if a login needs a second factor (TOTP).
    #[schema(examples(false))]
    pub totp_enabled: bool,
    /// The provider that classifies the account's documents; null: the default of the service.
    #[schema(required)]
    pub ai_provider: Option<Provider>,
    /// The model of that provider; null: the default of the service.
    #[schema(required, max_length = 200, examples("llama3.2"))]
    pub ai_model: Option<String>,
    /// The sum of the sizes of the account's confirmed documents, in bytes; null if it has no quota.
    #[schema(required, minimum = 0, examples(1_048_576))]
    pub used_bytes: Option<i64>,
    /// The limit of that sum, in bytes; null if the account has no quota.
    #[schema(required, minimum = 0, examples(104_857_600))]
    pub limit_bytes: Option<i64>,
    /// The time at which the account was created.
    #[schema(examples("2026-01-31T09:30:00.000000Z"))]
    #[serde(serialize_with = "crate::timestamp::write_utc")]
    pub created_at: OffsetDateTime,
    /// The time of the latest login; null if there was none.
    #[schema(required, examples("2026-01-31T09:45:00.000000Z"))]
    #[serde(serialize_with = "crate::timestamp::write_utc_or_null")]
    pub last_login_at: Option<OffsetDateTime>,
}

/// An account to create.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// The e-mail address. Upper and lower case make no difference.
    #[schema(format = Email, max_length = 254, examples("ada@example.com"))]
    pub email: String,
    /// The account's role. Default: `user`.
    #[serde(default = "default_role")]
    pub role: Role,
    /// The limit of the quota. Default: 100 MiB.
    pub limit_bytes: Option<LimitBytes>,
}

const fn default_role() -> Role {
    Role::User
}

/// An account that was just created.
// The password is plain text. It must never be logged or stored.
#[derive(Serialize, ToSchema)]
pub struct CreatedUser {
    /// The account.
    pub user: ManagedUser,
    /// The temporary password. No other answer shows it.
    #[schema(examples("q1Z0c0hKTrW3m0pYb2xkQA-aA1"))]
    pub temporary_password: String,
}

/// A new password of an account.
// The password is plain text. It must never be logged or stored.
#[derive(Serialize, ToSchema)]
pub struct TemporaryPassword {
    /// The temporary password. No other answer shows it.
    #[schema(examples("q1Z0c0hKTrW3m0pYb2xkQA-aA1"))]
    pub temporary_password: String,
}

/// A change of an account. Fields that are absent stay as they are.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    /// The new role.
    pub role: Option<Role>,
    /// Whether the account is active.
    #[schema(examples(true))]
    pub active: Option<bool>,
    /// The provider that classifies the account's documents; null: the default of the service.
    #[serde(default, deserialize_with = "read_present")]
    #[schema(value_type = Option<Provider>)]
    pub ai_provider: Option<Option<Provider>>,
    /// The model of that provider; null: the default of the service.
    #[serde(default, deserialize_with = "read_present")]
    #[schema(value_type = Option<String>, max_length = 200, examples("llama3.2"))]
    pub ai_model: Option<Option<String>>,
}

impl UserChange {
    /// The name of the new provider. `None` if it stays, or becomes the default.
    pub fn provider_name(&self) -> Option<&'static str> {
        self.ai_provider.flatten().map(Provider::as_str)
    }

    /// The name of the new model. `None` if it stays, or becomes the default.
    pub fn model_name(&self) -> Option<&str> {
        self.ai_model.as_ref().and_then(Option::as_deref)
    }
}

/// Reads a field that is present: null becomes `Some(None)`. An absent field is `None`.
fn read_present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// The parameters of a list of accounts: filters, and the page.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UserQuery {
    /// Only accounts whose e-mail address contains this text. Upper and lower case make no difference.
    #[param(max_length = 254, example = "example.com")]
    pub q: Option<String>,
    /// Only accounts with this role.
    pub role: Option<Role>,
    /// Only accounts that are active, or only those that are not.
    #[param(example = true)]
    pub active: Option<bool>,
    /// The most items on a page.
    #[param(minimum = 1, maximum = 100, default = 50, example = 20)]
    pub limit: Option<usize>,
    /// The `next_cursor` of the previous page. A cursor is valid for one list and one account only.
    #[param(max_length = 100, example = "AZwTY0nAcAC...")]
    pub cursor: Option<String>,
}

/// The parsed filters of a list of accounts.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// See [`UserQuery::q`]. `None` if it is empty.
    pub q: Option<String>,
    /// See [`UserQuery::role`].
    pub role: Option<Role>,
    /// See [`UserQuery::active`].
    pub active: Option<bool>,
}

impl UserFilter {
    /// Checks the parameters of a list, and splits them into the filter and the page.
    ///
    /// # Errors
    /// [`Error::Invalid`] if `q` is longer than any address, or contains U+0000, which Postgres cannot store.
    pub fn parse(query: UserQuery) -> Result<(Self, PageQuery)> {
        let UserQuery { q, role, active, limit, cursor } = query;
        if q.as_ref().is_some_and(|q| q.len() > MAX_EMAIL_BYTES || q.contains('\0')) {
            return Err(Error::Invalid("q must have at most 254 bytes, and no null character".into()));
        }
        let q = q.filter(|q| !q.is_empty());
        Ok((Self { q, role, active }, PageQuery { limit, cursor }))
    }
}
