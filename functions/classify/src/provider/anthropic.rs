//! The provider `anthropic`: requests to Anthropic's `/v1/messages`.

use docuvault::classification::{ClassificationError, FailureCode};
use docuvault::config;
use extract::Image;
use serde_json::{Value, json};

use super::models::{Sampling, family_of};
use super::request::{Api, Call, Question, Window, merge, not_configured, text_at};

const URL: &str = "https://api.anthropic.com";
const VERSION: &str = "2023-06-01";

/// Claude models at Anthropic, or behind another server with the same API.
pub const API: Api = Api {
    window: Window::OnServer(4_096),
    schema_in_prompt: true,
    key: |keys| keys.anthropic.as_ref(),
    write_request,
    answer_text,
    token_counts: ["/usage/input_tokens", "/usage/output_tokens"],
};

fn write_request(
    question: &Question<'_>,
    config: &config::ProviderConfig,
    key: Option<&str>,
) -> Result<Call, ClassificationError> {
    let body = json!({
        "model": question.model,
        "system": question.system,
        "messages": [{"role": "user", "content": content(question)}],
        "max_tokens": question.max_answer_tokens,
        "output_config": {"format": {"type": "json_schema", "schema": question.schema}},
    });
    let sampling = match family_of(question.model).map(|family| family.sampling) {
        Some(Sampling::Temperature) => json!({"temperature": 0}),
        _ => json!({}),
    };
    let key = key.ok_or_else(|| not_configured("ANTHROPIC_API_KEY"))?;
    let base = config.anthropic_url.as_deref().unwrap_or(URL);
    Ok(Call {
        url: format!("{base}/v1/messages"),
        headers: vec![("x-api-key", key.to_owned()), ("anthropic-version", VERSION.into())],
        body: merge(body, sampling).to_string().into(),
    })
}

/// The user's message: a text, or, with images, a list of blocks.
fn content(question: &Question<'_>) -> Value {
    if question.images.is_empty() {
        return json!(question.user);
    }
    let image = |jpeg: &Image| json!({"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": jpeg}});
    let text = json!({"type": "text", "text": question.user});
    question.images.iter().map(image).chain([text]).collect()
}

fn answer_text(body: &Value) -> Result<String, ClassificationError> {
    match text_at(body, "/stop_reason") {
        "max_tokens" | "model_context_window_exceeded" => Err(FailureCode::AnswerCut.into()),
        "refusal" => Err(FailureCode::AnswerRefused.into()),
        _ => Ok(text_of_blocks(body.get("content"))),
    }
}

/// The text of an answer, without the blocks of the model's reasoning.
fn text_of_blocks(content: Option<&Value>) -> String {
    content.and_then(Value::as_array).into_iter().flatten().map(|block| text_at(block, "/text")).collect()
}
