//! What the APIs of models share: the question, and the request that asks it.

use docuvault::classification::{ClassificationError, FailureCode};
use docuvault::config;
use serde_json::Value;

/// The API of a provider that is reached by network. Each provider has one constant of this type, in a file
/// of its own.
pub struct Api {
    /// Who decides on the window of a model.
    pub window: Window,
    /// Whether the API may show the schema to the model, so that its tokens count as part of the prompt.
    pub shows_schema: bool,
    /// Writes the request.
    pub call: fn(&Question<'_>, &config::ProviderConfig) -> Result<Call, ClassificationError>,
    /// The text of an answer.
    pub text: fn(&Value) -> Result<String, ClassificationError>,
}

/// Who decides how many tokens prompt and answer may have together.
#[derive(Clone, Copy)]
pub enum Window {
    /// The request sets it, within the model's own window: by default to this many tokens.
    InRequest(usize),
    /// The server does. If neither the model is known nor the operator has configured it, this many tokens
    /// are assumed.
    OnServer(usize),
}

/// What a model is asked.
pub struct Question<'a> {
    /// The model, as its provider calls it.
    pub model: &'a str,
    /// The instructions.
    pub system: &'a str,
    /// The topics and the document.
    pub user: &'a str,
    /// The JSON schema of the answer.
    pub schema: &'a Value,
    /// The most tokens of the answer.
    pub answer: usize,
    /// The most tokens of prompt and answer together.
    pub window: usize,
}

/// A POST request with a body of JSON.
pub struct Call {
    /// Its URL.
    pub url: String,
    /// Its headers, besides the content type.
    pub headers: Vec<(&'static str, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

/// The string at a JSON pointer; empty if there is none.
pub fn text_at<'a>(body: &'a Value, pointer: &str) -> &'a str {
    body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// An object with the members of both.
pub fn merged(mut body: Value, more: Value) -> Value {
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    body
}

/// The problem that a variable which the provider needs is not set.
pub fn not_configured(variable: &str) -> ClassificationError {
    ClassificationError::new(FailureCode::ProviderNotConfigured, format!("{variable} is not set"))
}
