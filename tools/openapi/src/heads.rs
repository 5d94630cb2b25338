//! HEAD, which is served wherever GET is.

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

/// Adds the operation beside each GET.
pub fn add(document: &mut Value) -> Result<()> {
    let components = document.get("components").cloned().unwrap_or_default();
    for path in crate::object(document, "paths")?.values_mut().filter_map(Value::as_object_mut) {
        if let Some(get) = path.get("get") {
            let head = head(get.clone(), &components)?;
            path.insert("head".into(), head);
        }
    }
    Ok(())
}

/// The same as GET, without bodies.
fn head(mut operation: Value, components: &Value) -> Result<Value> {
    for word in ["operationId", "summary"] {
        let text = operation.get(word).and_then(Value::as_str).context(word)?;
        let text =
            if word == "summary" { format!("{text}: headers only") } else { format!("{text}_headers") };
        *operation.get_mut(word).context(word)? = json!(text);
    }
    for response in crate::object(&mut operation, "responses")?.values_mut() {
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
