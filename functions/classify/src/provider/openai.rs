//! The provider `openai`: requests to `/chat/completions` of OpenAI. vLLM, llama.cpp, LM Studio and many
//! others have the same API.

use docuvault::classification::{ClassificationError, FailureCode};
use docuvault::config;
use extract::Image;
use serde_json::{Value, json};

use super::models::{Sampling, family_of};
use super::request::{Api, Call, Question, Window, merge, not_configured, text_at};

const URL: &str = "https://api.openai.com/v1";

/// Models at OpenAI, or behind another server with the same API.
pub const API: Api = Api {
    window: Window::OnServer(4_096),
    schema_in_prompt: true,
    key: |keys| keys.openai.as_ref(),
    write_request,
    answer_text,
    token_counts: ["/usage/prompt_tokens", "/usage/completion_tokens"],
};

fn write_request(
    question: &Question<'_>,
    config: &config::ProviderConfig,
    key: Option<&str>,
) -> Result<Call, ClassificationError> {
    let base = config.openai_url.as_deref().unwrap_or(URL);
    let key = key.map(|key| ("authorization", format!("Bearer {key}")));
    if key.is_none() && base == URL {
        return Err(not_configured("OPENAI_API_KEY"));
    }
    let url = format!("{base}/chat/completions");
    Ok(Call { url, headers: key.into_iter().collect(), body: request_body(question).to_string().into() })
}

fn request_body(question: &Question<'_>) -> Value {
    let body = json!({
        "model": question.model,
        "messages": [
            {"role": "system", "content": question.system},
            {"role": "user", "content": content(question)},
        ],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "filing", "strict": true, "schema": question.schema},
        },
    });
    merge(body, limits(question))
}

/// The limit of tokens and the parameter that makes answers vary little, as the model's family takes them.
fn limits(question: &Question<'_>) -> Value {
    let tokens = question.max_answer_tokens;
    match family_of(question.model).map(|family| family.sampling) {
        Some(Sampling::Reasoning) => json!({"reasoning_effort": "low", "max_completion_tokens": tokens}),
        Some(Sampling::Fixed) => json!({"max_tokens": tokens}),
        Some(Sampling::Temperature) | None => json!({"temperature": 0, "max_tokens": tokens}),
    }
}

/// The user's message: a text, or, with images, a list of parts.
fn content(question: &Question<'_>) -> Value {
    if question.images.is_empty() {
        return json!(question.user);
    }
    let image = |Image(jpeg): &Image| json!({"type": "image_url", "image_url": {"url": format!("data:image/jpeg;base64,{jpeg}")}});
    let text = json!({"type": "text", "text": question.user});
    question.images.iter().map(image).chain([text]).collect()
}

fn answer_text(body: &Value) -> Result<String, ClassificationError> {
    match text_at(body, "/choices/0/finish_reason") {
        "length" => Err(FailureCode::AnswerCut.into()),
        "content_filter" => Err(FailureCode::AnswerRefused.into()),
        _ if !text_at(body, "/choices/0/message/refusal").is_empty() => {
            Err(FailureCode::AnswerRefused.into())
        }
        _ => Ok(text_at(body, "/choices/0/message/content").into()),
    }
}
