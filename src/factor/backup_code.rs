//! Backup codes: second factors that their owner writes down, each for one use.
//!
//! A code has 120 random bits, so that no one can guess it from its hash. OWASP ASVS 5 (6.5.2) and NIST SP
//! 800-63B-4 (section 3.1.2.2) therefore allow a fast hash. They require a slow one, such as Argon2, for less
//! than 112 bits.

use std::fmt;

use base32::Alphabet;
use sha2::{Digest as _, Sha256};

use super::random;
use crate::Result;

/// The number of codes of an account.
pub const COUNT: usize = 10;

/// The length of a code, in bytes.
const BYTES: usize = 15;

/// The length of a code, in characters of base 32.
const CHARACTERS: usize = BYTES * 8 / 5;

/// The number of characters between two hyphens.
const GROUP: usize = 4;

/// A backup code. It is written in Crockford's base 32, which has no I, L, O and U, in groups:
/// `7K3M-QX2V-9D4T-H0BN-Z6RA-1FWE`.
// The code is plain text. It must never be logged or stored.
pub struct BackupCode([u8; BYTES]);

impl BackupCode {
    /// Makes a random code.
    pub fn generate() -> Result<Self> {
        random().map(Self)
    }

    /// Reads a code without hyphens and spaces. Lower case is the same as upper case, O is 0, and I and L are
    /// 1. `None` if the text is not a code.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != CHARACTERS {
            return None;
        }
        base32::decode(Alphabet::Crockford, text)?.try_into().ok().map(Self)
    }

    /// Returns the hash that the database has (SHA-256).
    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0).to_vec()
    }
}

impl fmt::Display for BackupCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, character) in base32::encode(Alphabet::Crockford, &self.0).chars().enumerate() {
            if position > 0 && position % GROUP == 0 {
                f.write_str("-")?;
            }
            write!(f, "{character}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_six_groups_of_four_characters() {
        assert_eq!(BackupCode([0; BYTES]).to_string(), "0000-0000-0000-0000-0000-0000");
        assert_eq!(BackupCode([255; BYTES]).to_string(), "ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ");
    }

    #[test]
    fn a_code_that_was_shown_is_read_again() {
        for _ in 0..1_000 {
            let code = BackupCode::generate().unwrap();
            let shown = code.to_string().replace('-', "");
            for text in [shown.clone(), shown.to_lowercase(), shown.replace('0', "O").replace('1', "l")] {
                assert_eq!(BackupCode::parse(&text).unwrap().hash(), code.hash(), "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_code_is_refused() {
        let code = "7K3MQX2V9D4TH0BNZ6RA1FWE";
        assert!(BackupCode::parse(code).is_some());
        for text in ["", "287082", &code[1..], &format!("{code}0"), &code.replace('7', "U"), &"é".repeat(12)]
        {
            assert!(BackupCode::parse(text).is_none(), "{text}");
        }
    }
}
