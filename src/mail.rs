//! Mails that the vault sends. The statement that needs a mail adds a row to the outbox (the table `mails`),
//! and the function `mail` sends it.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::id::{MailId, UserId};
use crate::language::Language;
use crate::limits::{NOTICE_LIFETIME, RESET_LIFETIME, VERIFICATION_LIFETIME};
use crate::link::Page;

/// Defines the kinds of mails: the variant, the name in the database, and the meaning.
macro_rules! kinds {
    ($($kind:ident, $name:literal, $meaning:literal;)+) => {
        /// The kind of a mail. It determines the text.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
        pub enum Kind {
            $(#[doc = $meaning] #[serde(rename = $name)] $kind,)+
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// The name in the database.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $name,)+ }
            }
        }
    };
}

kinds! {
    NewDevice, "new_device", "Somebody has signed in from a device that was not seen before.";
    SessionReused, "session_reused", "A session was ended, because it may be stolen.";
    PasswordChanged, "password_changed", "The password was changed or reset.";
    PasswordReset, "password_reset", "The link that sets a new password.";
    FactorEnabled, "factor_enabled", "A second factor was enabled.";
    FactorDisabled, "factor_disabled", "A second factor was disabled.";
    BackupCodesRenewed, "backup_codes_renewed", "The backup codes were replaced by new ones.";
    PasskeyRegistered, "passkey_registered", "A passkey was registered.";
    PasskeyRemoved, "passkey_removed", "A passkey was removed.";
    AddressTaken, "address_taken", "Somebody wanted to use the address, which has an account.";
    VerifyAddress, "verify_address", "The link that confirms an address.";
    AddressChangeRequested, "address_change_requested", "Somebody who knows the password wants another address.";
    AccountRemoved, "account_removed", "The account was removed.";
    AddressChanged, "address_changed", "The account has another address now. The old address gets this mail.";
}

impl Kind {
    /// The page to which the link in the mail leads. `None` if the mail has no link with a token.
    pub const fn page(self) -> Option<Page> {
        match self {
            Self::PasswordReset => Some(Page::PasswordReset),
            Self::VerifyAddress => Some(Page::Verify),
            _ => None,
        }
    }

    /// The time after which the mail is dropped, in seconds. A link in it is valid up to this time.
    pub const fn lifetime_s(self) -> u64 {
        match self {
            Self::PasswordReset => RESET_LIFETIME.as_secs(),
            Self::VerifyAddress => VERIFICATION_LIFETIME.as_secs(),
            _ => NOTICE_LIFETIME.as_secs(),
        }
    }
}

/// What a mail says besides the text of its kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Details {
    /// The network address from which the request came that the mail is about.
    pub address: Option<IpAddr>,
}

/// A mail that a worker has claimed.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The mail's id. It is also that of the message, so that a mail that is sent again has the same id.
    pub id: MailId,
    /// The kind.
    pub kind: Kind,
    /// The account that the mail is about.
    pub user: UserId,
    /// The e-mail address of the recipient.
    pub address: String,
    /// The language of the recipient.
    pub language: Language,
    /// What the mail says besides the text of its kind.
    pub details: Details,
    /// The time of the event that the mail is about.
    pub created_at: OffsetDateTime,
    /// See [`Kind::lifetime_s`].
    pub expires_at: OffsetDateTime,
    /// The number of attempts to send the mail, including the one that has begun.
    pub attempts: i32,
}
