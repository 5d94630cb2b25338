//! Puts the examples of parameters where pages expect them, and makes examples of whole bodies from those of
//! their fields.

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

/// Fields that are null in the example of a document, because its text was classified.
const ABSENT: [&str; 3] = ["failure", "without_text", "unread_format"];

/// Moves the example of each parameter to its schema. Pages that send requests would otherwise prefill the
/// parameter with it, and so set a filter that the user did not choose.
pub fn move_to_schemas(operation: &mut Map<String, Value>) -> Result<()> {
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten().filter_map(Value::as_object_mut) {
        if let Some(example) = parameter.remove("example") {
            let schema = parameter.get_mut("schema").and_then(Value::as_object_mut);
            schema.context("a parameter has no schema")?.insert("examples".into(), json!([example]));
        }
    }
    Ok(())
}

/// Adds an example to each JSON body of a request or an answer that has none.
pub fn add_to_bodies(document: &mut Value) -> Result<()> {
    let schemas = document.pointer("/components/schemas").cloned().context("no schemas")?;
    for body in crate::operations(document)?.into_iter().flat_map(bodies) {
        let content = body.pointer_mut("/content/application~1json").and_then(Value::as_object_mut);
        let Some(content) = content.filter(|content| !content.keys().any(|name| name.starts_with("example")))
        else {
            continue;
        };
        let schema = content.get("schema").context("a body has no schema")?;
        let example = example(schema, &schemas).with_context(|| format!("no example in {schema}"))?;
        content.insert("example".into(), example);
    }
    Ok(())
}

/// Returns the body of an operation's request, and all its answers.
fn bodies(operation: &mut Map<String, Value>) -> Vec<&mut Value> {
    let parts = operation.iter_mut().flat_map(|(name, part)| match (name.as_str(), part) {
        ("requestBody", body) => vec![body],
        ("responses", Value::Object(answers)) => answers.values_mut().collect(),
        _ => Vec::new(),
    });
    parts.collect()
}

/// Returns the example of a schema: its own, that of the schema to which its `$ref` points, or one made of
/// the examples of its parts.
fn example(schema: &Value, schemas: &Value) -> Option<Value> {
    if let Some(own) = schema.pointer("/examples/0").or_else(|| schema.get("example")) {
        return Some(own.clone());
    }
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return example(schemas.get(reference.rsplit('/').next()?)?, schemas);
    }
    if let Some(items) = schema.get("items") {
        return Some(json!([example(items, schemas)?]));
    }
    if let Some(first) = schema.pointer("/oneOf/0") {
        return example(first, schemas);
    }
    if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        let parts = parts.iter().map(|part| example(part, schemas)?.as_object().cloned());
        let fields: Option<Vec<Map<_, _>>> = parts.collect();
        return Some(fields?.into_iter().flatten().collect());
    }
    let field = |(name, field): (&String, &Value)| {
        let absent = ABSENT.contains(&name.as_str());
        Some((name.clone(), if absent { Value::Null } else { example(field, schemas)? }))
    };
    schema.get("properties")?.as_object()?.iter().map(field).collect()
}
