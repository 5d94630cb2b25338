//! The filters of a list of documents.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::file::Filename;
use crate::id::TopicId;
use crate::page::PageQuery;
use crate::{Error, Result, name};

/// How far a document has come.
///
/// - `pending`: its upload is not confirmed.
/// - `uploaded`: it is confirmed, and will be classified.
/// - `classified`: it is classified.
/// - `classification_failed`: its classification was given up; `failure` says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(examples("classified"))]
pub enum Status {
    /// Its upload was begun; nothing is charged.
    Pending,
    /// Confirmed and charged, not yet classified.
    Uploaded,
    /// Classified.
    Classified,
    /// Its classification failed, with a reason.
    ClassificationFailed,
}

impl Status {
    /// The name that the database and the API use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Uploaded => "uploaded",
            Self::Classified => "classified",
            Self::ClassificationFailed => "classification_failed",
        }
    }
}

/// Which documents to list, and which page of them.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DocumentQuery {
    /// Only documents with this status.
    pub status: Option<Status>,
    /// Only documents with this topic.
    pub topic: Option<TopicId>,
    /// Only documents whose filename contains this text. Case, white space and Unicode spelling make no
    /// difference.
    #[param(max_length = 255, example = "invoice")]
    pub q: Option<String>,
    /// How many items a page has at most.
    #[param(minimum = 1, maximum = 100, default = 50, example = 20)]
    pub limit: Option<usize>,
    /// The `next_cursor` of the page before. A cursor belongs to one list and one account.
    #[param(max_length = 100, example = "AZwTY0nAcAC...")]
    pub cursor: Option<String>,
}

/// What to list.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Only documents with this status; none: all that are not pending.
    pub status: Option<Status>,
    /// Only documents with this topic.
    pub topic: Option<TopicId>,
    /// Only documents whose [name key](name::key) contains this key.
    pub q: Option<String>,
}

impl Filter {
    /// Parts the query of a list: which documents, and which page.
    pub fn parse(query: DocumentQuery) -> Result<(Self, PageQuery)> {
        let DocumentQuery { status, topic, q, limit, cursor } = query;
        if q.as_ref().is_some_and(|q| q.chars().count() > Filename::MAX_CHARACTERS || q.contains('\0')) {
            return Err(Error::Invalid("q is a part of a filename: at most 255 characters".into()));
        }
        let q = q.map(|q| name::key(&q)).filter(|q| !q.is_empty());
        Ok((Self { status, topic, q }, PageQuery { limit, cursor }))
    }
}
