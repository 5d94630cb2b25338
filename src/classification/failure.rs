//! Why a document could not be classified.

use std::str::FromStr;

use serde::de::IntoDeserializer as _;
use serde::de::value::{Error as UnknownCode, StrDeserializer};
use serde::{Deserialize, Serialize};

/// A failure of classification, as the owner is told it. The codes never change: clients rely on them (`docs/FAILURES.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "their sentences say what they mean")]
pub enum FailureCode {
    DocumentDamaged,
    DocumentUnreadable,
    DocumentTooComplex,
    ObjectMissing,
    ObjectChanged,
    StoreUnavailable,
    ExtractionUnavailable,
    ExtractionSlow,
    AttemptsExhausted,
    ProviderUnknown,
    ProviderNotConfigured,
    ProviderUnauthorized,
    ProviderModelUnknown,
    ProviderRejected,
    ProviderRedirected,
    PromptTooLong,
    AnswerRefused,
    ProviderRateLimited,
    ProviderUnavailable,
    ProviderTimeout,
    ProviderUnreachable,
    ProviderTlsFailed,
    AnswerCut,
    AnswerTooLarge,
    AnswerUnreadable,
}

/// What follows a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// Another attempt: it may go better.
    Retry,
    /// The end: another attempt would fail alike.
    End,
}

impl FailureCode {
    /// As the database and the API write it.
    pub const fn as_str(self) -> &'static str {
        self.row().0
    }

    /// What the owner is told.
    pub const fn sentence(self) -> &'static str {
        self.row().2
    }

    /// Whether another attempt would fail alike.
    pub fn is_lasting(self) -> bool {
        self.row().1 == Then::End
    }

    #[rustfmt::skip]
    const fn row(self) -> (&'static str, Then, &'static str) {
        use Then::{End, Retry};
        match self {
            Self::DocumentDamaged => ("document_damaged", End, "the file is damaged"),
            Self::DocumentUnreadable => ("document_unreadable", End, "the file crashed the program that reads documents, or needs too much memory"),
            Self::DocumentTooComplex => ("document_too_complex", End, "reading the file takes too much computing time"),
            Self::ObjectMissing => ("object_missing", End, "the stored file is gone"),
            Self::ObjectChanged => ("object_changed", End, "the stored file is not the one that was confirmed"),
            Self::StoreUnavailable => ("store_unavailable", Retry, "the stored file could not be fetched"),
            Self::ExtractionUnavailable => ("extraction_unavailable", Retry, "the program that reads documents could not be started"),
            Self::ExtractionSlow => ("extraction_slow", Retry, "the file was not read in time, since the machine was busy"),
            Self::AttemptsExhausted => ("attempts_exhausted", End, "classification was interrupted too many times"),
            Self::ProviderUnknown => ("provider_unknown", Retry, "there is no provider of this name"),
            Self::ProviderNotConfigured => ("provider_not_configured", Retry, "the provider is not configured"),
            Self::ProviderUnauthorized => ("provider_unauthorized", Retry, "the provider does not accept the configured key"),
            Self::ProviderModelUnknown => ("provider_model_unknown", Retry, "the provider does not have the configured model"),
            Self::ProviderRejected => ("provider_rejected", End, "the provider rejected the request"),
            Self::ProviderRedirected => ("provider_redirected", End, "the provider redirects to another address, where documents are not sent"),
            Self::PromptTooLong => ("prompt_too_long", End, "the prompt is too long for the model"),
            Self::AnswerRefused => ("answer_refused", End, "the model refused to classify the document"),
            Self::ProviderRateLimited => ("provider_rate_limited", Retry, "the provider's rate limit is reached"),
            Self::ProviderUnavailable => ("provider_unavailable", Retry, "the provider is not available"),
            Self::ProviderTimeout => ("provider_timeout", Retry, "the provider did not answer in time"),
            Self::ProviderUnreachable => ("provider_unreachable", Retry, "no connection to the provider could be made"),
            Self::ProviderTlsFailed => ("provider_tls_failed", Retry, "no secure connection to the provider could be made"),
            Self::AnswerCut => ("answer_cut", Retry, "the answer ended before it was complete"),
            Self::AnswerTooLarge => ("answer_too_large", Retry, "the answer is too long"),
            Self::AnswerUnreadable => ("answer_unreadable", Retry, "the answer is not in the form that was asked for"),
        }
    }
}

impl FromStr for FailureCode {
    type Err = UnknownCode;

    fn from_str(code: &str) -> Result<Self, UnknownCode> {
        let code: StrDeserializer<'_, UnknownCode> = code.into_deserializer();
        Self::deserialize(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENTED: &str = include_str!("../../docs/FAILURES.md");

    /// All codes, as serde lists them where it meets an unknown one.
    fn codes() -> Vec<String> {
        let error = "".parse::<FailureCode>().unwrap_err().to_string();
        error.split('`').skip(3).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn every_code_is_read_back() {
        assert!(codes().len() > 20);
        for code in codes() {
            assert_eq!(code.parse::<FailureCode>().unwrap().as_str(), code);
        }
    }

    #[test]
    fn the_documentation_has_every_code_once_and_says_whether_it_is_retried() {
        let rows = DOCUMENTED.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
        let (documented, rests): (Vec<_>, Vec<_>) = rows.unzip();
        assert_eq!(documented, codes());
        for (code, rest) in documented.iter().zip(rests) {
            let lasting = code.parse::<FailureCode>().unwrap().is_lasting();
            let retried = rest.split(" | ").nth(1).unwrap();
            assert!(retried.starts_with(if lasting { "no" } else { "yes" }), "{code}: {retried}");
        }
    }
}
