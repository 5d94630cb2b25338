//! Passwords: which are good enough, and how they are kept (SPEC section 5).

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::{Error, Result};

/// The hash of a password that nobody has, with the parameters of all others: checking it takes the same time.
pub const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$ZG9jdXZhdWx0LW5vYm9keQ$UVeQKyCjqi4Zi9N7T0FwpkD8CHI7CxgLQXIpF5b0J4U";

/// Argon2id as OWASP recommends it at least: 19,456 KiB, two passes, one lane.
fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(19_456, 2, 1, None).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// A PHC string with a fresh salt.
pub fn hash(password: &str) -> Result<String> {
    let hash =
        argon2()?.hash_password(password.as_bytes()).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(hash.to_string())
}

/// Whether the password is the hashed one. A longer one than any allowed is wrong without a look.
pub fn verify(password: &str, hash: &str) -> bool {
    let password = if password.chars().count() > 128 { "" } else { password };
    let parsed = PasswordHash::new(hash);
    parsed.is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Refuses a password that is too short, too long or too plain.
pub fn check(password: &str) -> Result<()> {
    let classes: [fn(char) -> bool; 4] =
        [char::is_uppercase, char::is_lowercase, char::is_numeric, |c| !c.is_alphanumeric()];
    let plain = classes.iter().any(|class| !password.chars().any(class));
    if plain || !(12..=128).contains(&password.chars().count()) {
        let rule = "password has 12 to 128 characters, with upper case, lower case, digit and symbol";
        return Err(Error::Invalid(rule.into()));
    }
    Ok(())
}

/// A password that meets the rule and that nobody can guess: 122 random bits.
pub fn temporary() -> String {
    format!("{}-aA1", URL_SAFE_NO_PAD.encode(Uuid::new_v4().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_hashed_with_the_parameters_of_owasp_and_verified() {
        let hash = hash("Correct-Horse-7").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify("Correct-Horse-7", &hash));
        assert!(!verify("correct-horse-7", &hash));
    }

    #[test]
    fn nobody_has_a_hash_of_the_same_cost() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        assert_eq!(Params::try_from(&nobody).unwrap(), Params::new(19_456, 2, 1, Some(32)).unwrap());
        assert!(!verify("", NOBODY));
    }

    #[test]
    fn weak_passwords_are_refused() {
        for weak in ["Short-1aaaa", "no-upper-case-1", "NO-LOWER-CASE-1", "No-Digits-Here", "NoSymbolsHere1"]
        {
            assert!(check(weak).is_err(), "{weak}");
        }
        assert!(check(&format!("aA1-{}", "x".repeat(125))).is_err());
        assert!(check("Correct-Horse-7").is_ok());
        assert!(check(&temporary()).is_ok());
    }
}
