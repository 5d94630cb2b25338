//! The check of a suspect at the store.

use docuvault::db::audit::Suspect;
use docuvault::storage::{InvalidObjectKey, ObjectKey, Storage, StoredObject, is_refusal};
use docuvault::{Error, Result};

/// The result of a check.
pub(crate) enum Checked {
    /// The store shows what was suspected, with this object or without one.
    Shown(Option<StoredObject>),
    /// Nothing is wrong.
    InOrder,
    /// Nobody can check the suspect, for this reason. Later checks would have the same result.
    Impossible(Error),
}

/// Asks the store for the object of a suspect.
///
/// # Errors
/// The store does not answer, or has a problem that may pass.
pub(crate) async fn check(storage: &Storage, suspect: &Suspect) -> Result<Checked> {
    let key: ObjectKey = match suspect.key.parse() {
        Ok(key) => key,
        Err(reason @ InvalidObjectKey) => return Ok(Checked::Impossible(Error::internal(reason))),
    };
    match storage.measure(&key).await {
        Ok(stored) if suspect.is_shown_by(stored.as_ref()) => Ok(Checked::Shown(stored)),
        Ok(_) => Ok(Checked::InOrder),
        Err(error) if is_refusal(&error) => Ok(Checked::Impossible(error)),
        Err(error) => Err(error),
    }
}
