//! The codes of failed classifications.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The reason why a document could not be classified, as a code. Clients rely on the codes, so a code never
/// changes its name or meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(examples("provider_timeout"))]
#[expect(missing_docs, reason = "the sentences in `details` explain the codes")]
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
    /// A code that only a later release knows. It can be read from a row, but this release never writes it.
    #[serde(other)]
    Unknown,
}

/// The action after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NextStep {
    /// The document is classified again, because another attempt may succeed.
    Retry,
    /// The document fails, because another attempt would fail in the same way.
    End,
}

impl FailureCode {
    /// The name in the database and in the API.
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

    /// The sentence that the owner sees.
    pub const fn sentence(self) -> &'static str {
        self.next_step_and_sentence().1
    }

    /// Returns true if another attempt would fail in the same way.
    pub fn is_permanent(self) -> bool {
        self.next_step_and_sentence().0 == NextStep::End
    }

    /// Returns true if images may be the reason why a provider refused a request for good, so that it may
    /// answer the same request without them.
    pub const fn may_be_about_images(self) -> bool {
        matches!(self, Self::ProviderRejected | Self::PromptTooLong | Self::AnswerRefused)
    }

    /// The action after an attempt that failed with this code, and the sentence that the owner sees.
    const fn next_step_and_sentence(self) -> (NextStep, &'static str) {
        use NextStep::{End, Retry};
        match self {
            Self::DocumentDamaged => (End, "the file is damaged: upload an intact copy"),
            Self::DocumentUnreadable => (End, "the program that reads files crashed or ran out of memory"),
            Self::DocumentTooComplex => (End, "reading the file took too much computing time"),
            Self::ObjectMissing => {
                (End, "the file is not in the store any more: delete the document, and upload the file again")
            }
            Self::ObjectChanged => (End, "the stored file is not the one that was confirmed"),
            Self::StoreUnavailable => (Retry, "the stored file could not be fetched"),
            Self::ExtractionUnavailable => (Retry, "the program that reads files could not be started"),
            Self::ExtractionSlow => (Retry, "the file was not read in time, because the machine was busy"),
            Self::AttemptsExhausted => {
                (End, "classification was interrupted too many times: ask for another classification")
            }
            Self::ProviderUnknown => (Retry, "there is no provider with this name"),
            Self::ProviderNotConfigured => (Retry, "the provider is not configured"),
            Self::ProviderUnauthorized => (Retry, "the provider does not accept the configured key"),
            Self::ProviderModelUnknown => (Retry, "the provider does not have the configured model"),
            Self::ProviderRejected => (End, "the provider rejected the request"),
            Self::ProviderRedirected => {
                (End, "the provider redirected to another address, which is not allowed")
            }
            Self::PromptTooLong => (End, "the prompt is too long for the model"),
            Self::AnswerRefused => (End, "the model refused to classify the document"),
            Self::ProviderRateLimited => (Retry, "the provider's rate limit is reached"),
            Self::ProviderUnavailable => (Retry, "the provider is not available"),
            Self::ProviderTimeout => (Retry, "the provider did not answer in time"),
            Self::ProviderUnreachable => (Retry, "the provider could not be reached"),
            Self::ProviderTlsFailed => (Retry, "no secure connection to the provider could be established"),
            Self::AnswerCut => (Retry, "the provider's answer was incomplete"),
            Self::AnswerTooLarge => (Retry, "the provider's answer was too long"),
            Self::AnswerUnreadable => (Retry, "the provider's answer did not have the requested form"),
            Self::Unknown => (Retry, "a newer release of the vault reported this failure"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, from_value, json};
    use utoipa::PartialSchema as _;

    use super::*;

    const DOCUMENTED: &str = include_str!("../../docs/FAILURES.md");

    /// All codes, as the OpenAPI schema lists them.
    fn codes() -> Vec<String> {
        let schema: Value = serde_json::to_value(FailureCode::schema()).unwrap();
        from_value(schema["enum"].clone()).unwrap()
    }

    fn parse(code: &str) -> FailureCode {
        from_value(json!(code)).unwrap()
    }

    #[test]
    fn every_code_is_parsed() {
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
