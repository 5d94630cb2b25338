//! Second factors: TOTP and backup codes. An account with TOTP needs a code at each login, after the
//! password: a code by time ([`totp`]), or one of its backup codes ([`backup_code`]).

pub mod backup_code;
mod keys;
mod login;
mod own;
pub mod totp;

pub use keys::{FactorKeys, Sealed};
pub use login::{Challenge, ChallengeAndCode, Factor, PendingLogin, begin_login, complete_login};
pub use own::{
    BackupCodes, Change, Confirmed, EnabledTotp, NewTotp, OwnFactor, PasswordAndCode, TotpCode, TotpPassword,
    disable, enable, renew, set_up,
};

use time::OffsetDateTime;

use crate::config::{ConfigError, FactorConfig};
use crate::id::UserId;
use crate::{Error, Result};
use backup_code::BackupCode;

/// The longest text that is read as a code, in bytes.
const MAX_CODE_BYTES: usize = 64;

/// Checks and encrypts second factors. A clone is cheap, because all clones share the keys.
#[derive(Clone)]
pub struct Factors {
    keys: FactorKeys,
    skew_steps: u16,
}

/// A code as its owner has typed it.
enum Code {
    /// A code by time.
    Totp(String),
    /// A backup code.
    Backup(BackupCode),
}

/// What a statement checks and uses up, so that a code is accepted once.
pub enum Proof {
    /// A code by time matched.
    Totp {
        /// The time step of the code. It must be later than the last accepted step.
        step: i64,
        /// The secret that matched. It must still be that of the account.
        secret: Sealed,
        /// The same secret, encrypted with the first key, if `secret` was encrypted with another one.
        resealed: Option<Sealed>,
    },
    /// The hash of a backup code, which must be an unused one of the account.
    BackupCode {
        /// The hash.
        hash: Vec<u8>,
    },
}

impl Factors {
    /// Derives the keys from the settings.
    ///
    /// # Errors
    /// A key is too short. The text says so without quoting it.
    pub fn new(config: FactorConfig) -> std::result::Result<Self, String> {
        Ok(Self { keys: FactorKeys::new(config.keys)?, skew_steps: config.skew_steps })
    }

    /// Reads the variables of [`FactorConfig`].
    ///
    /// # Errors
    /// A variable is missing or wrong.
    pub fn from_env() -> std::result::Result<Self, ConfigError> {
        let config = FactorConfig::from_env()?;
        Self::new(config).map_err(FactorConfig::refuse_keys)
    }

    /// Checks a code as its owner has typed it. See [`Self::prove`].
    ///
    /// # Errors
    /// Also [`Error::InvalidCode`] if there is none.
    pub(crate) async fn prove_text(
        &self,
        owner: UserId,
        secret: &Sealed,
        code: Option<&str>,
    ) -> Result<Proof> {
        self.prove(owner, secret, &Code::parse(code.unwrap_or_default())?).await
    }

    /// Checks a code of an account with this TOTP secret. A backup code is only read: the statement that gets
    /// the proof compares it. So backup codes work even if the key that encrypted the secret is lost.
    ///
    /// # Errors
    /// [`Error::InvalidCode`] if the code is malformed, or is not a code of the secret at this time.
    /// [`Error::Secret`] and [`Error::Internal`] as [`FactorKeys::open`].
    async fn prove(&self, owner: UserId, secret: &Sealed, code: &Code) -> Result<Proof> {
        let code = match code {
            Code::Backup(code) => return Ok(Proof::BackupCode { hash: code.hash() }),
            Code::Totp(code) => code,
        };
        let plain = self.keys.open(owner, secret).await?;
        let step = totp::find_step(&plain, code, OffsetDateTime::now_utc(), self.skew_steps)
            .ok_or(Error::InvalidCode)?;
        let resealed = self.keys.reseal(owner, secret, &plain).await?;
        Ok(Proof::Totp { step, secret: secret.clone(), resealed })
    }
}

impl Code {
    /// Reads a code. Spaces and hyphens are ignored: apps and this vault show codes in groups.
    ///
    /// # Errors
    /// [`Error::InvalidCode`] if the text has the form of neither kind of code.
    fn parse(text: &str) -> Result<Self> {
        if text.len() > MAX_CODE_BYTES {
            return Err(Error::InvalidCode);
        }
        let text: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        if text.len() == totp::DIGITS {
            return Ok(Self::Totp(text));
        }
        BackupCode::parse(&text).map(Self::Backup).ok_or(Error::InvalidCode)
    }
}

/// Returns random bytes of the operating system.
fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_and_hyphens_in_a_code_are_ignored() {
        for text in ["287082", "287 082", " 287-082 "] {
            assert!(matches!(Code::parse(text), Ok(Code::Totp(code)) if code == "287082"), "{text}");
        }
        let code = BackupCode::generate().unwrap();
        for text in [code.to_string(), code.to_string().replace('-', " "), code.to_string().to_lowercase()] {
            assert!(
                matches!(Code::parse(&text), Ok(Code::Backup(read)) if read.hash() == code.hash()),
                "{text}"
            );
        }
    }

    #[test]
    fn a_text_of_another_form_is_no_code() {
        for text in ["", "28708", "2870820", "287\u{a0}082", "287\n082", &"1 ".repeat(40), &"A".repeat(65)] {
            assert!(matches!(Code::parse(text), Err(Error::InvalidCode)), "{text}");
        }
    }
}
