//! The text of a document, as far as it has any.

use super::{Job, Problem};
use crate::document::ContentType;
use crate::storage::Storage;

/// How much of an object is read, in bytes.
const MOST: u64 = 1024 * 1024;

/// Types whose bytes are the text.
const PLAIN: [&str; 3] = ["text/plain", "text/markdown", "text/csv"];

/// What was read.
#[derive(Debug, Default)]
pub struct Text {
    /// Empty where the type has none: then filename and type must do.
    pub content: String,
    /// Whether the object goes on.
    pub truncated: bool,
}

/// Reads the start of a plain-text object; anything else has no text yet.
pub async fn of(storage: &Storage, job: &Job) -> Result<Text, Problem> {
    let essence =
        ContentType::try_from(job.content_type.clone()).map(|kind| kind.essence()).unwrap_or_default();
    if !PLAIN.contains(&essence.as_str()) {
        return Ok(Text::default());
    }
    let mut bytes = storage
        .read_start(&job.key, MOST + 1)
        .await
        .map_err(|error| Problem::passing("store_unavailable", "the document could not be read", &error))?
        .ok_or_else(|| Problem::lasting("object_missing", "the stored object is gone".into()))?;
    let truncated = bytes.len() > MOST as usize;
    bytes.truncate(MOST as usize);
    Ok(Text { content: String::from_utf8_lossy(&bytes).into_owned(), truncated })
}
