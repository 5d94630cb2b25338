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
use self::request::{Api, Question, Window, tokens_at};
use crate::text::DocumentText;
use crate::{answer, budget, prompt, vocabulary};

/// Asks the provider that the job names.
pub async fn classify(
    config: &config::ProviderConfig,
    keys: &Keys,
    job: &Job,
    text: &DocumentText,
) -> Result<Outcome, ClassificationError> {
    let provider = Provider::from(&*job.provider);
    let api = match provider {
        Provider::Builtin => return Ok(builtin::classify(job, text)),
        Provider::Ollama => ollama::API,
        Provider::OpenAi => openai::API,
        Provider::Anthropic => anthropic::API,
        Provider::Bedrock => bedrock::API,
        Provider::Unknown => {
            return Err(ClassificationError::new(FailureCode::ProviderUnknown, &*job.provider));
        }
    };
    ask(provider, &api, config, keys, job, text).await
}

async fn ask(
    provider: Provider,
    api: &Api,
    config: &config::ProviderConfig,
    keys: &Keys,
    job: &Job,
    text: &DocumentText,
) -> Result<Outcome, ClassificationError> {
    let window = window_tokens(api.window, &job.model, config.context_tokens.map(Into::into));
    let schema = vocabulary::schema(&job.topics);
    let shown = if api.schema_in_prompt { schema.to_string() } else { String::new() };
    let custom = config.system_prompt.as_deref();
    let (images, room) = share_room(budget::for_prompt(window), &job.model, &text.images);
    let prompt = prompt::write(custom, room, &shown, job, text, images.len())?;
    let question = Question {
        model: &job.model,
        system: &prompt.system,
        user: &prompt.user,
        images,
        schema: &schema,
        max_answer_tokens: budget::for_answer(window),
        window_tokens: window,
    };
    let begun = Instant::now();
    let key = match (api.key)(keys) {
        Some(key) => Some(keys::read(key, provider.as_str(), config.timeout).await?),
        None => None,
    };
    let call = (api.write_request)(&question, config, key.as_deref().map(String::as_str))?;
    // The time for reading the key counts, so that a document takes no longer than it may.
    let patience = config.timeout.saturating_sub(begun.elapsed());
    let sent = Instant::now();
    let body = exchange::post(provider.as_str(), call, patience).await;
    let (waited, body) = (sent.elapsed(), body.map(parse_body));
    let tokens = api.token_counts.map(|pointer| tokens_at(body.as_ref().ok()?, pointer));
    let answer = body.and_then(|body| answer::parse(&(api.answer_text)(&body)?));
    log_request(provider, job, waited, tokens, answer.as_ref().err());
    let answer = answer.map_err(|problem| ClassificationError { provider_asked: true, ..problem })?;
    Ok(Outcome {
        matches: vocabulary::matches(&answer, &job.topics),
        suggestions: vocabulary::suggestions(&answer, &job.topics),
        truncated: prompt.truncated,
        images: images.len(),
        model: job.model.clone(),
        prompt_version: prompt.version,
    })
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

/// Returns the images that a model gets, and the tokens that they leave for the rest of the prompt. They take
/// half of the tokens at most. A model that is not known to read images gets none.
fn share_room<'a>(room: usize, model: &str, images: &'a [Image]) -> (&'a [Image], usize) {
    let Some(tokens) = models::image_tokens(model) else { return (&[], room) };
    let sent = images.get(..room / 2 / tokens).unwrap_or(images);
    (sent, room - sent.len() * tokens.get())
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
}
