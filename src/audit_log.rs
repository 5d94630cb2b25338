//! The audit log: an entry for each event that matters for the security of an account. The statement that
//! makes the event happen writes the entry.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
    SessionStarted, "session.started", "A session was started: by a login, or because a change has ended all others.";
    SessionEnded, "session.ended", "A session was ended before its time.";
    SessionReused, "session.reused",
        "A refresh token was used that had been replaced. The session was ended, because it may be stolen.";
    LoginFailed, "login.failed", "Somebody gave a wrong password, a wrong code or a wrong passkey for an account.";
    PasswordChanged, "password.changed", "A password was changed by the owner of the account.";
    PasswordResetRequested, "password.reset_requested", "Somebody asked for a link to set a new password.";
    PasswordReset, "password.reset", "A password was set with such a link.";
    FactorEnabled, "factor.enabled", "A second factor was enabled.";
    FactorDisabled, "factor.disabled", "A second factor was disabled.";
    PasskeyRegistered, "passkey.registered", "A passkey was registered.";
    PasskeyRemoved, "passkey.removed", "A passkey was removed by the owner of the account.";
    PasskeyRefused, "passkey.refused",
        "A sign-in with a passkey was refused, because the passkey may have been copied.";
    BackupCodesRenewed, "backup_codes.renewed", "The backup codes of an account were replaced.";
    EmailChanged, "email.changed", "The e-mail address of an account was changed.";
}
