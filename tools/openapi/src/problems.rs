//! Adds the error responses to the operations. An operation names its own error codes (`x-codes`). This
//! module adds the codes that all operations of its form have, such as those with a body. Codes with the same
//! status become one response.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use docuvault::http::Code;
use serde_json::{Map, Value, json};

use crate::headers;

/// Responses that operations refer to.
#[derive(Default)]
pub struct Problems(BTreeMap<String, Value>);

impl Problems {
    /// Adds the responses of all errors to an operation.
    pub fn expand(&mut self, operation: &mut Map<String, Value>) -> Result<()> {
        let mut by_status: BTreeMap<u16, BTreeSet<Code>> = BTreeMap::new();
        for code in take_codes(operation)? {
            by_status.entry(code.status().as_u16()).or_default().insert(code);
        }
        let responses =
            operation.get_mut("responses").and_then(Value::as_object_mut).context("no responses")?;
        for (status, codes) in by_status {
            let status = status.to_string();
            let response = match responses.get(&status) {
                Some(own) => join_errors(own, &codes)?,
                None => self.refer(&codes),
            };
            responses.insert(status, response);
        }
        Ok(())
    }

    /// Returns all responses that operations refer to, and those to requests that reach no operation.
    pub fn components(mut self) -> Value {
        for code in [Code::NotFound, Code::MethodNotAllowed] {
            self.refer(&BTreeSet::from([code]));
        }
        json!(self.0)
    }

    fn refer(&mut self, codes: &BTreeSet<Code>) -> Value {
        let name = codes.iter().map(|code| code.as_str()).collect::<Vec<_>>().join("-");
        let reference = json!({"$ref": format!("#/components/responses/{name}")});
        self.0.entry(name).or_insert_with(|| response(&describe(codes), schema(codes), codes));
        reference
    }
}

/// Removes `x-codes` from the operation. Returns these codes, and those that every operation of its form has.
fn take_codes(operation: &mut Map<String, Value>) -> Result<BTreeSet<Code>> {
    let named = operation.remove("x-codes").unwrap_or_else(|| json!([]));
    let named: Vec<String> = serde_json::from_value(named)?;
    let find = |name: &String| Code::ALL.iter().copied().find(|code| code.as_str() == name);
    let mut codes: BTreeSet<Code> =
        named.iter().map(|name| find(name).context(name.clone())).collect::<Result<_>>()?;
    if codes.contains(&Code::PasswordChangeOwed) {
        codes.insert(Code::FactorOwed);
    }
    codes.extend([Code::TooManyRequests, Code::Internal, Code::TimedOut, Code::FunctionsUnreachable]);
    if operation.contains_key("security") || operation.contains_key("requestBody") {
        codes.insert(Code::DatabaseUnreachable);
    }
    if operation.contains_key("security") {
        codes.extend([Code::Unauthenticated, Code::SecretUnavailable]);
    }
    if operation.contains_key("parameters") {
        codes.insert(Code::Invalid);
    }
    if operation.contains_key("requestBody") {
        codes.extend([Code::BodyBroken, Code::BodyTooLarge, Code::UnsupportedMediaType, Code::Invalid]);
    }
    Ok(codes)
}

/// Joins the operation's own answer and the errors with the same status to one response.
fn join_errors(answer: &Value, codes: &BTreeSet<Code>) -> Result<Value> {
    let pointer = "/content/application~1json/schema";
    let body = answer.pointer(pointer).context("an answer has no schema")?;
    let described =
        answer.get("description").and_then(Value::as_str).context("an answer has no description")?;
    let described = format!("{described}; or:\n{}", describe(codes));
    let mut joined = response(&described, json!({"oneOf": [body, schema(codes)]}), codes);
    if let Some(wait) = joined.pointer_mut("/headers/retry-after") {
        *wait = headers::retry_after(false);
    }
    Ok(joined)
}

fn response(description: &str, schema: Value, codes: &BTreeSet<Code>) -> Value {
    let examples: Map<String, Value> =
        codes.iter().map(|code| (code.as_str().to_owned(), json!({"value": example(*code)}))).collect();
    let content = json!({"application/json": {"schema": schema, "examples": examples}});
    let headers = codes.first().map(|code| headers::for_status(code.status().as_str()));
    json!({"description": description, "headers": headers, "content": content})
}

/// Describes the codes, with one line for each.
fn describe(codes: &BTreeSet<Code>) -> String {
    let lines = codes.iter().map(|code| format!("- `{}`: {}", code.as_str(), code.meaning()));
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns the schema of errors with these codes. The list of codes stands beside `$ref`, so that it limits
/// the valid answers, and adds no type to generated clients.
fn schema(codes: &BTreeSet<Code>) -> Value {
    let (numbers, texts): (Vec<Code>, Vec<Code>) =
        codes.iter().partition(|code| **code == Code::QuotaExceeded);
    let names: Vec<_> = texts.iter().map(|code| code.as_str()).collect();
    let text = json!({"$ref": "#/components/schemas/Problem", "properties": {"code": {"enum": names}}});
    let number = json!({"$ref": "#/components/schemas/QuotaExceeded"});
    match (numbers.is_empty(), texts.is_empty()) {
        (false, false) => json!({"oneOf": [number, text]}),
        (false, true) => number,
        _ => text,
    }
}

/// Returns the schemas of the bodies of errors.
pub fn schemas() -> [(String, Value); 2] {
    let text = json!({
        "type": "string", "description": "What went wrong, for people. Its wording may change.",
        "examples": [Code::NotFound.meaning()],
    });
    let code = json!({"$ref": "#/components/schemas/Code"});
    let quota_exceeded =
        json!({"type": "string", "enum": ["quota_exceeded"], "examples": ["quota_exceeded"]});
    let numbers = json!({"$ref": "#/components/schemas/Refusal"});
    let body = |description, code: Value, detail: Value| {
        json!({
            "type": "object", "description": description,
            "required": ["code", "detail"], "properties": {"code": code, "detail": detail},
        })
    };
    [
        ("Problem".to_owned(), body("An error, with a text as its detail.", code, text)),
        ("QuotaExceeded".to_owned(), body("An error, with numbers as its detail.", quota_exceeded, numbers)),
    ]
}

fn example(code: Code) -> Value {
    let detail = match code {
        Code::QuotaExceeded => {
            json!({"used_bytes": 104_857_000, "limit_bytes": 104_857_600, "rejected_bytes": 1_048_576})
        }
        _ => json!(code.meaning()),
    };
    json!({"code": code.as_str(), "detail": detail})
}
