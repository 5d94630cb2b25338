//! Reads a row as a document.

use serde::Deserialize;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use super::super::read_enum;
use crate::document::{Classification, Confidence, Document, DocumentTopic, Failure};
use crate::id::TopicId;
use crate::{Error, Result, name};

/// The columns of a document `d` from which [`read_document`] builds the document, in the order in which it
/// reads them.
pub(super) const DOCUMENT_COLUMNS: &str =
    "d.id, d.filename, d.content_type, d.size_bytes, d.sha256, d.status, d.created_at, d.confirmed_at,
    d.failure_code, d.failure_message, d.failure_provider, d.failure_model, d.failure_images_sent,
    d.ai_provider, d.ai_model, d.prompt_version, d.truncated, d.without_text, d.unread_format, d.pages,
    d.pages_without_text, d.images_sent, d.classified_at";

/// Joins the topics of a document `d`, sorted by name. There is one array for each field of
/// [`DocumentTopic`].
pub(super) const JOIN_TOPICS: &str = "left join lateral (
        select array_agg(t.id) as topic_ids, array_agg(t.name) as topic_names, array_agg(t.system) as topic_systems,
            array_agg(t.manual) as topic_manuals, array_agg(t.confidence) as topic_confidences
        from (
            select t.id, t.name, t.user_id is null as system, dt.manual, dt.confidence
            from document_topics dt join topics t on t.id = dt.topic_id
            where dt.document_id = d.id and not dt.dismissed
            order by t.name
        ) t
    ) t on true";

/// Builds the document from a row. The row's columns are, in this order: the account's standing,
/// [`DOCUMENT_COLUMNS`], and the columns of [`JOIN_TOPICS`].
pub(super) fn read_document(row: &Row) -> Result<Document> {
    let mut columns = Columns { row, next: 1 };
    Ok(Document {
        id: columns.read()?,
        filename: name::isolate(columns.read()?),
        content_type: columns.read()?,
        size_bytes: columns.read()?,
        sha256: columns.read()?,
        status: columns.read_enum()?.ok_or_else(|| Error::Database("a document has no status".into()))?,
        created_at: columns.read()?,
        confirmed_at: columns.read()?,
        failure: read_failure(&mut columns)?,
        classification: read_classification(&mut columns)?,
        topics: read_topics(&mut columns)?,
    })
}

/// Reads columns from left to right. Finding each column by its name would take a twentieth of
/// the instructions of a request for a list of documents (docs/SPEED.md).
struct Columns<'row> {
    row: &'row Row,
    next: usize,
}

impl<'row> Columns<'row> {
    fn read<T: FromSql<'row>>(&mut self) -> Result<T> {
        let value = self.row.try_get(self.next)?;
        self.next += 1;
        Ok(value)
    }

    fn read_enum<T: for<'de> Deserialize<'de>>(&mut self) -> Result<Option<T>> {
        let value = read_enum(self.row, self.next)?;
        self.next += 1;
        Ok(value)
    }
}

fn read_failure(columns: &mut Columns<'_>) -> Result<Option<Failure>> {
    let code = columns.read_enum()?;
    let message: Option<String> = columns.read()?;
    let (provider, model) = (columns.read_enum()?, columns.read()?);
    let images_sent = columns.read::<Option<_>>()?.unwrap_or_default();
    let message = message.unwrap_or_default();
    Ok(code.map(|code| Failure { code, message, provider, model, images_sent }))
}

fn read_classification(columns: &mut Columns<'_>) -> Result<Option<Classification>> {
    let (provider, model) = (columns.read_enum()?, columns.read::<Option<_>>()?);
    let (prompt_version, truncated) = (columns.read()?, columns.read::<Option<_>>()?);
    let (without_text, unread_format) = (columns.read_enum()?, columns.read()?);
    let (pages, pages_without_text) = (columns.read()?, columns.read()?);
    let images_sent = columns.read::<Option<_>>()?;
    let Some(classified_at) = columns.read()? else { return Ok(None) };
    let incomplete = || Error::Database("a classification has no provider or model".into());
    Ok(Some(Classification {
        provider: provider.ok_or_else(incomplete)?,
        model: model.ok_or_else(incomplete)?,
        prompt_version,
        truncated: truncated.unwrap_or_default(),
        without_text,
        unread_format,
        pages,
        pages_without_text,
        images_sent: images_sent.unwrap_or_default(),
        classified_at,
    }))
}

fn read_topics(columns: &mut Columns<'_>) -> Result<Vec<DocumentTopic>> {
    let Some(ids) = columns.read::<Option<Vec<TopicId>>>()? else { return Ok(Vec::new()) };
    let (names, systems): (Vec<String>, Vec<bool>) = (columns.read()?, columns.read()?);
    let (manuals, confidences): (Vec<bool>, Vec<Option<Confidence>>) = (columns.read()?, columns.read()?);
    let fields = ids.into_iter().zip(names).zip(systems).zip(manuals).zip(confidences);
    let topic =
        |((((id, name), system), manual), confidence)| DocumentTopic { confidence, id, manual, name, system };
    Ok(fields.map(topic).collect())
}
