//! The text of a document, as far as it has any.

use docuvault::classification::{FailureCode, Job, Problem, WithoutText};
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
    let object = match storage
        .read(&job.key, job.etag.as_ref())
        .await
        .map_err(|error| interrupted(FailureCode::StoreUnavailable, &error))?
    {
        Fetched::Found(object) => object,
        Fetched::Absent => return Err(FailureCode::ObjectMissing.into()),
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
            let detail = format!("it begins as {format:?} and cannot be read as that");
            Err(Problem::new(FailureCode::DocumentDamaged, detail))
        }
    }
}

/// Nobody who has a URL can do it: a defect of the store, or somebody with rights of their own there.
fn changed(job: &Job) -> Problem {
    tracing::error!(alarm = "object_changed", document = %job.id, "not the object that was confirmed");
    FailureCode::ObjectChanged.into()
}

async fn extract(extractor: &Extractor, object: ObjectBody) -> Result<Extracted, Problem> {
    extractor.read(object.body).await.map_err(|error| {
        let code = match error {
            extract::Error::Source(_) => FailureCode::StoreUnavailable,
            extract::Error::Start(_) => FailureCode::ExtractionUnavailable,
            extract::Error::Slow => FailureCode::ExtractionSlow,
            extract::Error::Exhausted => FailureCode::DocumentTooComplex,
            extract::Error::Crashed => FailureCode::DocumentUnreadable,
        };
        interrupted(code, &error)
    })
}

/// The owner is told what failed; the log says how.
fn interrupted(code: FailureCode, error: &dyn std::error::Error) -> Problem {
    tracing::warn!(code = code.as_str(), %error, "the document could not be read");
    code.into()
}
