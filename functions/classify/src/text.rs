//! The text of a document, as far as it has any.

use docuvault::Error;
use docuvault::classification::{Job, Problem, WithoutText};
use docuvault::storage::{Fetched, ObjectBody, Storage};
use extract::{Extracted, Extractor, Format, NoText};

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

/// Reads a document by a child process, unless it is larger than `max_bytes`. A document without text is no problem; one that cannot
/// be read is.
pub async fn read(
    storage: &Storage,
    extractor: &Extractor,
    max_bytes: u64,
    job: &Job,
) -> Result<Reading, Problem> {
    let object = match storage.read(&job.key, job.etag.as_ref()).await.map_err(unavailable)? {
        Fetched::Found(object) => object,
        Fetched::Absent => {
            return Err(Problem::lasting("object_missing", "the stored object is gone".into()));
        }
        Fetched::Changed => return Err(changed(job)),
    };
    if object.size_bytes > max_bytes {
        let text = Text { content: String::new(), truncated: true };
        return Ok(Reading { text, without_text: Some(WithoutText::TooLarge) });
    }
    let Extracted { format, text, truncated, no_text } = extract(extractor, object).await?;
    let without_text = no_text.map(|reason| without_text(reason, format)).transpose()?;
    Ok(Reading { text: Text { content: text, truncated }, without_text })
}

/// What the row says of a document that gives no text; damage fails it.
fn without_text(reason: NoText, format: Format) -> Result<WithoutText, Problem> {
    match reason {
        NoText::NotFound => Ok(WithoutText::NoText),
        NoText::Image => Ok(WithoutText::Image),
        NoText::Encrypted => Ok(WithoutText::Encrypted),
        NoText::UnknownFormat => Ok(WithoutText::UnknownFormat),
        NoText::Damaged => {
            let message = format!("the document begins as {format:?} and can't be read as that");
            Err(Problem::lasting("document_damaged", message))
        }
    }
}

/// Nobody who has a URL can do it: a defect of the store, or somebody with rights of their own there.
fn changed(job: &Job) -> Problem {
    tracing::error!(alarm = "object_changed", document = %job.id, "not the object that was confirmed");
    Problem::lasting("object_changed", "the stored object is not the one that was confirmed".into())
}

async fn extract(extractor: &Extractor, object: ObjectBody) -> Result<Extracted, Problem> {
    extractor.read(object.body).await.map_err(|error| match error {
        extract::Error::Source(source) => unavailable(Error::Storage(source.to_string())),
        extract::Error::Start(source) => {
            let error = Error::internal(source);
            Problem::interrupted("extraction_unavailable", "no process to read the document with", &error)
        }
        extract::Error::Slow => {
            let error = Error::internal(error);
            Problem::interrupted("extraction_slow", "the document was not read in time", &error)
        }
        extract::Error::Exhausted => {
            Problem::lasting("document_too_complex", "reading the document takes too much time".into())
        }
        extract::Error::Crashed => Problem::lasting(
            "document_unreadable",
            "reading the document failed, or needs too much memory".into(),
        ),
    })
}

fn unavailable(error: Error) -> Problem {
    Problem::interrupted("store_unavailable", "the document could not be read", &error)
}
