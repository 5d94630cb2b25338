//! Types of the classification of documents, as database rows record it. The package `functions/classify`
//! classifies.

mod failure;

use std::borrow::Cow;
use std::time::Duration;

pub use failure::FailureCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::id::{DocumentId, LeaseId, TopicId};
use crate::storage::{EntityTag, Location};

/// The largest number of new topics that may be suggested for one document, however often it is classified.
pub const MAX_SUGGESTIONS: u8 = 3;

/// A topic that a classification may give to a document.
#[derive(Clone, Debug, Deserialize)]
pub struct CandidateTopic {
    /// The topic's id.
    pub id: TopicId,
    /// The topic's name.
    pub name: String,
    /// The topic's description, which tells the provider what belongs to the topic.
    pub description: String,
}

/// A document on which this worker has a lease, with all that its classification needs.
#[derive(Debug)]
pub struct Job {
    /// The document's id.
    pub id: DocumentId,
    /// The id of the lease. Statements that end the classification compare it.
    pub lease: LeaseId,
    /// The store and the key of the document's object.
    pub location: Location,
    /// The entity tag of the object that was confirmed. `None` for documents that were confirmed before tags
    /// were stored: any object is accepted for them.
    pub etag: Option<EntityTag>,
    /// The filename that the client declared.
    pub filename: String,
    /// The content type that the client declared.
    pub content_type: String,
    /// The name of the provider that classifies the document.
    pub provider: String,
    /// The model, as the provider names it.
    pub model: String,
    /// All topics that the document may get: the system topics and the owner's own topics.
    pub topics: Vec<CandidateTopic>,
    /// The number of attempts so far, including this one.
    pub attempts: i32,
}

/// A topic that fits a document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// The topic's id.
    pub topic: TopicId,
    /// The provider's confidence that the topic fits, from 0 to 1. `None` if the provider states none.
    pub confidence: Option<f32>,
}

/// The result of a successful classification.
#[derive(Debug)]
pub struct Outcome {
    /// The topics that fit.
    pub matches: Vec<Match>,
    /// Names of new topics that the provider suggests to the owner, at most [`MAX_SUGGESTIONS`].
    pub suggestions: Vec<String>,
    /// True if the provider got only a part of the document's text.
    pub truncated: bool,
    /// How many images of the document were sent to the provider, also if it refused them and answered
    /// without them.
    pub images: usize,
    /// The model that answered.
    pub model: String,
    /// The version of the instructions that the model got.
    pub prompt_version: Cow<'static, str>,
}

/// The number of pages of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pages {
    /// All pages that were found.
    pub total: i32,
    /// The pages on which no text was found, such as scans.
    pub without_text: i32,
}

/// What reading a document told, beside its text.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The reason why the document has no text, or `None` if it has.
    pub without_text: Option<WithoutText>,
    /// The name of the document's format, if it is known but not read.
    pub unread_format: Option<String>,
    /// The document's pages, if its format has a fixed number of them.
    pub pages: Option<Pages>,
}

/// The reason why a document was classified without its text: by its filename and content type, and by
/// images of it, if the model got any.
///
/// - `no_text`: no text was found in it.
/// - `image`: it is a picture.
/// - `encrypted`: it needs a password.
/// - `unknown_format`: its format is unknown or not supported.
/// - `too_large`: it is larger than the limit up to which documents are read.
/// - `unknown`: another reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(examples("image"))]
pub enum WithoutText {
    /// No text was found in the document: it is a scan, an empty file, or a file that was cut off before its
    /// first word.
    NoText,
    /// The document is a picture.
    Image,
    /// The document is encrypted with a password.
    Encrypted,
    /// The document's format is unknown or not supported.
    UnknownFormat,
    /// The document is larger than `CLASSIFY_MAX_BYTES`.
    TooLarge,
    /// A reason that only a later release knows. It can be read from a row, but this release never writes it.
    #[serde(other)]
    Unknown,
}

impl WithoutText {
    /// The name in the database and in the API.
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

/// The error that ended an attempt to classify a document.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message())]
pub struct ClassificationError {
    /// The stable code of the error, which the owner sees.
    pub code: FailureCode,
    /// A detail that the owner sees after the code's sentence, if there is one.
    pub detail: Option<String>,
    /// The time to wait before the next request, if the provider asked for one. It is at most an hour.
    pub retry_after: Option<Duration>,
    /// True if the request had been sent to the provider, which may have read the document.
    pub provider_asked: bool,
    /// How many images of the document were in that request.
    pub images: usize,
}

impl ClassificationError {
    /// Creates an error with a detail for the owner.
    pub fn new(code: FailureCode, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..code.into() }
    }

    /// The text that the owner sees: the code's sentence, and the detail in parentheses.
    pub fn message(&self) -> String {
        match &self.detail {
            Some(detail) => format!("{} ({detail})", self.code.sentence()),
            None => self.code.sentence().into(),
        }
    }
}

impl From<FailureCode> for ClassificationError {
    fn from(code: FailureCode) -> Self {
        Self { code, detail: None, retry_after: None, provider_asked: false, images: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_one_name() {
        use WithoutText::{Encrypted, Image, NoText, TooLarge, Unknown, UnknownFormat};
        for reason in [NoText, Image, Encrypted, UnknownFormat, TooLarge, Unknown] {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
    }
}
