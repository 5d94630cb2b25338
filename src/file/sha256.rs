//! SHA-256 checksums of files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use utoipa::ToSchema;

/// A SHA-256 checksum, as 64 lower-case hexadecimal digits.
// The headers of the store contain it in base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(
    value_type = String, pattern = "^[0-9a-f]{64}$",
    examples("5ffa8aff235214c92bfec5dcc54129187cfdf0fabe16b62011dce198b492c6b6")
)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// The checksum in base64, as the store's headers contain it.
    pub fn to_base64(self) -> String {
        STANDARD.encode(self.0)
    }

    /// Reads a checksum from a header of the store. `None` if it is not a SHA-256 of the whole object, such
    /// as the checksum of a multipart upload.
    pub fn from_base64(text: &str) -> Option<Self> {
        STANDARD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// The checksum as lower-case hexadecimal digits, as in the API and the database.
    pub fn to_hex(self) -> String {
        hex::encode(self.0)
    }
}

impl TryFrom<String> for Sha256 {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut sum = [0; 32];
        let is_lower_case = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        match hex::decode_to_slice(text, &mut sum) {
            Ok(()) if is_lower_case => Ok(Self(sum)),
            _ => Err("sha256 must be 64 lower-case hexadecimal digits"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_converted_between_hex_and_base64() {
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let sum = Sha256::try_from(hex.to_owned()).unwrap();
        assert_eq!(sum.to_base64(), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(Sha256::from_base64(&sum.to_base64()).unwrap().to_hex(), hex);
        for wrong in
            [&hex.to_uppercase(), &hex[2..], &hex[1..], &format!("{hex}00"), &hex.replace('5', "g"), ""]
        {
            assert!(Sha256::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
