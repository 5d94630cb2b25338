//! Storage backends: the object stores in which documents may be. A document's row names the backend that has
//! its object, and [`Stores`] has a client for each.

use std::str::FromStr;

use super::{ObjectKey, Storage};
use crate::config::ConfigError;

/// An object store in which documents may be. The column `storage_backend` contains its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backend {
    /// The bucket `S3_BUCKET` in S3 or MinIO. All new documents go there.
    #[default]
    S3,
}

impl Backend {
    /// All backends that this release knows.
    pub const ALL: [Self; 1] = [Self::S3];

    /// The name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::S3 => "s3",
        }
    }
}

/// A row names a backend that this release does not know.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the storage backend {0:?} is unknown: a release that knows it must handle its documents")]
pub struct UnknownBackend(String);

impl FromStr for Backend {
    type Err = UnknownBackend;

    fn from_str(name: &str) -> Result<Self, UnknownBackend> {
        let known = Self::ALL.into_iter().find(|backend| backend.as_str() == name);
        known.ok_or_else(|| UnknownBackend(name.to_owned()))
    }
}

/// The place of a document's object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The backend that has the object.
    pub backend: Backend,
    /// The object's key in that backend.
    pub key: ObjectKey,
}

/// The clients of all backends.
#[derive(Clone)]
pub struct Stores {
    /// The client of [`Backend::S3`].
    pub s3: Storage,
}

impl Stores {
    /// Creates the clients from environment variables.
    ///
    /// # Errors
    /// A variable is missing or wrong.
    pub fn from_env() -> Result<Self, ConfigError> {
        Ok(Self { s3: Storage::from_env()? })
    }

    /// Creates the SDK's clients now, so that the first request need not ([`Storage::warm`]). A function that
    /// only signs URLs does not need them.
    #[must_use]
    pub fn warm(self) -> Self {
        Self { s3: self.s3.warm() }
    }

    /// Returns the client of this backend.
    pub const fn get(&self, backend: Backend) -> &Storage {
        match backend {
            Backend::S3 => &self.s3,
        }
    }

    /// Returns the backend whose bucket has this name, if there is one. Events of a store contain the name of
    /// its bucket.
    pub fn find_backend(&self, bucket: &str) -> Option<Backend> {
        (bucket == self.s3.bucket()).then_some(Backend::S3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backend_is_parsed_and_the_error_quotes_an_unknown_one() {
        assert_eq!(Backend::S3.as_str().parse(), Ok(Backend::S3));
        let unknown = "tape".parse::<Backend>().unwrap_err().to_string();
        assert!(unknown.contains("\"tape\""), "{unknown}");
    }
}
