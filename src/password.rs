//! Passwords: which new ones are accepted, and their hashes.

mod breaches;
mod common;
mod context;
mod hash;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use unicode_normalization::UnicodeNormalization as _;
use uuid::Uuid;

use crate::config::{ConfigError, PasswordConfig, PasswordPolicy};
use crate::{Error, Result};
use breaches::Breaches;

pub use hash::{DUMMY_HASH, Verdict, hash, verify};

/// The length of the shortest password that any policy accepts, in characters.
pub const MIN_LENGTH: usize = 12;

/// The length of the longest password, in characters.
pub const MAX_LENGTH: usize = 128;

/// The rules for new passwords. They apply to the composed form (NFC). A clone is cheap.
#[derive(Clone)]
pub struct PasswordRules {
    policy: PasswordPolicy,
    breaches: Option<Arc<Breaches>>,
}

impl PasswordRules {
    /// Creates the rules that these settings say.
    pub fn new(config: PasswordConfig) -> Self {
        let breaches = config.breaches_url.map(|url| Arc::new(Breaches::new(url)));
        Self { policy: config.policy, breaches }
    }

    /// Creates the rules from environment variables.
    ///
    /// # Errors
    /// A variable is wrong.
    pub fn from_env() -> std::result::Result<Self, ConfigError> {
        Ok(Self::new(PasswordConfig::from_env()?))
    }

    /// Checks the rules that need no other service. `email` is the address of the account.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the password is too short, too long or too simple, contains a word that belongs
    /// to the account, or is one of the most common ones.
    pub fn check(&self, password: &str, email: &str) -> Result<()> {
        let password = compose(password);
        check_characters(&password, self.policy)?;
        if let Some(word) = context::find_word(&password, email) {
            let problem = format!("password must not contain the word {word}: choose another password");
            return Err(Error::Invalid(problem));
        }
        if common::is_common(&password) {
            let problem = "password is one of the most common ones: choose another password";
            return Err(Error::Invalid(problem.into()));
        }
        Ok(())
    }

    /// Checks whether the password is known from breaches, if the settings name a service that knows. This
    /// takes up to [`BREACHES`](crate::limits::sdk::BREACHES).
    ///
    /// # Errors
    /// [`Error::Invalid`] if it is known.
    pub async fn check_breaches(&self, password: &str) -> Result<()> {
        match &self.breaches {
            Some(breaches) if breaches.have(password).await => {
                let problem = "password is known from a breach of another service: choose another password";
                Err(Error::Invalid(problem.into()))
            }
            _ => Ok(()),
        }
    }
}

/// Returns the composed form (NFC).
pub fn compose(password: &str) -> String {
    password.nfc().collect()
}

fn check_characters(password: &str, policy: PasswordPolicy) -> Result<()> {
    let classes: [fn(char) -> bool; 4] =
        [char::is_uppercase, char::is_lowercase, char::is_numeric, |c| !c.is_alphanumeric()];
    let (shortest, rule) = match policy {
        PasswordPolicy::Classes => {
            (MIN_LENGTH, "12 to 128 characters, among them upper case, lower case, a digit and a symbol")
        }
        PasswordPolicy::Length => (15, "15 to 128 characters"),
    };
    let plain = policy == PasswordPolicy::Classes && classes.iter().any(|class| !password.chars().any(class));
    if plain || !(shortest..=MAX_LENGTH).contains(&password.chars().count()) {
        return Err(Error::Invalid(format!("password must have {rule}")));
    }
    Ok(())
}

/// Generates a password that meets the rules. It has 122 random bits.
pub fn generate_temporary() -> String {
    format!("{}-aA1", URL_SAFE_NO_PAD.encode(Uuid::new_v4().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(policy: PasswordPolicy) -> PasswordRules {
        PasswordRules::new(PasswordConfig { policy, breaches_url: None })
    }

    #[test]
    fn with_classes_a_password_needs_each_of_them() {
        let check = |password: &str| rules(PasswordPolicy::Classes).check(password, "");
        for weak in ["Short-1aaaa", "no-upper-case-1", "NO-LOWER-CASE-1", "No-Digits-Here", "NoSymbolsHere1"]
        {
            assert!(check(weak).is_err(), "{weak}");
        }
        assert!(check(&format!("aA1-{}", "x".repeat(125))).is_err());
        assert!(check("Correct-Horse-7").is_ok());
        assert!(check(&format!("aA1-{}", "e\u{301}".repeat(124))).is_ok(), "128 characters when composed");
        assert!(
            check("A1-éééééééé").is_err() && check("A1-e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}").is_err()
        );
        assert!(check(&generate_temporary()).is_ok());
    }

    #[test]
    fn without_classes_only_the_length_counts() {
        let check = |password: &str| rules(PasswordPolicy::Length).check(password, "");
        for good in ["correct horse 7", "no upper case here", &"é".repeat(15), &generate_temporary()] {
            assert!(check(good).is_ok(), "{good}");
        }
        for weak in ["Correct-Horse7", &"e\u{301}".repeat(14), &"é".repeat(129)] {
            assert!(check(weak).is_err(), "{weak}");
        }
    }

    #[test]
    fn words_of_the_account_and_common_passwords_are_refused() {
        let check = |password: &str| {
            rules(PasswordPolicy::Classes)
                .check(password, "lovelace@engines.example")
                .map_err(|e| e.to_string())
        };
        assert!(check("Lovelace-1815!").unwrap_err().contains("the word lovelace"));
        assert!(check("Password-1234").unwrap_err().contains("most common"));
        assert!(check("Correct-Horse-7").is_ok());
    }
}
