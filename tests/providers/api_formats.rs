//! The wire format of each API, as described by the public documentation of the API.

use docuvault::config::{ProviderConfig, Secret};
use serde_json::{Value, json};

use crate::fake_provider::{ReceivedRequest, Reply};

/// The API key in all tests.
pub const KEY: &str = "a-key-that-nobody-may-read";

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Api {
    Ollama,
    OpenAi,
    Anthropic,
    Bedrock,
}

pub const ALL: [Api; 4] = [Api::Ollama, Api::OpenAi, Api::Anthropic, Api::Bedrock];

impl Api {
    /// Returns the provider's name in `users.ai_provider`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ollama => "ollama",
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Bedrock => "bedrock",
        }
    }

    pub fn model(self) -> &'static str {
        match self {
            Self::Ollama => "llama3.2",
            Self::OpenAi => "gpt-4o-mini",
            Self::Anthropic => "claude-haiku-4-5",
            Self::Bedrock => "eu.anthropic.claude-haiku-4-5-20251001-v1:0",
        }
    }

    /// Method and path of a request, relative to the base URL.
    pub fn request_line(self) -> &'static str {
        match self {
            Self::Ollama => "POST /api/chat",
            Self::OpenAi => "POST /v1/chat/completions",
            Self::Anthropic => "POST /v1/messages",
            Self::Bedrock => "POST /model/eu.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse",
        }
    }

    /// Configures the API's URL, and its key if it needs one.
    pub fn configure(self, providers: &mut ProviderConfig, url: &str) {
        match self {
            Self::Ollama => providers.ollama_url = Some(url.to_owned()),
            Self::OpenAi => {
                providers.openai_url = Some(format!("{url}/v1"));
                providers.openai_key = Some(Secret::Value(KEY.to_owned()));
            }
            Self::Anthropic => {
                providers.anthropic_url = Some(url.to_owned());
                providers.anthropic_key = Some(Secret::Value(KEY.to_owned()));
            }
            Self::Bedrock => providers.bedrock_url = Some(url.to_owned()),
        }
    }

    /// Returns the environment variables by which a function finds the API at this URL.
    pub fn variables(self, url: &str) -> Vec<(&'static str, String)> {
        let key = KEY.to_owned();
        match self {
            Self::Ollama => vec![("OLLAMA_BASE_URL", format!("{url}/"))],
            Self::OpenAi => vec![("OPENAI_BASE_URL", format!("{url}/v1")), ("OPENAI_API_KEY", key)],
            Self::Anthropic => vec![("ANTHROPIC_BASE_URL", url.to_owned()), ("ANTHROPIC_API_KEY", key)],
            Self::Bedrock => vec![("BEDROCK_ENDPOINT", url.to_owned()), ("AWS_BEARER_TOKEN_BEDROCK", key)],
        }
    }

    /// Gives the vault a key for the API, if the API takes one.
    pub fn give_key(self, providers: &mut ProviderConfig, key: String) {
        match self {
            Self::Ollama => {}
            Self::OpenAi => providers.openai_key = Some(Secret::Value(key)),
            Self::Anthropic => providers.anthropic_key = Some(Secret::Value(key)),
            Self::Bedrock => providers.bedrock_key = Some(Secret::Value(key)),
        }
    }

    /// Returns the variable with the ARN of a secret that contains the key, if the API takes a key.
    pub fn key_arn_variable(self) -> Option<&'static str> {
        match self {
            Self::Ollama => None,
            Self::OpenAi => Some("OPENAI_API_KEY_ARN"),
            Self::Anthropic => Some("ANTHROPIC_API_KEY_ARN"),
            Self::Bedrock => Some("AWS_BEARER_TOKEN_BEDROCK_ARN"),
        }
    }

    /// Returns the header in which the API takes a key.
    pub fn key_header(self, key: &str) -> Option<(&'static str, String)> {
        match self {
            Self::Ollama => None,
            Self::Anthropic => Some(("x-api-key", key.to_owned())),
            Self::OpenAi | Self::Bedrock => Some(("authorization", format!("Bearer {key}"))),
        }
    }

    /// Returns a complete answer of the model with this text.
    pub fn answer(self, text: &str) -> Reply {
        Reply::Whole(200, "", self.body(text, self.complete_reason()).to_string())
    }

    /// Returns an answer of the model with this text, which says that the model stopped for this reason
    /// before the answer was complete.
    pub fn incomplete_answer(self, text: &str, reason: &str) -> Reply {
        Reply::Whole(200, "", self.body(text, reason).to_string())
    }

    /// Returns an error response in the API's format, which repeats secrets as real ones may.
    pub fn error(self, status: u16, header: &'static str) -> Reply {
        let message = format!("something about {KEY} and an invoice");
        let body = match self {
            Self::Ollama => json!({"error": message}),
            Self::OpenAi => {
                json!({"error": {"message": message, "type": "some_error", "param": null, "code": "some_code"}})
            }
            Self::Anthropic => {
                json!({"type": "error", "error": {"type": "some_error", "message": message}, "request_id": "req_1"})
            }
            Self::Bedrock => json!({"message": message}),
        };
        Reply::Whole(status, header, body.to_string())
    }

    fn complete_reason(self) -> &'static str {
        match self {
            Self::Ollama | Self::OpenAi => "stop",
            Self::Anthropic | Self::Bedrock => "end_turn",
        }
    }

    fn body(self, text: &str, reason: &str) -> Value {
        match self {
            Self::Ollama => json!({
                "model": "llama3.2", "created_at": "2026-01-02T03:04:05.678Z",
                "message": {"role": "assistant", "content": text}, "done": true, "done_reason": reason,
                "total_duration": 5_000_000, "load_duration": 1_000_000, "prompt_eval_count": 26, "eval_count": 8,
            }),
            Self::OpenAi => json!({
                "id": "chatcmpl-1", "object": "chat.completion", "created": 1_767_323_045, "model": "gpt-4o-mini-2024-07-18",
                "choices": [{
                    "index": 0, "message": {"role": "assistant", "content": text, "refusal": null, "annotations": []},
                    "logprobs": null, "finish_reason": reason,
                }],
                "usage": {"prompt_tokens": 26, "completion_tokens": 8, "total_tokens": 34},
            }),
            Self::Anthropic => json!({
                "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-haiku-4-5-20251001",
                "content": [{"type": "text", "text": text}], "stop_reason": reason, "stop_sequence": null,
                "usage": {"input_tokens": 26, "output_tokens": 8},
            }),
            Self::Bedrock => json!({
                "metrics": {"latencyMs": 551},
                "output": {"message": {"role": "assistant", "content": [{"text": text}]}},
                "stopReason": reason, "usage": {"inputTokens": 26, "outputTokens": 8, "totalTokens": 34},
            }),
        }
    }

    /// Returns the system prompt and the user prompt of a request.
    pub fn prompts(self, request: &ReceivedRequest) -> (String, String) {
        let (system, user) = match self {
            Self::Ollama | Self::OpenAi => ("/messages/0/content", "/messages/1/content"),
            Self::Anthropic => ("/system", "/messages/0/content"),
            Self::Bedrock => ("/system/0/text", "/messages/0/content/0/text"),
        };
        let text = |pointer| request.body.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        (text(system), text(user))
    }

    /// Returns the JSON schema for the answer.
    pub fn schema(self, request: &ReceivedRequest) -> Value {
        let pointer = match self {
            Self::Ollama => "/format",
            Self::OpenAi => "/response_format/json_schema/schema",
            Self::Anthropic => "/output_config/format/schema",
            Self::Bedrock => "/outputConfig/textFormat/structure/jsonSchema/schema",
        };
        match request.body.pointer(pointer).unwrap() {
            // Bedrock takes the schema as text.
            Value::String(schema) => serde_json::from_str(schema).unwrap(),
            schema => schema.clone(),
        }
    }
}

/// Returns the names that a schema allows.
pub fn allowed_names(schema: &Value) -> Vec<String> {
    let allowed_names = schema.pointer("/properties/topics/items/properties/name/enum").unwrap();
    serde_json::from_value(allowed_names.clone()).unwrap()
}

/// Returns the text of an answer with these topics and confidences.
pub fn topics_answer(topics: &[(&str, f64)]) -> String {
    let topics: Vec<_> =
        topics.iter().map(|(name, confidence)| json!({"name": name, "confidence": confidence})).collect();
    json!({"topics": topics, "suggestions": []}).to_string()
}
