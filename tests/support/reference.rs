//! Checks every answer that a [`Client`](crate::Client) gets against the reference of the API:
//! `infra/openapi.json` must describe it.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use jsonschema::{Resource, Validator};
use serde_json::{Value, json};

use crate::Response;

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../infra/openapi.json")).unwrap());

/// The compiled validators, by the JSON pointer of the schema in the reference.
static VALIDATORS: LazyLock<Mutex<HashMap<String, Validator>>> = LazyLock::new(Mutex::default);

/// Panics if the reference does not describe this answer to this request.
#[track_caller]
pub fn check(method: &str, path: &str, answer: &Response) {
    let Some(template) = find_path(path) else {
        assert_eq!(answer.status, 404, "{method} {path} has no place in the reference: {}", answer.body);
        return;
    };
    let operation = &DOCUMENT["paths"][template][method.to_lowercase()];
    if operation.is_null() {
        assert_eq!(answer.status, 405, "{method} {template} is not in the reference: {}", answer.body);
        return;
    }
    let what = format!("{method} {template}: {} {}", answer.status, answer.body);
    let pointer =
        format!("/paths/{}/{}/responses/{}", escape(template), method.to_lowercase(), answer.status);
    let response = DOCUMENT.pointer(&pointer).unwrap_or_else(|| panic!("{what} is not in the reference"));
    let pointer =
        response["$ref"].as_str().map_or(pointer, |reference| reference.trim_start_matches('#').into());
    let content = format!("{pointer}/content/application~1json/schema");
    if DOCUMENT.pointer(&content).is_none() {
        assert!(answer.body.is_null(), "{what} has no body in the reference");
        return;
    }
    let mut validators = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    let validator = validators.entry(content).or_insert_with_key(|content| compile_validator(content));
    if let Err(error) = validator.validate(&answer.body) {
        panic!("{what}: {error} (at {})", error.instance_path);
    }
}

/// Finds the path of the reference that matches the path of a request. If several match, returns the one with
/// the fewest parameters.
fn find_path(path: &str) -> Option<&'static str> {
    let path = path.split('?').next()?;
    let fits = |template: &&String| {
        let parts: Vec<_> = template.split('/').collect();
        parts.len() == path.split('/').count()
            && parts
                .iter()
                .zip(path.split('/'))
                .all(|(part, given)| *part == given || part.starts_with('{') && !given.is_empty())
    };
    let paths = DOCUMENT["paths"].as_object().unwrap().keys().filter(fits);
    paths.map(String::as_str).min_by_key(|template| template.matches('{').count())
}

/// Compiles a validator of bodies from the schema at this JSON pointer of the reference.
pub fn compile_validator(pointer: &str) -> Validator {
    let document = Resource::from_contents(DOCUMENT.clone()).unwrap();
    let pointer = pointer.replace('{', "%7B").replace('}', "%7D");
    jsonschema::options()
        .with_resource("urn:docuvault", document)
        .build(&json!({"$ref": format!("urn:docuvault#{pointer}")}))
        .unwrap()
}

fn escape(path: &str) -> String {
    path.replace('~', "~0").replace('/', "~1")
}
