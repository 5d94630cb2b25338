//! What each API says on the wire, after its public documentation.

use docuvault::config::Providers;
use serde_json::{Value, json};

use crate::played::{Received, Reply};

/// What the tests use as a key, wherever one is needed.
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
    /// As `users.ai_provider` writes it.
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

    /// What is asked for at a base URL.
    pub fn line(self) -> &'static str {
        match self {
            Self::Ollama => "POST /api/chat",
            Self::OpenAi => "POST /v1/chat/completions",
            Self::Anthropic => "POST /v1/messages",
            Self::Bedrock => "POST /model/eu.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse",
        }
    }

    /// Has the vault look for the API there.
    pub fn locate(self, providers: &mut Providers, url: &str) {
        match self {
            Self::Ollama => providers.ollama_url = Some(url.to_owned()),
            Self::OpenAi => {
                providers.openai_url = Some(format!("{url}/v1"));
                providers.openai_key = Some(KEY.to_owned());
            }
            Self::Anthropic => {
                providers.anthropic_url = Some(url.to_owned());
                providers.anthropic_key = Some(KEY.to_owned());
            }
            Self::Bedrock => providers.bedrock_url = Some(url.to_owned()),
        }
    }

    /// An answer with this text.
    pub fn says(self, text: &str) -> Reply {
        Reply::Whole(200, "", self.answer(text, self.stopped()).to_string())
    }

    /// An answer that ends for another reason than that it is complete.
    pub fn ends(self, text: &str, reason: &str) -> Reply {
        Reply::Whole(200, "", self.answer(text, reason).to_string())
    }

    /// An error in the API's form, as talkative as they are.
    pub fn fails(self, status: u16, header: &'static str) -> Reply {
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

    fn stopped(self) -> &'static str {
        match self {
            Self::Ollama | Self::OpenAi => "stop",
            Self::Anthropic | Self::Bedrock => "end_turn",
        }
    }

    fn answer(self, text: &str, reason: &str) -> Value {
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

    /// What the model is told: instructions, and the rest.
    pub fn prompts(self, request: &Received) -> (String, String) {
        let (system, user) = match self {
            Self::Ollama | Self::OpenAi => ("/messages/0/content", "/messages/1/content"),
            Self::Anthropic => ("/system", "/messages/0/content"),
            Self::Bedrock => ("/system/0/text", "/messages/0/content/0/text"),
        };
        let text = |pointer| request.body.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        (text(system), text(user))
    }

    /// What the answer must look like.
    pub fn schema(self, request: &Received) -> Value {
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

/// The names that a schema allows.
pub fn names(schema: &Value) -> Vec<String> {
    let names = schema.pointer("/properties/topics/items/properties/name/enum").unwrap();
    serde_json::from_value(names.clone()).unwrap()
}

/// An answer of these topics.
pub fn filed(topics: &[(&str, f64)]) -> String {
    let topics: Vec<_> =
        topics.iter().map(|(name, confidence)| json!({"name": name, "confidence": confidence})).collect();
    json!({"topics": topics, "suggestions": []}).to_string()
}
