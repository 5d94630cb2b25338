//! Ollama's `/api/chat`. The OpenAI-compatible API of the same server has no way to set the window.

use docuvault::classification::Problem;
use docuvault::config;
use serde_json::{Value, json};

use super::request::{Call, Question, cut, text_at};

const URL: &str = "http://127.0.0.1:11434";

/// `truncate` and `shift` forbid what the server does by default: to drop the beginning of what is too long, and say nothing.
pub fn call(question: &Question<'_>, config: &config::Providers) -> Call {
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
    Call { url: format!("{base}/api/chat"), headers: Vec::new(), body: body.to_string().into() }
}

pub fn said(body: &Value) -> Result<String, Problem> {
    match text_at(body, "/done_reason") {
        "length" => Err(cut()),
        _ => Ok(text_at(body, "/message/content").into()),
    }
}
