//! The encryption of TOTP secrets in the database: XChaCha20-Poly1305, which is safe with random nonces. A
//! ciphertext is bound to its account, so that it is of no use in the row of another account.
//!
//! There may be several keys. The first one encrypts, and all of them decrypt. A row names the key that
//! encrypted its secret by the key's id, which is derived from the key itself.

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::random;
use crate::config::{self, FactorConfig};
use crate::id::UserId;
use crate::secret::{CachedSecret, FromSecret};
use crate::{Error, Result};

/// The text from which a key's cipher is derived, with the key itself.
const CIPHER_LABEL: &str = "docuvault factor key";

/// The text from which a key's id is derived, with the key itself.
const ID_LABEL: &str = "docuvault factor key id";

/// The length of a key's id, in bytes. The id is written in hexadecimal digits.
const ID_BYTES: usize = 6;

/// The beginning of the data that is authenticated with each ciphertext. The account's id follows it.
const PURPOSE: &[u8] = b"totp secret of account ";

/// The length of a nonce, in bytes.
const NONCE_BYTES: usize = 24;

/// The keys that encrypt TOTP secrets. Clones share them.
#[derive(Clone)]
pub struct FactorKeys(CachedSecret<KeyRing>);

/// An encrypted secret, as in the account's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The id of the key that encrypted it.
    pub key_id: String,
    /// The nonce, and then the ciphertext with its tag.
    pub bytes: Vec<u8>,
}

/// All keys, in the order of the setting.
struct KeyRing(Vec<Key>);

struct Key {
    id: String,
    cipher: XChaCha20Poly1305,
}

impl FactorKeys {
    /// Derives the keys from the setting. A secret in Secrets Manager is read when it is used first: few
    /// requests need it.
    ///
    /// # Errors
    /// A key in the setting is too short. The text says so without quoting it.
    pub fn new(keys: config::Secret) -> std::result::Result<Self, String> {
        Ok(Self(match keys {
            config::Secret::Value(value) => CachedSecret::fixed(KeyRing::from_secret(&value, None)?),
            config::Secret::Stored(secret) => CachedSecret::stored(secret),
        }))
    }

    /// Encrypts the secret of an account with the first key.
    ///
    /// # Errors
    /// [`Error::Secret`] if the keys are unavailable.
    pub async fn seal(&self, owner: UserId, secret: &[u8]) -> Result<Sealed> {
        let keys = self.0.get(|_| true).await?;
        let key = keys.0.first().ok_or_else(|| Error::Secret("FACTOR_KEYS has no key".into()))?;
        let nonce: [u8; NONCE_BYTES] = random()?;
        let payload = Payload { msg: secret, aad: &associated_data(owner) };
        let ciphertext = key
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Error::internal("a TOTP secret cannot be encrypted"))?;
        Ok(Sealed { key_id: key.id.clone(), bytes: [&nonce[..], &ciphertext].concat() })
    }

    /// Decrypts the secret of an account. If the secret was encrypted with an unknown key, the keys are read
    /// again: another sandbox may have used a new one.
    ///
    /// # Errors
    /// [`Error::Secret`] if the keys are unavailable, or if the key that encrypted the secret is not among
    /// them. [`Error::Internal`] if the ciphertext was changed, or belongs to another account.
    pub async fn open(&self, owner: UserId, sealed: &Sealed) -> Result<Vec<u8>> {
        let keys = self.0.get(|keys| keys.find(&sealed.key_id).is_some()).await?;
        let key = keys.find(&sealed.key_id).ok_or_else(|| {
            let id = &sealed.key_id;
            Error::Secret(format!("FACTOR_KEYS lacks the key {id}: add it again, as the last one").into())
        })?;
        key.open(owner, &sealed.bytes).ok_or_else(|| {
            Error::internal("a TOTP secret was changed in the database, or belongs to another account")
        })
    }

    /// Encrypts the secret of an account again if another key than the first one encrypted it. Returns `None`
    /// if the first one did.
    ///
    /// # Errors
    /// See [`FactorKeys::seal`].
    pub async fn reseal(&self, owner: UserId, sealed: &Sealed, secret: &[u8]) -> Result<Option<Sealed>> {
        let keys = self.0.get(|_| true).await?;
        if keys.0.first().is_some_and(|first| first.id == sealed.key_id) {
            return Ok(None);
        }
        self.seal(owner, secret).await.map(Some)
    }
}

impl FromSecret for KeyRing {
    /// The value itself has the earlier keys.
    const NEEDS_PREVIOUS: bool = false;

    fn from_secret(current: &str, _: Option<&str>) -> std::result::Result<Self, String> {
        Ok(Self(FactorConfig::split_keys(current)?.into_iter().map(Key::new).collect()))
    }
}

impl KeyRing {
    fn find(&self, id: &str) -> Option<&Key> {
        self.0.iter().find(|key| key.id == id)
    }
}

