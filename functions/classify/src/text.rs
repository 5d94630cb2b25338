//! Reads the text of a document: fetches the object from its store, and lets a child process extract the
//! text.

use docuvault::classification::{ClassificationError, FailureCode, Job, Pages, Reading, WithoutText};
use docuvault::storage::{Fetched, ObjectBody, Storage};
use extract::{Extracted, Extractor, Format, Image, NoText};

/// The text that a provider is given.
#[derive(Debug, Default)]
pub struct DocumentText {
    /// The text. If it is empty, the document is classified by its filename and type only.
    pub content: String,
    /// Whether the document has more text than this, or could have more.
    pub truncated: bool,
    /// Images of a document without text, if they are to be sent.
    pub images: Vec<Image>,
}

/// Fetches a document from its store and extracts its text, which may be empty. A document larger than
/// `max_bytes` is not read.
///
/// # Errors
/// The document could not be fetched or read. A document that has no text is not an error.
pub async fn read(
    storage: &Storage,
    extractor: &Extractor,
    max_bytes: u64,
    job: &Job,
) -> Result<(DocumentText, Reading), ClassificationError> {
    let fetched = storage.read(&job.location.key, job.etag.as_ref()).await;
    let object = match fetched.map_err(|error| log_read_error(job, FailureCode::StoreUnavailable, &error))? {
        Fetched::Found(object) => object,
        Fetched::Absent => return Err(FailureCode::ObjectMissing.into()),
        Fetched::Changed => return Err(report_changed_object(job)),
    };
    if object.size_bytes > max_bytes {
        let text = DocumentText { truncated: true, ..DocumentText::default() };
        return Ok((text, Reading { without_text: Some(WithoutText::TooLarge), ..Reading::default() }));
    }
    let Extracted { format, text, truncated, no_text, unread_format, pages, images } =
        extract(extractor, object, job).await?;
    let without_text = no_text.map(|reason| reason_for_owner(reason, format)).transpose()?;
    let unread_format = unread_format.filter(|name| is_name(name));
    let reading = Reading { without_text, unread_format, pages: pages.map(count) };
    Ok((DocumentText { content: text, truncated, images }, reading))
}

/// Whether this can be the name of a format. A document that has taken over its child could answer anything.
fn is_name(name: &str) -> bool {
    name.len() <= 40 && name.bytes().all(|sign| sign == b' ' || sign.is_ascii_graphic())
}

/// The numbers of pages, as the database keeps them.
fn count(pages: extract::Pages) -> Pages {
    let number = |pages: u32| i32::try_from(pages).unwrap_or(i32::MAX);
    Pages { total: number(pages.total), without_text: number(pages.without_text) }
}

/// Turns the child's reason for an empty text into the reason that the owner is told. For a damaged document
/// it returns an error instead, because its classification fails.
fn reason_for_owner(reason: NoText, format: Format) -> Result<WithoutText, ClassificationError> {
    match reason {
        NoText::NotFound => Ok(WithoutText::NoText),
        NoText::Image => Ok(WithoutText::Image),
        NoText::Encrypted => Ok(WithoutText::Encrypted),
        NoText::UnknownFormat => Ok(WithoutText::UnknownFormat),
        NoText::Damaged => {
            let detail = format!("it begins like {format:?}, but cannot be read");
            Err(ClassificationError::new(FailureCode::DocumentDamaged, detail))
        }
    }
}

/// Logs an alarm: the stored object is not the one that was confirmed. An upload URL cannot replace a
/// confirmed object, so the store is defective, or somebody with direct access to it replaced the object.
fn report_changed_object(job: &Job) -> ClassificationError {
    tracing::error!(
        alarm = "object_changed",
        document = %job.id,
        "the stored object is not the one that was confirmed"
    );
    FailureCode::ObjectChanged.into()
}

/// Extracts the text. The code of the problem depends on why the child gave no answer.
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
        log_read_error(job, code, &error)
    })
}

/// Logs the error, which the owner does not see. Returns an error that tells the owner only what failed.
fn log_read_error(job: &Job, code: FailureCode, error: &dyn std::error::Error) -> ClassificationError {
    tracing::warn!(document = %job.id, code = code.as_str(), %error, "a document could not be read");
    code.into()
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn a_child_that_is_taken_over_cannot_name_a_format_as_it_likes() {
        assert!(is_name("Apple Pages, Numbers or Keynote"));
        for bad in ["a\0b", "two\nlines", "\u{202e}reversed", &"long".repeat(11)] {
            assert!(!is_name(bad), "{bad:?}");
        }
    }
}
