//! The provider `ollama`: requests to `/api/chat` of an Ollama server. The server also has an API that is
//! compatible with OpenAI's, but a request to that one cannot set the window.

use docuvault::classification::{ClassificationError, FailureCode};
use docuvault::config;
use serde_json::{Value, json};

use super::request::{Api, Call, Question, Window, text_at};

const URL: &str = "http://127.0.0.1:11434";

/// Models on the operator's own server. It turns the schema into a grammar, so the model does not see the
/// schema.
pub const API: Api = Api {
    window: Window::InRequest(8_192),
    schema_in_prompt: false,
    key: |_| None,
    write_request,
    answer_text,
    token_counts: ["/prompt_eval_count", "/eval_count"],
};

/// Writes a request to `/api/chat`. Its fields `truncate` and `shift` switch off a default of the server: to
/// drop the beginning of a prompt that is too long, without saying so.
fn write_request(
    question: &Question<'_>,
    config: &config::ProviderConfig,
    _key: Option<&str>,
) -> Result<Call, ClassificationError> {
    let body = json!({
        "model": question.model,
        "messages": [
            {"role": "system", "content": question.system},
            {"role": "user", "content": question.user, "images": question.images},
        ],
        "format": question.schema,
        "stream": false,
        "think": false,
        "truncate": false,
        "shift": false,
        "options": {"temperature": 0, "num_ctx": question.window_tokens, "num_predict": question.max_answer_tokens},
    });
    let base = config.ollama_url.as_deref().unwrap_or(URL);
    Ok(Call { url: format!("{base}/api/chat"), headers: Vec::new(), body: body.to_string().into() })
}

fn answer_text(body: &Value) -> Result<String, ClassificationError> {
    match text_at(body, "/done_reason") {
        "length" => Err(FailureCode::AnswerCut.into()),
        _ => Ok(text_at(body, "/message/content").into()),
    }
}
