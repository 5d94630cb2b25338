//! Adds HEAD operations: every path with GET also serves HEAD.

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

/// Adds a HEAD operation beside each GET operation.
pub fn add_to_document(document: &mut Value) -> Result<()> {
    let components = document.get("components").cloned().unwrap_or_default();
    for path in crate::object_member(document, "paths")?.values_mut().filter_map(Value::as_object_mut) {
        if let Some(get) = path.get("get") {
            let head = from_get(get.clone(), &components)?;
            path.insert("head".into(), head);
        }
    }
    Ok(())
}

/// Turns a GET operation into a HEAD operation, whose answers have no bodies.
fn from_get(mut operation: Value, components: &Value) -> Result<Value> {
    for word in ["operationId", "summary"] {
        let text = operation.get(word).and_then(Value::as_str).context(word)?;
        let text =
            if word == "summary" { format!("{text}: headers only") } else { format!("{text}_headers") };
        *operation.get_mut(word).context(word)? = json!(text);
    }
    for response in crate::object_member(&mut operation, "responses")?.values_mut() {
        let whole = match response.get("$ref").and_then(Value::as_str) {
            Some(reference) => reference
                .strip_prefix("#/components/responses/")
                .and_then(|name| components.get("responses")?.get(name))
                .context(reference.to_owned())?,
            None => &*response,
        };
        let kept = ["description", "headers"]
            .iter()
            .filter_map(|name| Some(((*name).into(), whole.get(name)?.clone())));
        *response = Value::Object(kept.collect::<Map<_, _>>());
    }
    Ok(operation)
}