impl Key {
    fn new(key: &str) -> Self {
        let id = hex::encode(derive(key, ID_LABEL).get(..ID_BYTES).unwrap_or_default());
        Self { id, cipher: XChaCha20Poly1305::new(&derive(key, CIPHER_LABEL).into()) }
    }

    /// Returns `None` if the bytes are not a ciphertext that this key has made for this account.
    fn open(&self, owner: UserId, bytes: &[u8]) -> Option<Vec<u8>> {
        let (nonce, ciphertext) = bytes.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: ciphertext, aad: &associated_data(owner) };
        self.cipher.decrypt(&XNonce::from(*nonce), payload).ok()
    }
}

/// Derives 32 bytes from a key and a label (HMAC with SHA-256). They do not disclose the key.
fn derive(key: &str, label: &str) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key of any length");
    mac.update(label.as_bytes());
    mac.finalize().into_bytes().into()
}

fn associated_data(owner: UserId) -> Vec<u8> {
    [PURPOSE, owner.0.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "an old key of the tests: 32 bytes";
    const NEW: &str = "a new key of the tests: 32 bytes!";
    const SECRET: &[u8] = b"12345678901234567890";

    fn keys(value: &str) -> FactorKeys {
        FactorKeys::new(config::Secret::Value(value.into())).unwrap()
    }

    #[tokio::test]
    async fn a_sealed_secret_opens_for_its_account_only() {
        let (ada, bob) = (UserId::new(), UserId::new());
        let sealed = keys(NEW).seal(ada, SECRET).await.unwrap();
        assert_eq!(keys(NEW).open(ada, &sealed).await.unwrap(), SECRET);
        assert!(matches!(keys(NEW).open(bob, &sealed).await, Err(Error::Internal(_))));
    }

    #[tokio::test]
    async fn a_sealed_secret_hides_the_secret_and_differs_each_time() {
        let (ada, keys) = (UserId::new(), keys(NEW));
        let [one, other] = [keys.seal(ada, SECRET).await.unwrap(), keys.seal(ada, SECRET).await.unwrap()];
        assert_ne!(one.bytes, other.bytes);
        assert_eq!(one.bytes.len(), NONCE_BYTES + SECRET.len() + 16);
        assert!(!one.bytes.windows(4).any(|part| SECRET.windows(4).any(|secret| secret == part)));
    }

    #[tokio::test]
    async fn a_secret_of_which_any_bit_was_changed_does_not_open() {
        let ada = UserId::new();
        let sealed = keys(NEW).seal(ada, SECRET).await.unwrap();
        for bit in 0..sealed.bytes.len() * 8 {
            let mut changed = sealed.clone();
            changed.bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(keys(NEW).open(ada, &changed).await.is_err(), "bit {bit}");
        }
        for length in 0..sealed.bytes.len() {
            let cut = Sealed { bytes: sealed.bytes[..length].to_vec(), ..sealed.clone() };
            assert!(keys(NEW).open(ada, &cut).await.is_err(), "{length} bytes");
        }
    }

    #[tokio::test]
    async fn the_first_key_encrypts_and_all_keys_decrypt() {
        let (ada, both) = (UserId::new(), keys(&format!("{NEW}, {OLD}\n")));
        let old = keys(OLD).seal(ada, SECRET).await.unwrap();
        assert_eq!(both.open(ada, &old).await.unwrap(), SECRET);
        let new = both.reseal(ada, &old, SECRET).await.unwrap().unwrap();
        assert_eq!(keys(NEW).open(ada, &new).await.unwrap(), SECRET);
        assert_eq!(both.reseal(ada, &new, SECRET).await.unwrap(), None);
        assert_eq!(both.seal(ada, SECRET).await.unwrap().key_id, new.key_id);
    }

    #[tokio::test]
    async fn a_lost_key_is_named_by_its_id() {
        let ada = UserId::new();
        let sealed = keys(OLD).seal(ada, SECRET).await.unwrap();
        let error = keys(NEW).open(ada, &sealed).await.unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, Error::Secret(_)) && text.contains(&sealed.key_id), "{text}");
        assert!(!text.contains(OLD) && !text.contains(NEW));
    }

    /// The command in `docs/OPERATIONS.md` prints the ids of keys.
    #[test]
    fn the_id_of_a_key_is_the_documented_one() {
        let page = include_str!("../../docs/OPERATIONS.md");
        let command =
            r#"print(hmac.digest(key.strip().encode(), b"docuvault factor key id", "sha256").hex()[:12])"#;
        assert!(page.contains(command) && page.contains("FACTOR_KEYS lacks the key"));
        assert_eq!(Key::new(NEW).id, "39ac20446f3a");
    }

    #[test]
    fn a_short_key_is_refused() {
        for value in ["", "hunter2", &format!("{NEW},"), &format!("{NEW},hunter2"), &NEW[..31]] {
            let problem = FactorConfig::split_keys(value).unwrap_err();
            assert!(problem.contains("at least 32") && !problem.contains("hunter2"), "{problem}");
        }
        assert_eq!(FactorConfig::split_keys(&NEW[..32]).unwrap(), [&NEW[..32]]);
    }
}
