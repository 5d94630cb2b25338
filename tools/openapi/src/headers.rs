//! Headers of answers, which `docuvault::http` sets by rules that hold for all routes.

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

/// What the headers mean.
pub fn components() -> Value {
    json!({
        "x-request-id": {
            "description": "The request's id, by which the service's log can be searched.",
            "required": true,
            "schema": {"type": "string", "minLength": 1},
            "example": "01936f2e-7c5d-7000-8000-0123456789ab",
        },
        "cache-control": {
            "description": "No answer may be stored.",
            "required": true,
            "schema": {"type": "string", "enum": ["no-store"]},
        },
        "x-content-type-options": {
            "description": "The content is what `content-type` says.",
            "required": true,
            "schema": {"type": "string", "enum": ["nosniff"]},
        },
        "www-authenticate": {
            "description": "How to say who you are.",
            "required": true,
            "schema": {"type": "string", "enum": ["Bearer"]},
        },
        "allow": {
            "description": "The methods that the path takes.",
            "required": true,
            "schema": {"type": "string"},
            "example": "GET,HEAD",
        },
        "retry-after": wait(true),
    })
}

/// Says which headers the answers of each status have.
pub fn of(status: &str) -> Value {
    let every = ["x-request-id", "cache-control", "x-content-type-options"];
    let own: &[&str] = match status {
        "401" => &["www-authenticate"],
        "405" => &["allow"],
        "429" | "503" => &["retry-after"],
        _ => &[],
    };
    let reference =
        |name: &&str| ((*name).to_owned(), json!({"$ref": format!("#/components/headers/{name}")}));
    every.iter().chain(own).map(reference).collect::<Map<_, _>>().into()
}

/// Adds them to the answers that handlers describe.
pub fn add(operation: &mut Map<String, Value>) -> Result<()> {
    let responses = operation.get_mut("responses").and_then(Value::as_object_mut).context("no responses")?;
    for (status, response) in responses.iter_mut() {
        let response = response.as_object_mut().context("a response")?;
        if !response.contains_key("$ref") {
            response.entry("headers").or_insert_with(|| of(status));
        }
    }
    Ok(())
}

/// How long to wait. Answers of one status may have it or not.
pub fn wait(required: bool) -> Value {
    json!({
        "description": "How many seconds to wait before the request is worth repeating.",
        "required": required,
        "schema": {"type": "integer", "minimum": 1},
        "example": 5,
    })
}
