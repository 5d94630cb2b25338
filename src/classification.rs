//! Classification, as the rows record it. The function that classifies is `functions/classify` (SPEC section
//! 4).

mod failure;

use std::borrow::Cow;
use std::time::Duration;

pub use failure::FailureCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::id::{DocumentId, LeaseId, TopicId};
use crate::storage::{EntityTag, Location};

/// How many new topics one document may suggest, however often it is classified (SPEC section 4).
pub const MAX_SUGGESTIONS: u8 = 3;

/// A topic that a document may be classified into.
#[derive(Clone, Debug, Deserialize)]
pub struct CandidateTopic {
    /// Its id.
    pub id: TopicId,
    /// Its name.
    pub name: String,
    /// What it is about, in words.
    pub description: String,
}

/// A document that this worker holds.
#[derive(Debug)]
pub struct Job {
    /// The document.
    pub id: DocumentId,
    /// This worker's claim on it.
    pub lease: LeaseId,
    /// Where its object is.
    pub location: Location,
    /// The entity tag of the object that was charged; none for old documents, of which any object is
    /// accepted.
    pub etag: Option<EntityTag>,
    /// The filename that the client gave.
    pub filename: String,
    /// The content type that the client declared.
    pub content_type: String,
    /// The provider that classifies it.
    pub provider: String,
    /// The provider's name for the model.
    pub model: String,
    /// The system topics and the owner's (D-11).
    pub topics: Vec<CandidateTopic>,
    /// The attempts so far, this one included.
    pub attempts: i32,
}

/// A topic that fits, and how well.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// The topic.
    pub topic: TopicId,
    /// 0 to 1; none if the provider gave none.
    pub confidence: Option<f32>,
}

/// What a provider found.
#[derive(Debug)]
pub struct Outcome {
    /// The topics that fit.
    pub matches: Vec<Match>,
    /// Names of topics that the owner might want, [`MAX_SUGGESTIONS`] at most.
    pub suggestions: Vec<String>,
    /// Whether the model saw only a part of the text.
    pub truncated: bool,
    /// The model that answered.
    pub model: String,
    /// Names the instructions that it was given.
    pub prompt_version: Cow<'static, str>,
}

/// Why a document was classified by its filename and type, and not by its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(examples("image"))]
pub enum WithoutText {
    /// No text was found: a scan, an empty file, or a file that is cut before its first word.
    NoText,
    /// It is a picture.
    Image,
    /// It needs a password.
    Encrypted,
    /// Its format is unknown or not supported.
    UnknownFormat,
    /// It is larger than what is read (`CLASSIFY_MAX_BYTES`).
    TooLarge,
    /// A reason of a later release. Only reading a row gives it: no function writes it.
    #[serde(other)]
    Unknown,
}

impl WithoutText {
    /// The name that the database and the API use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoText => "no_text",
            Self::Image => "image",
            Self::Encrypted => "encrypted",
            Self::UnknownFormat => "unknown_format",
            Self::TooLarge => "too_large",
            Self::Unknown => "unknown",
        }
    }
}

/// Why a job ended without an outcome.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message())]
pub struct ClassificationError {
    /// The stable code of the failure.
    pub code: FailureCode,
    /// What the owner is told beside the code's sentence.
    pub detail: Option<String>,
    /// How long the provider asks to be left alone, if it does; an hour at most.
    pub retry_after: Option<Duration>,
    /// Whether the provider had been asked by then: it may have read the document.
    pub asked: bool,
}

impl ClassificationError {
    /// A problem with a detail for the owner.
    pub fn new(code: FailureCode, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..code.into() }
    }

    /// What the owner is told.
    pub fn message(&self) -> String {
        match &self.detail {
            Some(detail) => format!("{} ({detail})", self.code.sentence()),
            None => self.code.sentence().into(),
        }
    }
}

impl From<FailureCode> for ClassificationError {
    fn from(code: FailureCode) -> Self {
        Self { code, detail: None, retry_after: None, asked: false }
    }
}
