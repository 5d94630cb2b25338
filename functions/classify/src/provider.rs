//! Who classifies: the provider that the owner is assigned, and no other, whatever becomes of it.

mod anthropic;
mod bedrock;
mod builtin;
mod exchange;
mod ollama;
mod openai;
mod request;

use docuvault::classification::{Job, Outcome, Problem};
use docuvault::config;
use serde_json::Value;

use self::request::{Call, Question};
use crate::budget::WindowSetBy;
use crate::text::Text;
use crate::{answer, budget, prompt, vocabulary};

/// Those that are reached by network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Api {
    /// A server of one's own models.
    Ollama,
    /// OpenAI's chat completions, which many servers speak.
    OpenAi,
    /// Anthropic's messages.
    Anthropic,
    /// Bedrock's Converse.
    Bedrock,
}

/// Asks the provider that the job names.
pub async fn classify(config: &config::Providers, job: &Job, text: &Text) -> Result<Outcome, Problem> {
    let api = match job.provider.as_str() {
        builtin::NAME => return Ok(builtin::classify(job, text)),
        "ollama" => Api::Ollama,
        "openai" => Api::OpenAi,
        "anthropic" => Api::Anthropic,
        "bedrock" => Api::Bedrock,
        other => return Err(Problem::passing("provider_unknown", format!("no provider is called {other}"))),
    };
    ask(api, config, job, text).await
}

async fn ask(api: Api, config: &config::Providers, job: &Job, text: &Text) -> Result<Outcome, Problem> {
    let window = budget::window(api.window_set_by(), &job.model, config.context_tokens.map(Into::into));
    let schema = vocabulary::schema(&job.topics);
    // Ollama makes a grammar of the schema; the others may show it to the model.
    let shown = if api == Api::Ollama { String::new() } else { schema.to_string() };
    let own = config.system_prompt.as_deref();
    let prompt = prompt::write(own, budget::prompt(window), &shown, job, text)?;
    let question = Question {
        model: &job.model,
        system: &prompt.system,
        user: &prompt.user,
        schema: &schema,
        answer: budget::answer(window),
        window,
    };
    let call = api.call(&question, config)?;
    let body = exchange::exchange(&job.provider, call, config.timeout).await;
    let answer = body.and_then(|body| answer::read(&api.said(&body)?));
    let answer = answer.map_err(|problem| Problem { asked: true, ..problem })?;
    Ok(Outcome {
        matches: vocabulary::matches(&answer, &job.topics),
        suggestions: vocabulary::suggestions(&answer, &job.topics),
        truncated: prompt.truncated,
        model: job.model.clone(),
        prompt_version: prompt.version,
    })
}

impl Api {
    fn window_set_by(self) -> WindowSetBy {
        if self == Self::Ollama { WindowSetBy::Request } else { WindowSetBy::Server }
    }

    fn call(self, question: &Question<'_>, config: &config::Providers) -> Result<Call, Problem> {
        match self {
            Self::Ollama => Ok(ollama::call(question, config)),
            Self::OpenAi => openai::call(question, config),
            Self::Anthropic => anthropic::call(question, config),
            Self::Bedrock => bedrock::call(question, config),
        }
    }

    /// The text of the answer.
    fn said(self, body: &[u8]) -> Result<String, Problem> {
        // What is no JSON has none of the members, and is unreadable.
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        match self {
            Self::Ollama => ollama::said(&body),
            Self::OpenAi => openai::said(&body),
            Self::Anthropic => anthropic::said(&body),
            Self::Bedrock => bedrock::said(&body),
        }
    }
}
