//! The most common passwords. `tools/dev/common_passwords.py` makes the list, and says where it comes from.

use sha1::{Digest as _, Sha1};

/// The hashes of the keys of common passwords (SHA-1, the first [`HASH_BYTES`] of each), in ascending order.
const COMMON: &[u8] = include_bytes!("common.bin");

/// The number of bytes that are kept of a hash. By chance, one in 40 million other passwords has the same
/// ones as a common password.
const HASH_BYTES: usize = 5;

/// The symbols on the digit keys of an American keyboard, from 0 to 9.
const SHIFTED_DIGITS: &str = ")!@#$%^&*(";

/// Returns true if the password is a common one that was changed a little, to meet a rule: with other upper
/// and lower case, with symbols added or in the place of letters and digits, and with digits in front or at
/// the end.
pub(super) fn is_common(password: &str) -> bool {
    let letters = password.replace('@', "a").replace('$', "s");
    let digits: String = password.chars().map(unshift).collect();
    [password, &letters, &digits].into_iter().any(|form| {
        let key = to_key(form);
        let word = key.trim_matches(|c: char| c.is_ascii_digit());
        is_listed(&key) || is_listed(word)
    })
}

/// Returns the text in lower case, with the letters in the place of digits and symbols that look like them.
pub(super) fn fold(text: &str) -> String {
    let plain = |c: char| match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    text.to_lowercase().chars().map(plain).collect()
}

/// Returns the digit on whose key a symbol is, and other characters as they are.
fn unshift(c: char) -> char {
    let digit = SHIFTED_DIGITS.find(c).and_then(|digit| char::from_digit(digit as u32, 10));
    digit.unwrap_or(c)
}

/// Returns the letters and digits of a password, in lower case.
fn to_key(password: &str) -> String {
    password.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

fn is_listed(key: &str) -> bool {
    let hash = Sha1::digest(key);
    let (hashes, _) = COMMON.as_chunks::<HASH_BYTES>();
    hash.first_chunk().is_some_and(|first| hashes.binary_search(first).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order_and_long_enough() {
        let (hashes, rest) = COMMON.as_chunks::<HASH_BYTES>();
        assert!(rest.is_empty() && hashes.is_sorted() && hashes.len() >= 3 * 3_000, "{}", hashes.len());
    }

    #[test]
    fn every_kind_of_common_password_is_found() {
        for common in [
            "Password-1234",
            "P@ssw0rd-1234",
            "Pa$$word-2024!",
            "password password",
            "Qwerty-123456",
            "!QAZ2wsx#EDC",
            "1q2w3e4r-5T6Y",
            "Sunshine-2024!",
            "2024-Welcome!!",
            "ILoveYou-1234",
            "Dragon123456!",
            "Michael-1990!",
            "123456789-Abc",
            "12345678987654321",
            "qazwsxedcrfvtgb",
        ] {
            assert!(is_common(common), "{common}");
        }
    }

    #[test]
    fn other_passwords_are_not_common() {
        for other in ["Correct-Horse-7", "Another-Horse-8", "Quiet-Harbour-31", "", "-", "2024-2024-2024"] {
            assert!(!is_common(other), "{other}");
        }
    }
}
