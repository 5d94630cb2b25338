//! Object keys, the names of objects in the bucket: `{user_id}/{document_id}/{uuid4}{ext}`.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::id::{DocumentId, UserId};

/// The key of a document's object. An object is written once, and its key is never used again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectKey {
    user: UserId,
    document: DocumentId,
    nonce: Uuid,
    extension: Extension,
}

impl ObjectKey {
    /// Creates a new key. It contains a random UUID, so it cannot be guessed.
    pub fn new(user: UserId, document: DocumentId, extension: Extension) -> Self {
        Self { user, document, nonce: Uuid::new_v4(), extension }
    }

    /// The id of the account to which the document belongs.
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// The id of the document to which the object belongs. If the document has no row any more, the object
    /// must be removed.
    pub const fn document(&self) -> DocumentId {
        self.document
    }

    /// The extension, without a dot. It is empty if the key has none.
    pub fn extension(&self) -> &str {
        &self.extension.0
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.user, self.document, self.nonce.hyphenated())?;
        match self.extension.0.as_str() {
            "" => Ok(()),
            extension => write!(f, ".{extension}"),
        }
    }
}

/// A text that is not an object key of the vault.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the object key does not have the form {{owner}}/{{document}}/{{uuid}}{{ext}}")]
pub struct InvalidObjectKey;

impl FromStr for ObjectKey {
    type Err = InvalidObjectKey;

    /// Accepts only texts that [`fmt::Display`] writes, so that every object has exactly one spelling of its
    /// key.
    fn from_str(text: &str) -> Result<Self, InvalidObjectKey> {
        let mut parts = text.splitn(3, '/');
        let mut next = || parts.next().ok_or(InvalidObjectKey);
        let (user, document, name) = (next()?, next()?, next()?);
        let (nonce, extension) = name.split_once('.').unwrap_or((name, ""));
        let id = |text| Uuid::try_parse(text).map_err(|_| InvalidObjectKey);
        let key = Self {
            user: UserId(id(user)?),
            document: DocumentId(id(document)?),
            nonce: id(nonce)?,
            extension: Extension::parse(extension),
        };
        if key.to_string() == text { Ok(key) } else { Err(InvalidObjectKey) }
    }
}

/// The extension of a filename, in lower case. It is empty unless it has at most 16 characters, all of them
/// in `[a-z0-9]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension(String);

impl Extension {
    /// Takes the text after the last dot of a filename, if it is a valid extension.
    pub fn from_filename(filename: &str) -> Self {
        filename.rsplit_once('.').map_or_else(|| Self(String::new()), |(_, extension)| Self::parse(extension))
    }

    fn parse(extension: &str) -> Self {
        let extension = extension.to_lowercase();
        let admitted =
            extension.len() <= 16 && extension.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        Self(if admitted { extension } else { String::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_is_lower_case_alphanumeric_and_short() {
        for (filename, extension) in [
            ("a.PDF", "pdf"),
            ("a.tar.GZ", "gz"),
            ("a", ""),
            (".bashrc", "bashrc"),
            ("a.", ""),
            ("a.p df", ""),
            ("a.ä", ""),
            ("a.0123456789abcdef", "0123456789abcdef"),
            ("a.0123456789abcdefg", ""),
            ("a.b/c", ""),
        ] {
            assert_eq!(Extension::from_filename(filename).0, extension, "{filename}");
        }
    }

    #[test]
    fn only_the_written_form_of_a_key_is_parsed() {
        let key = ObjectKey::new(UserId::new(), DocumentId::new(), Extension::from_filename("a.pdf"));
        let text = key.to_string();
        assert_eq!(text.parse(), Ok(key));
        for invalid in [
            text.to_uppercase(),
            format!("/{text}"),
            format!("{text}/"),
            text.replace('-', ""),
            format!("{text}."),
        ] {
            assert_eq!(invalid.parse::<ObjectKey>(), Err(InvalidObjectKey), "{invalid}");
        }
    }
}
