//! The filters of a list of documents.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::file::Filename;
use crate::id::TopicId;
use crate::page::PageQuery;
use crate::{Error, Result, name};

/// The status of a document.
///
/// - `pending`: the upload is not confirmed yet.
/// - `uploaded`: the upload is confirmed, and the document waits for its classification.
/// - `classified`: the document is classified.
/// - `classification_failed`: the classification failed; `failure` has the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(examples("classified"))]
pub enum Status {
    /// The upload is not confirmed yet, and nothing is charged.
    Pending,
    /// The upload is confirmed and charged, and the document waits for its classification.
    Uploaded,
    /// The document is classified.
    Classified,
    /// The classification failed, and the row has the reason.
    ClassificationFailed,
}

impl Status {
    /// The name in the database and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Uploaded => "uploaded",
            Self::Classified => "classified",
            Self::ClassificationFailed => "classification_failed",
        }
    }
}

/// The parameters of a list of documents: filters, and the page.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DocumentQuery {
    /// Only documents with this status.
    pub status: Option<Status>,
    /// Only documents with this topic.
    pub topic: Option<TopicId>,
    /// Only documents whose filename contains this text. Case, white space and different Unicode encodings of
    /// the same text make no difference.
    #[param(max_length = 255, example = "invoice")]
    pub q: Option<String>,
    /// The most items on a page.
    #[param(minimum = 1, maximum = 100, default = 50, example = 20)]
    pub limit: Option<usize>,
    /// The `next_cursor` of the previous page. A cursor is valid for one list and one account only.
    #[param(max_length = 100, example = "AZwTY0nAcAC...")]
    pub cursor: Option<String>,
}

/// The parsed filters of a list of documents.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Only documents with this status. `None`: all documents but pending ones.
    pub status: Option<Status>,
    /// Only documents with this topic.
    pub topic: Option<TopicId>,
    /// Only documents whose [name key](name::key) contains this key.
    pub q: Option<String>,
}

impl Filter {
    /// Checks the parameters of a list, and splits them into the filter and the page.
    ///
    /// # Errors
    /// [`Error::Invalid`] if `q` is too long or contains U+0000, which Postgres cannot store.
    pub fn parse(query: DocumentQuery) -> Result<(Self, PageQuery)> {
        let DocumentQuery { status, topic, q, limit, cursor } = query;
        if q.as_ref().is_some_and(|q| q.chars().count() > Filename::MAX_CHARACTERS || q.contains('\0')) {
            return Err(Error::Invalid("q must have at most 255 characters, and no null character".into()));
        }
        let q = q.map(|q| name::key(&q)).filter(|q| !q.is_empty());
        Ok((Self { status, topic, q }, PageQuery { limit, cursor }))
    }
}
