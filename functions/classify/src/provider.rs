//! Classifies a document with the provider that is assigned to its owner. No other provider is asked, even if
//! that one fails.

mod anthropic;
mod bedrock;
mod builtin;
mod exchange;
mod keys;
mod models;
mod ollama;
mod openai;
mod request;

use std::time::{Duration, Instant};

use docuvault::classification::{ClassificationError, FailureCode, Job, Outcome};
use docuvault::config;
use docuvault::document::Provider;
use extract::Image;
use hyper::body::Bytes;
use serde_json::Value;

pub use self::keys::Keys;
use self::request::{Api, Call, Question, Window, tokens_at};
use crate::answer::{self, ModelAnswer};
use crate::prompt::{self, Prompt};
use crate::text::DocumentText;
use crate::{budget, vocabulary};

/// Asks the provider that the job names.
pub async fn classify(
    config: &config::ProviderConfig,
    keys: &Keys,
    job: &Job,
    text: &DocumentText,
) -> Result<Outcome, ClassificationError> {
    let provider = Provider::from(&*job.provider);
    if provider == Provider::Builtin {
        return Ok(builtin::classify(job, text));
    }
    let unknown = || ClassificationError::new(FailureCode::ProviderUnknown, &*job.provider);
    let api = api_of(provider).ok_or_else(unknown)?;
    let begun = Instant::now();
    let key = match (api.key)(keys) {
        Some(key) => Some(keys::read(key, provider.as_str(), config.timeout).await?),
        None => None,
    };
    let key = key.as_deref().map(String::as_str);
    let window = window_tokens(api.window, &job.model, config.context_tokens.map(Into::into));
    Inquiry { provider, api, config, key, job, text, window, begun }.ask().await
}

/// Returns whether the provider that the job names can be sent images for the job's model.
pub fn reads_images(job: &Job) -> bool {
    api_of(Provider::from(&*job.provider)).is_some() && models::image_tokens(&job.model).is_some()
}

/// The API of a provider that is reached over the network.
fn api_of(provider: Provider) -> Option<&'static Api> {
    match provider {
        Provider::Ollama => Some(&ollama::API),
        Provider::OpenAi => Some(&openai::API),
        Provider::Anthropic => Some(&anthropic::API),
        Provider::Bedrock => Some(&bedrock::API),
        Provider::Builtin | Provider::Unknown => None,
    }
}

/// The questions to a provider about one document. They share the time that one answer may take.
struct Inquiry<'a> {
    provider: Provider,
    api: &'static Api,
    config: &'a config::ProviderConfig,
    key: Option<&'a str>,
    job: &'a Job,
    text: &'a DocumentText,
    /// The most tokens that prompt and answer may have together.
    window: usize,
    begun: Instant,
}

impl Inquiry<'_> {
    /// Asks with as many images as fit. If the provider refuses this for good, asks once more without images,
    /// so that a document does not fail because its images are refused.
    async fn ask(&self) -> Result<Outcome, ClassificationError> {
        let images = images_that_fit(budget::for_prompt(self.window), &self.job.model, &self.text.images);
        let images_sent = match self.ask_with(images).await {
            Err(refusal) if !images.is_empty() && refusal.code.may_be_about_images() => refusal.images,
            answer => return answer,
        };
        match self.ask_with(&[]).await {
            Ok(outcome) => Ok(Outcome { images: images_sent, ..outcome }),
            Err(problem) => Err(ClassificationError { images: images_sent, ..problem }),
        }
    }

    async fn ask_with(&self, images: &[Image]) -> Result<Outcome, ClassificationError> {
        let (job, schema) = (self.job, vocabulary::schema(&self.job.topics));
        let prompt = self.write_prompt(&schema, images.len())?;
        let question = Question {
            model: &job.model,
            system: &prompt.system,
            user: &prompt.user,
            images,
            schema: &schema,
            max_answer_tokens: budget::for_answer(self.window),
            window_tokens: self.window,
        };
        let call = (self.api.write_request)(&question, self.config, self.key)?;
        let asked = |problem| ClassificationError { provider_asked: true, images: images.len(), ..problem };
        let answer = self.send(call).await.map_err(asked)?;
        Ok(Outcome {
            matches: vocabulary::matches(&answer, &job.topics),
            suggestions: vocabulary::suggestions(&answer, &job.topics),
            truncated: prompt.truncated,
            images: images.len(),
            model: job.model.clone(),
            prompt_version: prompt.version,
        })
    }

    fn write_prompt(&self, schema: &Value, images: usize) -> Result<Prompt, ClassificationError> {
        let taken = models::image_tokens(&self.job.model).map_or(0, |tokens| images * tokens.get());
        let room = budget::for_prompt(self.window) - taken;
        let shown = if self.api.schema_in_prompt { schema.to_string() } else { String::new() };
        prompt::write(self.config.system_prompt.as_deref(), room, &shown, self.job, self.text, images)
    }

    /// Sends a request, and parses the model's answer.
    async fn send(&self, call: Call) -> Result<ModelAnswer, ClassificationError> {
        // The time for reading the key and for an earlier question counts, so that a document takes no longer
        // than it may.
        let patience = self.config.timeout.saturating_sub(self.begun.elapsed());
        let sent = Instant::now();
        let body = exchange::post(self.provider.as_str(), call, patience).await;
        let (waited, body) = (sent.elapsed(), body.map(parse_body));
        let tokens = self.api.token_counts.map(|pointer| tokens_at(body.as_ref().ok()?, pointer));
        let answer = body.and_then(|body| answer::parse(&(self.api.answer_text)(&body)?));
        log_request(self.provider, self.job, waited, tokens, answer.as_ref().err());
        answer
    }
}

