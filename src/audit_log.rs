//! The audit log: an entry for each event that matters for the security of an account. The statement that
//! makes the event happen writes the entry.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::id::UserId;

/// Defines the actions: the variant, the name on the wire and in the database, and the meaning.
macro_rules! actions {
    ($($action:ident, $name:literal, $meaning:literal;)+) => {
        /// The kind of an event in the audit log.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
        pub enum Action {
            $(#[doc = $meaning] #[serde(rename = $name)] $action,)+
        }

        impl Action {
            /// Every action.
            pub const ALL: &[Self] = &[$(Self::$action),+];

            /// The name on the wire and in the database.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$action => $name,)+ }
            }
        }
    };
}

actions! {
    AccountRegistered, "account.registered", "An account was registered.";
    AccountCreated, "account.created",
        "An account was created by an administrator, or an administrator by the operator.";
    AccountChanged, "account.changed",
        "An administrator changed the role, the state or the model of an account.";
    AccountRevived, "account.revived", "The operator gave an account a new password and the role `admin`.";
    AccountRemoved, "account.removed", "An account was removed.";
    SessionStarted, "session.started", "A session was started: by a login, or because a change has ended all others.";
    SessionEnded, "session.ended", "A session was ended before its time.";
    SessionReused, "session.reused",
        "A refresh token was used that had been replaced. The session was ended, because it may be stolen.";
    LoginFailed, "login.failed", "Somebody gave a wrong or expired password, a wrong code or a wrong passkey for an account.";
    PasswordChanged, "password.changed", "A password was changed by the owner of the account.";
    PasswordResetRequested, "password.reset_requested", "Somebody asked for a link to set a new password.";
    PasswordReset, "password.reset", "A password was set with such a link.";
    PasswordAssigned, "password.assigned", "An administrator gave an account a temporary password.";
    QuotaChanged, "quota.changed", "An administrator changed the limit of a quota.";
    FactorsReset, "factors.reset", "An administrator removed the second factors of an account.";
    FactorEnabled, "factor.enabled", "A second factor was enabled.";
    FactorDisabled, "factor.disabled", "A second factor was disabled.";
    PasskeyRegistered, "passkey.registered", "A passkey was registered.";
    PasskeyRemoved, "passkey.removed", "A passkey was removed by the owner of the account.";
    PasskeyRefused, "passkey.refused",
        "A sign-in with a passkey was refused, because the passkey may have been copied.";
    BackupCodesRenewed, "backup_codes.renewed", "The backup codes of an account were replaced.";
    TopicCreated, "topic.created", "An administrator created a system topic.";
    TopicChanged, "topic.changed", "An administrator changed a system topic.";
    TopicRemoved, "topic.removed", "An administrator deleted a system topic.";
    EmailVerified, "email.verified", "The e-mail address of a new account was confirmed.";
    EmailChangeRequested, "email.change_requested", "An account asked for another e-mail address.";
    EmailChanged, "email.changed", "The e-mail address of an account was changed.";
}

/// An entry of the audit log.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct Entry {
    /// The entry's id.
    #[schema(examples("7f1f3c1e-6c0f-4f0e-9d0a-3b1c5d7e9f00"))]
    pub id: Uuid,
    /// The time of the event.
    #[schema(examples("2026-01-31T09:30:00.000000Z"))]
    #[serde(deserialize_with = "crate::timestamp::read", serialize_with = "crate::timestamp::write_utc")]
    pub at: OffsetDateTime,
    /// The account that has acted; null if nobody was signed in.
    #[schema(required)]
    pub actor_id: Option<UserId>,
    /// The kind of the event, such as `session.started`. Later releases may add kinds.
    #[schema(examples("session.started"))]
    pub action: String,
    /// The account, document, topic or object that the event is about; null if there is none.
    #[schema(required, examples("019c1363-49c0-7000-8000-000000000001"))]
    pub target_id: Option<Uuid>,
    /// The network address of the client; null if it is unknown. You do not see the address of another
    /// account.
    #[schema(required, max_length = 45, examples("203.0.113.9"))]
    pub address: Option<String>,
    /// The id of the request, which its answer had as `x-request-id`; null if there was none.
    #[schema(required, examples("846aee49-9d2f-46c1-b7f0-db6421a35af8"))]
    pub request_id: Option<String>,
    /// More about the event: ids, numbers and words.
    #[schema(example = json!({"new_device": true}))]
    pub details: Map<String, Value>,
}
