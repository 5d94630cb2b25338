//! Backends: the stores that documents may be in. A document's row says which store has its object, and
//! [`Stores`] has the client of each.

use std::str::FromStr;

use super::{ObjectKey, Storage};
use crate::config::ConfigError;

/// A store that documents may be in. Rows name it in their column `storage_backend`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backend {
    /// The bucket `S3_BUCKET` of S3 or MinIO. New documents go there.
    #[default]
    S3,
}

impl Backend {
    /// The stores that this release knows.
    pub const ALL: [Self; 1] = [Self::S3];

    /// The name that rows have.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::S3 => "s3",
        }
    }
}

/// A row names a store that this release does not know.
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

/// Where the bytes of a document are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The store that keeps the object.
    pub backend: Backend,
    /// The object's key there.
    pub key: ObjectKey,
}

/// The client of each backend.
#[derive(Clone)]
pub struct Stores {
    /// The client of [`Backend::S3`].
    pub s3: Storage,
}

impl Stores {
    /// Reads from the environment where each store is.
    pub fn from_env() -> Result<Self, ConfigError> {
        Ok(Self { s3: Storage::from_env()? })
    }

    /// Makes the clients now, and not at the first request. A function that only signs needs none.
    #[must_use]
    pub fn warm(self) -> Self {
        Self { s3: self.s3.warm() }
    }

    /// The client of this backend.
    pub const fn get(&self, backend: Backend) -> &Storage {
        match backend {
            Backend::S3 => &self.s3,
        }
    }

    /// The backend whose bucket has this name. Events name the bucket.
    pub fn find_backend(&self, bucket: &str) -> Option<Backend> {
        (bucket == self.s3.bucket()).then_some(Backend::S3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backend_is_read_as_it_was_written_and_an_unknown_one_is_named() {
        assert_eq!(Backend::S3.as_str().parse(), Ok(Backend::S3));
        let unknown = "tape".parse::<Backend>().unwrap_err().to_string();
        assert!(unknown.contains("\"tape\""), "{unknown}");
    }
}
