//! The reference of the API in OpenAPI 3.1. The functions say what is true of single routes, at their
//! handlers and types; added here is what is true of many: errors, headers, HEAD.

mod headers;
mod heads;
mod overview;
mod problems;

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

/// The functions that serve the API, each with what it says of its routes.
pub fn functions() -> [(&'static str, OpenApi); 8] {
    let topics = topics::own::Reference::openapi().merge_from(topics::system::Reference::openapi());
    [
        ("auth", auth::Reference::openapi()),
        ("confirm", confirm::Reference::openapi()),
        ("delete", delete::Reference::openapi()),
        ("documents", documents::Reference::openapi()),
        ("health", health::Reference::openapi()),
        ("quota", quota::Reference::openapi()),
        ("topics", topics),
        ("upload-url", upload_url::Reference::openapi()),
    ]
}

/// The whole document.
pub fn document() -> Result<Value> {
    let whole = overview::Overview::openapi();
    let whole = functions().into_iter().fold(whole, |whole, (_, part)| whole.merge_from(part));
    let mut document = serde_json::to_value(whole)?;
    let mut problems = problems::Problems::default();
    for operation in operations(&mut document)? {
        problems.expand(operation)?;
    }
    let components = object(&mut document, "components")?;
    let schemas = object_in(components, "schemas")?;
    refer_to_items(schemas);
    schemas.extend(problems::schemas());
    components.insert("responses".into(), problems.components());
    components.insert("headers".into(), headers::components());
    for operation in operations(&mut document)? {
        headers::add(operation)?;
    }
    heads::add(&mut document)?;
    Ok(document)
}

/// A page says by its name what its items are. Written out once more, they would be types of their own in
/// generated clients.
fn refer_to_items(schemas: &mut Map<String, Value>) {
    for (name, schema) in schemas {
        let item =
            name.strip_prefix("Page_").map(|item| json!({"$ref": format!("#/components/schemas/{item}")}));
        if let (Some(item), Some(items)) = (item, schema.pointer_mut("/properties/items/items")) {
            *items = item;
        }
    }
}

/// Every operation of every path.
fn operations(document: &mut Value) -> Result<Vec<&mut Map<String, Value>>> {
    let paths = object(document, "paths")?.values_mut().filter_map(Value::as_object_mut);
    Ok(paths.flat_map(Map::values_mut).filter_map(Value::as_object_mut).collect())
}

/// The member with this name, which is an object.
fn object<'a>(of: &'a mut Value, name: &str) -> Result<&'a mut Map<String, Value>> {
    object_in(of.as_object_mut().context("no object")?, name)
}

fn object_in<'a>(of: &'a mut Map<String, Value>, name: &str) -> Result<&'a mut Map<String, Value>> {
    of.get_mut(name).and_then(Value::as_object_mut).with_context(|| format!("{name} is no object"))
}
