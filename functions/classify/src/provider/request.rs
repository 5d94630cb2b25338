//! Types and helpers that the APIs of all providers share: the question to a model, and the HTTP request that
//! asks it.

use docuvault::classification::{ClassificationError, FailureCode};
use docuvault::config;
use docuvault::secret::CachedSecret;
use extract::Image;
use serde_json::Value;

use super::keys::Keys;

/// The largest number of tokens that is believed. No model reads or writes so many at once.
const MOST_TOKENS: u64 = 100_000_000;

/// The API of a provider that is reached over the network. Each provider has one constant of this type, in a
/// file of its own.
pub struct Api {
    /// The default size of a model's context window, and the side that sets the size: the request or
    /// the server.
    pub window: Window,
    /// Whether the tokens of the schema count as part of the prompt, because the API may show the schema to
    /// the model.
    pub schema_in_prompt: bool,
    /// Finds the provider's key.
    pub key: fn(&Keys) -> Option<&CachedSecret<String>>,
    /// Writes the HTTP request that asks a question, with the provider's key if there is one.
    pub write_request:
        fn(&Question<'_>, &config::ProviderConfig, Option<&str>) -> Result<Call, ClassificationError>,
    /// Finds the text of the model's answer in the body of a response.
    pub answer_text: fn(&Value) -> Result<String, ClassificationError>,
    /// The places in the body of a response, as JSON pointers, that tell how many tokens the model has read,
    /// and how many it has written.
    pub token_counts: [&'static str; 2],
}

/// The party that decides how many tokens prompt and answer may have together.
#[derive(Clone, Copy)]
pub enum Window {
    /// The request sets the number. This many tokens are the default; the model's own window is the limit.
    InRequest(usize),
    /// The server sets the number. This many tokens are assumed if the model is not known and
    /// `AI_CONTEXT_TOKENS` is not set.
    OnServer(usize),
}

/// A question to a model.
pub struct Question<'a> {
    /// The name that the provider has for the model.
    pub model: &'a str,
    /// The system message: the instructions.
    pub system: &'a str,
    /// The user's message: the topics and the document.
    pub user: &'a str,
    /// Images that the user's message contains, as JPEG in base64.
    pub images: &'a [Image],
    /// The JSON schema of the answer.
    pub schema: &'a Value,
    /// The most tokens that the answer may have.
    pub max_answer_tokens: usize,
    /// The most tokens that prompt and answer may have together.
    pub window_tokens: usize,
}

/// An HTTP request by `POST`, with a JSON body.
pub struct Call {
    /// The URL of the endpoint.
    pub url: String,
    /// The headers, without the content type.
    pub headers: Vec<(&'static str, String)>,
    /// The JSON text.
    pub body: Vec<u8>,
}

/// The string at a JSON pointer, or an empty one if there is none.
pub fn text_at<'a>(body: &'a Value, pointer: &str) -> &'a str {
    body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The number of tokens at a JSON pointer. `None` if there is none, or if it is too large to be one.
pub fn tokens_at(body: &Value, pointer: &str) -> Option<u64> {
    body.pointer(pointer).and_then(Value::as_u64).filter(|&tokens| tokens <= MOST_TOKENS)
}

/// Adds the members of one JSON object to another.
pub fn merge(mut body: Value, more: Value) -> Value {
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    body
}

/// Returns the error of a provider that needs an environment variable which is not set.
pub fn not_configured(variable: &str) -> ClassificationError {
    ClassificationError::new(FailureCode::ProviderNotConfigured, format!("{variable} is not set"))
}