/// Parses the body of a response. A body that is not JSON counts as an unreadable answer.
fn parse_body(body: Bytes) -> Value {
    serde_json::from_slice(&body).unwrap_or_default()
}

/// Logs a request to a provider: how long it took, how many tokens the provider has counted, if it tells, and
/// why there is no answer that can be used.
fn log_request(
    provider: Provider,
    job: &Job,
    waited: Duration,
    [input_tokens, output_tokens]: [Option<u64>; 2],
    problem: Option<&ClassificationError>,
) {
    let code = problem.map(|problem| problem.code.as_str());
    tracing::info!(
        document = %job.id,
        dimension.provider = provider.as_str(),
        code,
        metric.provider_us = waited.as_micros() as u64,
        metric.provider_errors = u64::from(problem.is_some()),
        metric.input_tokens = input_tokens,
        metric.output_tokens = output_tokens,
        "a provider was asked"
    );
}

/// Returns the images that a model gets. They take half of the tokens for the prompt (`room`) at most. A
/// model that is not known to read images gets none.
fn images_that_fit<'a>(room: usize, model: &str, images: &'a [Image]) -> &'a [Image] {
    let Some(tokens) = models::image_tokens(model) else { return &[] };
    images.get(..room / 2 / tokens).unwrap_or(images)
}

/// The number of tokens that prompt and answer may have together. `configured` is the operator's
/// `AI_CONTEXT_TOKENS`. If the request sets the window, it applies up to the model's own window. If the
/// server does, it applies only to models that `models` does not know.
fn window_tokens(window: Window, model: &str, configured: Option<u32>) -> usize {
    let configured = configured.and_then(|tokens| usize::try_from(tokens).ok());
    let known = models::family_of(model).map(|family| family.window);
    match window {
        Window::InRequest(default) => configured.unwrap_or(default).min(known.unwrap_or(usize::MAX)),
        Window::OnServer(default) => known.or(configured).unwrap_or(default),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_never_larger_than_the_models_own() {
        for (api, model, configured, expected) in [
            (anthropic::API, "claude-sonnet-4-5", None, 65_536),
            (bedrock::API, "eu.anthropic.claude-haiku-4-5-20251001-v1:0", Some(4_096), 65_536),
            (openai::API, "gpt-4o-mini", None, 65_536),
            (openai::API, "gpt-4", Some(100_000), 8_192),
            (openai::API, "somebodys-model", None, 4_096),
            (openai::API, "somebodys-model", Some(16_000), 16_000),
            (ollama::API, "llama3.2", None, 8_192),
            (ollama::API, "llama3.2", Some(32_000), 32_000),
            (ollama::API, "llama2:13b", Some(32_000), 4_096),
            (ollama::API, "phi", None, 2_048),
        ] {
            assert_eq!(window_tokens(api.window, model, configured), expected, "{model}");
        }
    }

    #[test]
    fn the_documentation_says_which_models_get_no_image_with_the_default_window() {
        let documented = include_str!("../../../docs/PROVIDERS.md");
        let images: Vec<Image> = (0..extract::MAX_IMAGES).map(|_| Image("/9j/".into())).collect();
        let gets_none = |model: &str, api: &Api| {
            let room = budget::for_prompt(window_tokens(api.window, model, None));
            images_that_fit(room, model, &images).is_empty()
        };
        // The windows of known families have no default.
        let unknown: Vec<_> =
            models::image_readers().filter(|model| models::family_of(model).is_none()).collect();
        for (providers, api) in [("`ollama`", ollama::API), ("`openai`, `bedrock`", openai::API)] {
            let models = unknown.iter().filter(|model| gets_none(model, &api));
            let models = models.map(|model| format!("`{model}`")).collect::<Vec<_>>().join(", ");
            let row = format!("| {providers} | {models} |");
            assert!(documented.contains(&row), "expected: {row}");
        }
    }
}
