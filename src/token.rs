//! Opaque tokens: 256 random bits that a client keeps and shows again. The database has only their hashes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use postgres_types::ToSql;
use sha2::{Digest as _, Sha256};

use crate::{Error, Result};

/// The length of a token, in bytes.
const LENGTH: usize = 32;

/// A token. It has no `Debug`, so that no log line shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct OpaqueToken([u8; LENGTH]);

/// The SHA-256 of a token, by which the database knows it. A token cannot be guessed, so it needs no slow
/// hash and no salt.
#[derive(Clone, Debug, PartialEq, Eq, ToSql)]
#[postgres(transparent)]
pub struct TokenHash(Vec<u8>);

impl OpaqueToken {
    /// Creates a random token.
    ///
    /// # Errors
    /// The operating system has no random numbers.
    pub fn random() -> Result<Self> {
        let mut bytes = [0; LENGTH];
        getrandom::fill(&mut bytes).map_err(Error::internal)?;
        Ok(Self(bytes))
    }

    /// Reads a token as [`Self::to_text`] writes it. `None` if it is malformed.
    pub fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// The token as text: 43 characters of base64 for URLs.
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The hash of the token.
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0).to_vec())
    }
}

impl TokenHash {
    /// The hash in hexadecimal digits.
    pub fn to_hex(&self) -> String {
        hex::encode(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written() {
        let token = OpaqueToken::random().unwrap();
        let text = token.to_text();
        assert_eq!(text.len(), 43);
        assert!(OpaqueToken::parse(&text) == Some(token.clone()));
        assert!(OpaqueToken::random().unwrap() != token);
    }

    #[test]
    fn a_malformed_token_is_refused() {
        let text = OpaqueToken::random().unwrap().to_text();
        for wrong in [&text[1..], &format!("{text}A"), &format!("{text}="), &format!("*{}", &text[1..]), ""] {
            assert!(OpaqueToken::parse(wrong).is_none(), "{wrong}");
        }
        // The last character has two bits too many, which must be zero.
        assert!(OpaqueToken::parse(&"A".repeat(43)).is_some());
        assert!(OpaqueToken::parse(&format!("{}B", "A".repeat(42))).is_none());
    }

    #[test]
    fn a_hash_is_the_sha_256_of_the_bytes() {
        let hash = OpaqueToken([0; LENGTH]).hash();
        assert_eq!(hex::encode(hash.0), "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925");
    }
}
