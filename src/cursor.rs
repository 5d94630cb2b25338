//! Opaque places in a list: the last id seen, tied to its reader.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::id::{DocumentId, UserId};
use crate::{Error, Result};

/// The place after `last` in the list of `user`.
pub fn write(user: UserId, last: DocumentId) -> String {
    URL_SAFE_NO_PAD.encode([user.0.into_bytes(), last.0.into_bytes()].concat())
}

/// Reads a cursor back; one that is malformed or another user's is refused alike.
pub fn read(user: UserId, cursor: &str) -> Result<DocumentId> {
    let refused = || Error::Invalid("the cursor is not one of this list".into());
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refused())?;
    let last = bytes.strip_prefix(user.0.as_bytes()).ok_or_else(refused)?;
    Uuid::from_slice(last).map(DocumentId).map_err(|_| refused())
}
