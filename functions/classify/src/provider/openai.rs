//! OpenAI's `/chat/completions`, which vLLM, llama.cpp, LM Studio and many others speak.

use docuvault::classification::Problem;
use docuvault::config;
use serde_json::{Value, json};

use super::request::{Call, Question, cut, merged, not_configured, refused, text_at};
use crate::budget::is_of;

const URL: &str = "https://api.openai.com/v1";

/// Families that reason before they answer: they have no temperature, and a limit of another name.
const REASONING: [&str; 5] = ["gpt-5", "gpt-6", "o1", "o3", "o4"];

pub fn call(question: &Question<'_>, config: &config::Providers) -> Result<Call, Problem> {
    let limits = if REASONING.iter().any(|family| is_of(question.model, family)) {
        json!({"reasoning_effort": "low", "max_completion_tokens": question.answer})
    } else {
        json!({"temperature": 0, "max_tokens": question.answer})
    };
    let body = json!({
        "model": question.model,
        "messages": [
            {"role": "system", "content": question.system},
            {"role": "user", "content": question.user},
        ],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "filing", "strict": true, "schema": question.schema},
        },
    });
    let base = config.openai_url.as_deref().unwrap_or(URL);
    let key = config.openai_key.as_ref().map(|key| ("authorization", format!("Bearer {key}")));
    if key.is_none() && base == URL {
        return Err(not_configured("OPENAI_API_KEY"));
    }
    let url = format!("{base}/chat/completions");
    Ok(Call { url, headers: key.into_iter().collect(), body: merged(body, limits).to_string().into() })
}

pub fn said(body: &Value) -> Result<String, Problem> {
    match text_at(body, "/choices/0/finish_reason") {
        "length" => Err(cut()),
        "content_filter" => Err(refused()),
        _ if !text_at(body, "/choices/0/message/refusal").is_empty() => Err(refused()),
        _ => Ok(text_at(body, "/choices/0/message/content").into()),
    }
}
