//! Builds the reference of the API in OpenAPI 3.1. Each function describes its own routes, at the handlers
//! and types. This crate adds what many routes have in common: errors, headers, HEAD and examples of whole
//! bodies.

mod examples;
mod head_operations;
mod headers;
mod overview;
mod problems;

use anyhow::{Context as _, Result};
use docuvault::classification::FailureCode;
use serde_json::{Map, Value, json};
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

/// The functions that serve the API. The tests take them from here, so that one manifest lists them.
pub use {account, admin, auth, confirm, delete, documents, health, passkeys, quota, topics, upload_url};

/// Returns the functions that serve the API, each with the description of its routes.
pub fn functions() -> Vec<(&'static str, OpenApi)> {
    let topics = topics::own::Reference::openapi().merge_from(topics::system::Reference::openapi());
    let account = account::me::Reference::openapi()
        .merge_from(account::email::Reference::openapi())
        .merge_from(account::password::Reference::openapi())
        .merge_from(account::factors::Reference::openapi())
        .merge_from(account::sessions::Reference::openapi())
        .merge_from(account::data::Reference::openapi());
    let auth = auth::login::Reference::openapi()
        .merge_from(auth::factor::Reference::openapi())
        .merge_from(auth::refresh::Reference::openapi())
        .merge_from(auth::by_mail::Reference::openapi());
    let passkeys = passkeys::own::Reference::openapi().merge_from(passkeys::sign_in::Reference::openapi());
    vec![
        ("account", account),
        ("admin", administration()),
        ("auth", auth),
        ("confirm", confirm::Reference::openapi()),
        ("delete", delete::Reference::openapi()),
        ("documents", documents::Reference::openapi()),
        ("health", health::Reference::openapi()),
        ("passkeys", passkeys),
        ("quota", quota::Reference::openapi()),
        ("topics", topics),
        ("upload-url", upload_url::Reference::openapi()),
    ]
}

/// Returns the description of the routes of `admin`.
fn administration() -> OpenApi {
    let accounts = admin::users::Reference::openapi().merge_from(admin::sessions::Reference::openapi());
    let accounts = accounts.merge_from(admin::quota::Reference::openapi());
    accounts
        .merge_from(admin::models::Reference::openapi())
        .merge_from(admin::audit_log::Reference::openapi())
}

/// Returns the whole document.
pub fn document() -> Result<Value> {
    let whole = overview::Overview::openapi();
    let whole = functions().into_iter().fold(whole, |whole, (_, part)| whole.merge_from(part));
    let mut document = serde_json::to_value(whole)?;
    let mut problems = problems::Problems::default();
    for operation in operations(&mut document)? {
        problems.expand(operation)?;
    }
    let components = object_member(&mut document, "components")?;
    let schemas = member_of(components, "schemas")?;
    refer_to_items(schemas);
    explain_failures(schemas)?;
    schemas.extend(problems::schemas());
    components.insert("responses".into(), problems.components());
    components.insert("headers".into(), headers::components());
    for operation in operations(&mut document)? {
        headers::add_to_operation(operation)?;
        examples::move_to_schemas(operation)?;
    }
    examples::add_to_bodies(&mut document)?;
    head_operations::add_to_document(&mut document)?;
    Ok(document)
}

/// Replaces the schema of the items of each page by a reference to the item's own schema. The schema of the
/// page names it: `Page_Topic` has items of the schema `Topic`. Otherwise generated clients would have a
/// second type for the items.
fn refer_to_items(schemas: &mut Map<String, Value>) {
    for (name, schema) in schemas {
        let item =
            name.strip_prefix("Page_").map(|item| json!({"$ref": format!("#/components/schemas/{item}")}));
        if let (Some(item), Some(items)) = (item, schema.pointer_mut("/properties/items/items")) {
            *items = item;
        }
    }
}

/// Adds the meaning of each code to the description of the schema `FailureCode`.
fn explain_failures(schemas: &mut Map<String, Value>) -> Result<()> {
    let codes = member_of(schemas, "FailureCode")?;
    let names = codes.get("enum").and_then(Value::as_array).context("FailureCode is no enum")?;
    let explain = |name: &Value| -> Result<String> {
        let code: FailureCode = serde_json::from_value(name.clone())?;
        Ok(format!("- `{}`: {}.", code.as_str(), code.sentence()))
    };
    let lines = names.iter().map(explain).collect::<Result<Vec<_>>>()?.join("\n");
    let description = codes.get("description").and_then(Value::as_str).context("no description")?;
    let description = format!("{description}\n\n{lines}");
    codes.insert("description".into(), description.into());
    Ok(())
}

/// Returns every operation of every path.
fn operations(document: &mut Value) -> Result<Vec<&mut Map<String, Value>>> {
    let paths = object_member(document, "paths")?.values_mut().filter_map(Value::as_object_mut);
    Ok(paths.flat_map(Map::values_mut).filter_map(Value::as_object_mut).collect())
}

/// Returns the member of a JSON object with this name, which must be an object, too.
fn object_member<'a>(of: &'a mut Value, name: &str) -> Result<&'a mut Map<String, Value>> {
    member_of(of.as_object_mut().context("no object")?, name)
}

fn member_of<'a>(of: &'a mut Map<String, Value>, name: &str) -> Result<&'a mut Map<String, Value>> {
    of.get_mut(name).and_then(Value::as_object_mut).with_context(|| format!("{name} is no object"))
}
