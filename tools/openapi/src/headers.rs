//! Describes the headers of answers that `docuvault::http` sets in the same way on all routes.

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

/// Returns the descriptions of the headers, for the components of the document.
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
        "retry-after": retry_after(true),
    })
}

/// Returns references to the headers that answers with this status have.
pub fn for_status(status: &str) -> Value {
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

/// Adds the headers to the answers of an operation, unless an answer describes its own.
pub fn add_to_operation(operation: &mut Map<String, Value>) -> Result<()> {
    let responses = operation.get_mut("responses").and_then(Value::as_object_mut).context("no responses")?;
    for (status, response) in responses.iter_mut() {
        let response = response.as_object_mut().context("a response")?;
        if !response.contains_key("$ref") {
            response.entry("headers").or_insert_with(|| for_status(status));
        }
    }
    Ok(())
}

/// Describes `retry-after`. If answers with one status have it only sometimes, it is not `required`.
pub fn retry_after(required: bool) -> Value {
    json!({
        "description": "How many seconds to wait before the request is worth repeating.",
        "required": required,
        "schema": {"type": "integer", "minimum": 1},
        "example": 5,
    })
}
