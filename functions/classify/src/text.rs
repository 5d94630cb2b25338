//! The text of a document.

use docuvault::classification::{ClassificationError, FailureCode, Job, WithoutText};
use docuvault::storage::{Fetched, ObjectBody, Storage};
use extract::{Extracted, Extractor, Format, NoText};

/// The text that a provider is given.
#[derive(Debug, Default)]
pub struct DocumentText {
    /// The text. It is empty if the document has none: then only its filename and type are classified.
    pub content: String,
    /// Whether the document has more text than this, or may have.
    pub truncated: bool,
}

/// The result of reading a document.
#[derive(Debug)]
pub struct Reading {
    /// The text.
    pub text: DocumentText,
    /// Why the text is empty; none if it is not.
    pub without_text: Option<WithoutText>,
}

/// Fetches a document from its store and has it read, unless it is larger than `max_bytes`.
///
/// # Errors
/// The document could not be fetched or read. That it has no text is no error.
pub async fn read(
    storage: &Storage,
    extractor: &Extractor,
    max_bytes: u64,
    job: &Job,
) -> Result<Reading, ClassificationError> {
    let fetched = storage.read(&job.location.key, job.etag.as_ref()).await;
    let object = match fetched.map_err(|error| failed(job, FailureCode::StoreUnavailable, &error))? {
        Fetched::Found(object) => object,
        Fetched::Absent => return Err(FailureCode::ObjectMissing.into()),
        Fetched::Changed => return Err(changed(job)),
    };
    if object.size_bytes > max_bytes {
        let text = DocumentText { content: String::new(), truncated: true };
        return Ok(Reading { text, without_text: Some(WithoutText::TooLarge) });
    }
    let Extracted { format, text, truncated, no_text } = extract(extractor, object, job).await?;
    let without_text = no_text.map(|reason| without_text(reason, format)).transpose()?;
    Ok(Reading { text: DocumentText { content: text, truncated }, without_text })
}

/// The owner is told why there is no text. A damaged document fails.
fn without_text(reason: NoText, format: Format) -> Result<WithoutText, ClassificationError> {
    match reason {
        NoText::NotFound => Ok(WithoutText::NoText),
        NoText::Image => Ok(WithoutText::Image),
        NoText::Encrypted => Ok(WithoutText::Encrypted),
        NoText::UnknownFormat => Ok(WithoutText::UnknownFormat),
        NoText::Damaged => {
            let detail = format!("it begins as {format:?} and cannot be read as that");
            Err(ClassificationError::new(FailureCode::DocumentDamaged, detail))
        }
    }
}

/// No holder of an upload URL can replace a confirmed object. So the store is defective, or somebody with own
/// rights to it did this.
fn changed(job: &Job) -> ClassificationError {
    tracing::error!(
        alarm = "object_changed",
        document = %job.id,
        "the stored object is not the one that was confirmed"
    );
    FailureCode::ObjectChanged.into()
}

async fn extract(
    extractor: &Extractor,
    object: ObjectBody,
    job: &Job,
) -> Result<Extracted, ClassificationError> {
    extractor.read(object.body).await.map_err(|error| {
        let code = match error {
            extract::Error::Source(_) => FailureCode::StoreUnavailable,
            extract::Error::Start(_) => FailureCode::ExtractionUnavailable,
            extract::Error::Slow => FailureCode::ExtractionSlow,
            extract::Error::Exhausted => FailureCode::DocumentTooComplex,
            extract::Error::Crashed => FailureCode::DocumentUnreadable,
        };
        failed(job, code, &error)
    })
}

/// The owner is told what failed. The log says how.
fn failed(job: &Job, code: FailureCode, error: &dyn std::error::Error) -> ClassificationError {
    tracing::warn!(document = %job.id, code = code.as_str(), %error, "a document could not be read");
    code.into()
}
