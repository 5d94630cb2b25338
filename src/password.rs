//! Passwords: their rules, and their hashes.

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use unicode_normalization::UnicodeNormalization as _;
use uuid::Uuid;

use crate::{Error, Result};

/// The hash of a random password, with the same parameters as all others. A login with an unknown address is
/// checked against it, so that it takes as long as any other login.
pub const DUMMY_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$ZG9jdXZhdWx0LW5vYm9keQ$UVeQKyCjqi4Zi9N7T0FwpkD8CHI7CxgLQXIpF5b0J4U";

/// The length of the shortest password, in characters.
pub const MIN_LENGTH: usize = 12;

/// The length of the longest password, in characters.
pub const MAX_LENGTH: usize = 128;

/// Returns an Argon2id hasher with the minimum parameters that OWASP recommends: 19,456 KiB, two passes, one
/// lane.
fn new_hasher() -> Result<Argon2<'static>> {
    let params = Params::new(19_456, 2, 1, None).map_err(Error::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a password with a new salt. It hashes the composed form (NFC), because keyboards encode accents
/// differently (NIST SP 800-63B-4, 3.1.1.2). Returns a PHC string.
pub fn hash(password: &str) -> Result<String> {
    let hash = new_hasher()?.hash_password(compose(password).as_bytes()).map_err(Error::internal)?;
    Ok(hash.to_string())
}

/// The result of checking a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The password is correct.
    Right,
    /// The password is correct, but the hash is one of its typed form and not of its composed form (NFC). It
    /// should be replaced.
    Outdated,
    /// The password is wrong.
    Wrong,
}

/// Checks a password against a hash. A password that is longer than allowed is checked as if it were empty.
/// If the composed form does not match and differs from the typed one, the typed form is checked as well. A
/// wrong password costs one or two checks, which depends on the password only, so the time says nothing about
/// the hash.
pub fn verify(password: &str, hash: &str) -> Verdict {
    let mut composed = compose(password);
    if composed.chars().count().min(password.chars().count()) > MAX_LENGTH {
        composed.clear();
    }
    if matches(&composed, hash) {
        Verdict::Right
    } else if !composed.is_empty() && composed != password && matches(password, hash) {
        Verdict::Outdated
    } else {
        Verdict::Wrong
    }
}

fn matches(password: &str, hash: &str) -> bool {
    let parsed = PasswordHash::new(hash);
    parsed.is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Returns the composed form (NFC).
fn compose(password: &str) -> String {
    password.nfc().collect()
}

/// Checks the rules for new passwords on the composed form (NFC).
///
/// # Errors
/// [`Error::Invalid`] if the password is too short, too long, or lacks a class of characters.
pub fn check(password: &str) -> Result<()> {
    let password = compose(password);
    let classes: [fn(char) -> bool; 4] =
        [char::is_uppercase, char::is_lowercase, char::is_numeric, |c| !c.is_alphanumeric()];
    let plain = classes.iter().any(|class| !password.chars().any(class));
    if plain || !(MIN_LENGTH..=MAX_LENGTH).contains(&password.chars().count()) {
        let rule = "password must have 12 to 128 characters, among them upper case, lower case, a digit and a symbol";
        return Err(Error::Invalid(rule.into()));
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

    #[test]
    fn a_hash_has_the_owasp_parameters_and_verifies_its_password() {
        let hash = hash("Correct-Horse-7").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(verify("Correct-Horse-7", &hash), Verdict::Right);
        assert_eq!(verify("correct-horse-7", &hash), Verdict::Wrong);
    }

    #[test]
    fn both_encodings_of_an_accent_verify() {
        let hash = hash("Cafe\u{301}-Horse-7").unwrap();
        assert_eq!(verify("Café-Horse-7", &hash), Verdict::Right);
        assert_eq!(verify("Cafe\u{301}-Horse-7", &hash), Verdict::Right);
        assert_eq!(verify("Cafe-Horse-7", &hash), Verdict::Wrong);
    }

    #[test]
    fn a_hash_of_the_decomposed_form_verifies_the_same_form() {
        let typed = "Cafe\u{301}-Horse-7";
        let old = new_hasher().unwrap().hash_password(typed.as_bytes()).unwrap().to_string();
        assert_eq!(verify(typed, &old), Verdict::Outdated);
        assert_eq!(verify("Café-Horse-7", &old), Verdict::Wrong);
    }

    #[test]
    fn the_dummy_hash_costs_as_much_as_a_new_one() {
        let nobody = PasswordHash::new(DUMMY_HASH).unwrap();
        assert_eq!(Params::try_from(&nobody).unwrap(), Params::new(19_456, 2, 1, Some(32)).unwrap());
        assert_eq!(verify("", DUMMY_HASH), Verdict::Wrong);
    }

    #[test]
    fn weak_passwords_are_refused() {
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
}
