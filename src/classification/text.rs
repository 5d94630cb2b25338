//! The text of a document, as far as it has any.

use super::{Job, Problem};
use crate::extraction::{Extracted, Failure, WithoutText};
use crate::storage::{Fetched, ObjectBody, Storage};
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
    let object = match storage.read(&job.key, job.etag.as_ref()).await.map_err(unavailable)? {
        Fetched::Found(object) => object,
        Fetched::Absent => {
            return Err(Problem::lasting("object_missing", "the stored object is gone".into()));
        }
        Fetched::Changed => return Err(changed(job)),
    };
    if object.size_bytes > config.max_bytes {
        let text = Text { content: String::new(), truncated: true };
        return Ok(Reading { text, without_text: Some(WithoutText::TooLarge) });
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

/// Nobody who has a URL can do it: a defect of the store, or somebody with rights of their own there.
fn changed(job: &Job) -> Problem {
    tracing::error!(alarm = "object_changed", document = %job.id, "not the object that was confirmed");
    Problem::lasting("object_changed", "the stored object is not the one that was confirmed".into())
}

async fn extract(config: &config::Classification, object: ObjectBody) -> Result<Extracted, Problem> {
    config.extractor.read(object.body).await.map_err(|failure| match failure {
        Failure::Source(error) => unavailable(Error::Storage(error.to_string())),
        Failure::Start(error) => {
            let error = Error::internal(error);
            Problem::interrupted("extraction_unavailable", "no process to read the document with", &error)
        }
        Failure::Slow => {
            let error = Error::internal(failure);
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
