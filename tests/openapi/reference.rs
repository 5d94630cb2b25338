//! Reads the parts of `infra/openapi.json`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

pub const WRITTEN: &str = include_str!("../../infra/openapi.json");

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(WRITTEN).unwrap());

pub fn document() -> &'static Value {
    &DOCUMENT
}

/// Returns the operations by method and path: `get /api/topics`.
pub fn operations() -> BTreeMap<String, &'static Value> {
    let of = |(path, operations): (&String, &'static Value)| {
        let named = |(method, operation): (&String, &'static Value)| (format!("{method} {path}"), operation);
        operations.as_object().unwrap().iter().map(named).collect::<Vec<_>>()
    };
    DOCUMENT["paths"].as_object().unwrap().iter().flat_map(of).collect()
}

/// Returns the types by name.
pub fn schemas() -> &'static serde_json::Map<String, Value> {
    DOCUMENT["components"]["schemas"].as_object().unwrap()
}

/// Returns the type that a schema refers to, or the schema itself.
pub fn resolve(schema: &Value) -> &Value {
    match schema["$ref"].as_str() {
        Some(reference) => resolve(DOCUMENT.pointer(reference.trim_start_matches('#')).unwrap()),
        None => schema,
    }
}
