//! The text of a document, as far as it has any.

use super::{Job, Problem};
use crate::extraction::{Extracted, Failure, WithoutText};
use crate::storage::{Object, Storage};
use crate::{Error, config};

/// What was read.
#[derive(Debug, Default)]
pub struct Text {
    /// Empty where the document has none: then filename and type must do.
    pub content: String,
    /// Whether the document has more.
    pub truncated: bool,
}

/// What became of the reading.
#[derive(Debug)]
pub struct Reading {
    /// What providers are given.
    pub text: Text,
    /// Why the text is empty, where it is.
    pub without_text: Option<WithoutText>,
}

/// Reads a document by a child process. What has no text is no problem; what can't be read is one.
pub async fn of(storage: &Storage, config: &config::Classification, job: &Job) -> Result<Reading, Problem> {
    let object = storage
        .read(&job.key)
        .await
        .map_err(unavailable)?
        .ok_or_else(|| Problem::lasting("object_missing", "the stored object is gone".into()))?;
    if object.size_bytes > config.max_bytes {
        return Ok(Reading { text: Text::default(), without_text: Some(WithoutText::TooLarge) });
    }
    match extract(config, object).await? {
        Extracted { without_text: Some(WithoutText::Damaged), format, .. } => {
            let message = format!("the document begins as {format:?} and can't be read as that");
            Err(Problem::lasting("document_damaged", message))
        }
        Extracted { text, truncated, without_text, .. } => {
            Ok(Reading { text: Text { content: text, truncated }, without_text })
        }
    }
}

async fn extract(config: &config::Classification, object: Object) -> Result<Extracted, Problem> {
    config.extractor.read(object.body).await.map_err(|failure| match failure {
        Failure::Source(error) => unavailable(Error::Storage(error.to_string())),
        Failure::Start(error) => {
            let error = Error::Internal(error.to_string());
            Problem::interrupted("extraction_unavailable", "no process to read the document with", &error)
        }
        Failure::Slow => {
            let error = Error::Internal(failure.to_string());
            Problem::interrupted("extraction_slow", "the document was not read in time", &error)
        }
        Failure::Exhausted => {
            Problem::lasting("document_too_complex", "reading the document takes too much time".into())
        }
        Failure::Crashed => Problem::lasting(
            "document_unreadable",
            "reading the document failed, or needs too much memory".into(),
        ),
    })
}

fn unavailable(error: Error) -> Problem {
    Problem::interrupted("store_unavailable", "the document could not be read", &error)
}
