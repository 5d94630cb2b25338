//! Why a document could not be classified.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a document could not be classified. The codes never change: clients rely on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(examples("provider_timeout"))]
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
    /// The code of a later release. Only reading a row gives it: no function writes it.
    #[serde(other)]
    Unknown,
}

/// What follows a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NextStep {
    /// Another attempt: it may go better.
    Retry,
    /// The end: another attempt would fail alike.
    End,
}

impl FailureCode {
    /// The name that the database and the API use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DocumentDamaged => "document_damaged",
            Self::DocumentUnreadable => "document_unreadable",
            Self::DocumentTooComplex => "document_too_complex",
            Self::ObjectMissing => "object_missing",
            Self::ObjectChanged => "object_changed",
            Self::StoreUnavailable => "store_unavailable",
            Self::ExtractionUnavailable => "extraction_unavailable",
            Self::ExtractionSlow => "extraction_slow",
            Self::AttemptsExhausted => "attempts_exhausted",
            Self::ProviderUnknown => "provider_unknown",
            Self::ProviderNotConfigured => "provider_not_configured",
            Self::ProviderUnauthorized => "provider_unauthorized",
            Self::ProviderModelUnknown => "provider_model_unknown",
            Self::ProviderRejected => "provider_rejected",
            Self::ProviderRedirected => "provider_redirected",
            Self::PromptTooLong => "prompt_too_long",
            Self::AnswerRefused => "answer_refused",
            Self::ProviderRateLimited => "provider_rate_limited",
            Self::ProviderUnavailable => "provider_unavailable",
            Self::ProviderTimeout => "provider_timeout",
            Self::ProviderUnreachable => "provider_unreachable",
            Self::ProviderTlsFailed => "provider_tls_failed",
            Self::AnswerCut => "answer_cut",
            Self::AnswerTooLarge => "answer_too_large",
            Self::AnswerUnreadable => "answer_unreadable",
            Self::Unknown => "unknown",
        }
    }

    /// What the owner is told.
    pub const fn sentence(self) -> &'static str {
        self.details().1
    }

    /// Whether another attempt would fail alike.
    pub fn is_permanent(self) -> bool {
        self.details().0 == NextStep::End
    }

    const fn details(self) -> (NextStep, &'static str) {
        use NextStep::{End, Retry};
        match self {
            Self::DocumentDamaged => (End, "the file is damaged"),
            Self::DocumentUnreadable => (End, "reading the file crashed, or needs too much memory"),
            Self::DocumentTooComplex => (End, "reading the file takes too much computing time"),
            Self::ObjectMissing => (End, "the stored file is gone"),
            Self::ObjectChanged => (End, "the stored file is not the one that was confirmed"),
            Self::StoreUnavailable => (Retry, "the stored file could not be fetched"),
            Self::ExtractionUnavailable => (Retry, "the program that reads files could not be started"),
            Self::ExtractionSlow => (Retry, "the file was not read in time: the machine was busy"),
            Self::AttemptsExhausted => (End, "classification was interrupted too many times"),
            Self::ProviderUnknown => (Retry, "there is no provider of this name"),
            Self::ProviderNotConfigured => (Retry, "the provider is not configured"),
            Self::ProviderUnauthorized => (Retry, "the provider does not accept the configured key"),
            Self::ProviderModelUnknown => (Retry, "the provider does not have the configured model"),
            Self::ProviderRejected => (End, "the provider rejected the request"),
            Self::ProviderRedirected => (End, "the provider redirects to another address"),
            Self::PromptTooLong => (End, "the prompt is too long for the model"),
            Self::AnswerRefused => (End, "the model refused to classify the document"),
            Self::ProviderRateLimited => (Retry, "the provider's rate limit is reached"),
            Self::ProviderUnavailable => (Retry, "the provider is not available"),
            Self::ProviderTimeout => (Retry, "the provider did not answer in time"),
            Self::ProviderUnreachable => (Retry, "no connection to the provider could be made"),
            Self::ProviderTlsFailed => (Retry, "no secure connection to the provider could be made"),
            Self::AnswerCut => (Retry, "the answer ended before it was complete"),
            Self::AnswerTooLarge => (Retry, "the answer is too long"),
            Self::AnswerUnreadable => (Retry, "the answer is not in the form that was asked for"),
            Self::Unknown => (Retry, "another release says why"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, from_value, json};
    use utoipa::PartialSchema as _;

    use super::*;

    const DOCUMENTED: &str = include_str!("../../docs/FAILURES.md");

    /// All codes, as the reference of the API lists them.
    fn codes() -> Vec<String> {
        let schema: Value = serde_json::to_value(FailureCode::schema()).unwrap();
        from_value(schema["enum"].clone()).unwrap()
    }

    fn parse(code: &str) -> FailureCode {
        from_value(json!(code)).unwrap()
    }

    #[test]
    fn every_code_is_read_back() {
        assert!(codes().len() > 20);
        for code in codes() {
            assert_eq!(parse(&code).as_str(), code);
        }
        assert_eq!(parse("document_on_fire"), FailureCode::Unknown);
    }

    #[test]
    fn the_documentation_has_every_code_once_and_says_whether_it_is_retried() {
        let rows = DOCUMENTED.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
        let (documented, rests): (Vec<_>, Vec<_>) = rows.unzip();
        assert_eq!(documented, codes());
        for (code, rest) in documented.iter().zip(rests) {
            let permanent = parse(code).is_permanent();
            let retried = rest.split(" | ").nth(1).unwrap();
            assert!(retried.starts_with(if permanent { "no" } else { "yes" }), "{code}: {retried}");
        }
    }
}
