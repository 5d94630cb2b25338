//! The hashes of passwords.

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use super::{MAX_LENGTH, compose};
use crate::{Error, Result};

/// The hash of a random password, with the same parameters as all others. A login with an unknown address is
/// checked against it, so that it takes as long as any other login.
pub const DUMMY_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$ZG9jdXZhdWx0LW5vYm9keQ$UVeQKyCjqi4Zi9N7T0FwpkD8CHI7CxgLQXIpF5b0J4U";

/// The memory that a hash takes, in KiB. This and the number of passes are the minimum that OWASP recommends.
const MEMORY_KIB: u32 = 19_456;

/// The number of passes over the memory.
const PASSES: u32 = 2;

/// The most hashes that a process computes at a time. The others wait. Each takes [`MEMORY_KIB`] and a core.
const MOST_AT_ONCE: usize = 2;

/// Admits those who compute a hash.
static SLOTS: Semaphore = Semaphore::const_new(MOST_AT_ONCE);

/// The result of checking a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The password is correct.
    Right,
    /// The password is correct, but the hash has other parameters than new ones, or it is a hash of the typed
    /// form and not of the composed form (NFC). It should be replaced.
    Outdated,
    /// The password is wrong.
    Wrong,
}

/// Hashes a password with a new salt. It hashes the composed form (NFC), because keyboards encode accents
/// differently (NIST SP 800-63B-4, 3.1.1.2). Returns a PHC string.
pub async fn hash(password: &str) -> Result<String> {
    let _slot = SLOTS.acquire().await.map_err(Error::internal)?;
    let hash = new_hasher()?.hash_password(compose(password).as_bytes()).map_err(Error::internal)?;
    Ok(hash.to_string())
}

/// Checks a password against a hash. A password that is longer than allowed is checked as if it were empty.
/// If the composed form does not match and differs from the typed one, the typed form is checked as well. A
/// wrong password costs one or two checks, which depends on the password only, so the time says nothing about
/// a hash with the usual parameters.
///
/// # Errors
/// None that a caller can cause.
pub async fn verify(password: &str, hash: &str) -> Result<Verdict> {
    let mut composed = compose(password);
    if composed.chars().count().min(password.chars().count()) > MAX_LENGTH {
        composed.clear();
    }
    let _slot = SLOTS.acquire().await.map_err(Error::internal)?;
    Ok(if matches(&composed, hash) {
        if is_current(hash) { Verdict::Right } else { Verdict::Outdated }
    } else if !composed.is_empty() && composed != password && matches(password, hash) {
        Verdict::Outdated
    } else {
        Verdict::Wrong
    })
}

/// Returns the Argon2id hasher of new hashes.
fn new_hasher() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(Error::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn matches(password: &str, hash: &str) -> bool {
    let parsed = PasswordHash::new(hash);
    parsed.is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Returns true if the hash has the algorithm and the parameters of new ones.
fn is_current(hash: &str) -> bool {
    hash.starts_with(&format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1$"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_hash_has_the_owasp_parameters_and_verifies_its_password() {
        let hash = hash("Correct-Horse-7").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(verify("Correct-Horse-7", &hash).await.unwrap(), Verdict::Right);
        assert_eq!(verify("correct-horse-7", &hash).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn both_encodings_of_an_accent_verify() {
        let hash = hash("Cafe\u{301}-Horse-7").await.unwrap();
        assert_eq!(verify("Café-Horse-7", &hash).await.unwrap(), Verdict::Right);
        assert_eq!(verify("Cafe\u{301}-Horse-7", &hash).await.unwrap(), Verdict::Right);
        assert_eq!(verify("Cafe-Horse-7", &hash).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn a_hash_of_the_decomposed_form_verifies_the_same_form() {
        let typed = "Cafe\u{301}-Horse-7";
        let old = new_hasher().unwrap().hash_password(typed.as_bytes()).unwrap().to_string();
        assert_eq!(verify(typed, &old).await.unwrap(), Verdict::Outdated);
        assert_eq!(verify("Café-Horse-7", &old).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn a_hash_with_other_parameters_is_outdated() {
        for (memory, passes) in [(8_192, PASSES), (MEMORY_KIB, 1), (MEMORY_KIB, 3)] {
            let params = Params::new(memory, passes, 1, None).unwrap();
            let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            let old = hasher.hash_password(b"Correct-Horse-7").unwrap().to_string();
            assert_eq!(verify("Correct-Horse-7", &old).await.unwrap(), Verdict::Outdated, "{old}");
            assert_eq!(verify("Correct-Horse-8", &old).await.unwrap(), Verdict::Wrong, "{old}");
        }
    }

    #[tokio::test]
    async fn the_dummy_hash_costs_as_much_as_a_new_one() {
        assert!(is_current(DUMMY_HASH));
        assert_eq!(verify("", DUMMY_HASH).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn hashes_are_computed_by_a_limited_number_of_requests_at_once() {
        let all = SLOTS.acquire_many(MOST_AT_ONCE as u32).await.unwrap();
        let soon = Duration::from_millis(200);
        assert!(tokio::time::timeout(soon, hash("Correct-Horse-7")).await.is_err());
        assert!(tokio::time::timeout(soon, verify("Correct-Horse-7", DUMMY_HASH)).await.is_err());
        drop(all);
        assert_eq!(verify("Correct-Horse-7", DUMMY_HASH).await.unwrap(), Verdict::Wrong);
    }
}
