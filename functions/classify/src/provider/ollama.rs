//! Ollama's `/api/chat`. The server also has an API that is compatible with OpenAI's, but that one cannot set
//! the window.

use docuvault::classification::{ClassificationError, FailureCode};
use docuvault::config;
use serde_json::{Value, json};

use super::request::{Api, Call, Question, Window, text_at};

const URL: &str = "http://127.0.0.1:11434";

/// A server of one's own models. It makes a grammar of the schema, which the model does not see.
pub const API: Api = Api { window: Window::InRequest(8_192), shows_schema: false, call, text };

/// `truncate` and `shift` forbid what the server does by default: drop the beginning of a prompt that is too
/// long, and not tell.
fn call(question: &Question<'_>, config: &config::ProviderConfig) -> Result<Call, ClassificationError> {
    let body = json!({
        "model": question.model,
        "messages": [
            {"role": "system", "content": question.system},
            {"role": "user", "content": question.user},
        ],
        "format": question.schema,
        "stream": false,
        "think": false,
        "truncate": false,
        "shift": false,
        "options": {"temperature": 0, "num_ctx": question.window, "num_predict": question.answer},
    });
    let base = config.ollama_url.as_deref().unwrap_or(URL);
    Ok(Call { url: format!("{base}/api/chat"), headers: Vec::new(), body: body.to_string().into() })
}

fn text(body: &Value) -> Result<String, ClassificationError> {
    match text_at(body, "/done_reason") {
        "length" => Err(FailureCode::AnswerCut.into()),
        _ => Ok(text_at(body, "/message/content").into()),
    }
}
