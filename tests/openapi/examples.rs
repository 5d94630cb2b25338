//! Each parameter and field has an example. The examples of bodies fit their schemas.

use serde_json::Value;
use tests::reference::compile_validator;

use crate::reference::{operations, resolve, schemas};

/// Returns whether a schema, its type or its items have an example. Fields of an object are checked
/// separately.
fn has_example(schema: &Value) -> bool {
    let schema = resolve(schema);
    let own = ["example", "examples", "properties", "allOf"].iter().any(|name| schema.get(*name).is_some());
    let part = schema.get("items").or_else(|| schema.pointer("/oneOf/0"));
    own || part.is_some_and(has_example)
}

#[test]
fn every_parameter_has_an_example() {
    for (name, operation) in operations() {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(has_example(&parameter["schema"]), "{name}: {}", parameter["name"]);
            assert!(parameter.get("example").is_none(), "pages would send it: {name}: {}", parameter["name"]);
        }
    }
}

#[test]
fn every_field_has_an_example() {
    for (name, schema) in schemas() {
        let parts = schema["allOf"].as_array().into_iter().flatten().chain([schema]);
        for (field, schema) in parts.filter_map(|part| part["properties"].as_object()).flatten() {
            assert!(has_example(schema), "{name}.{field}");
        }
    }
}

#[test]
fn every_body_has_an_example_and_all_examples_fit_their_schemas() {
    for (name, operation) in operations().into_iter().filter(|(name, _)| !name.starts_with("head")) {
        let (method, path) = name.split_once(' ').unwrap();
        let at = format!("/paths/{}/{method}", path.replace('~', "~0").replace('/', "~1"));
        let answers = operation["responses"].as_object().unwrap().keys();
        let answers = answers.map(|status| format!("/responses/{status}"));
        for place in answers.chain(["/requestBody".to_owned()]) {
            let pointer = format!("{place}/content/application~1json");
            let Some(content) = operation.pointer(&pointer) else { continue };
            let named = content["examples"].as_object().into_iter().flat_map(|all| all.values());
            let examples: Vec<_> =
                content.get("example").into_iter().chain(named.map(|named| &named["value"])).collect();
            assert!(!examples.is_empty(), "{name}{place}");
            let validator = compile_validator(&format!("{at}{pointer}/schema"));
            for example in examples {
                let problem = validator.validate(example).err();
                assert!(problem.is_none(), "{name}{place}: {problem:?}");
            }
        }
    }
}
