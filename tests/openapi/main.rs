//! `infra/openapi.json` is the document that the code describes. It has all routes of the API, and everything
//! that clients need.

mod examples;
mod limits;
mod reference;
mod security;

use std::collections::BTreeSet;

use reference::{WRITTEN, document, operations};
use serde_json::Value;

const MANIFEST: &str = include_str!("../../Cargo.toml");

/// A function, a method and a path.
type Route = (String, String, String);

fn route(function: &str, method: &str, path: &str) -> Route {
    (function.to_owned(), method.to_uppercase(), path.to_owned())
}

/// Reads the routes from the table by which requests reach functions.
fn read_router_table() -> BTreeSet<Route> {
    let manifest: toml::Table = MANIFEST.parse().unwrap();
    let router = manifest["workspace"]["metadata"]["lambda"]["watch"]["router"].as_table().unwrap();
    let mut routes = BTreeSet::new();
    for (path, targets) in router {
        for target in targets.as_array().unwrap() {
            let word = |name| target[name].as_str().unwrap();
            routes.insert(route(word("function"), word("method"), path));
        }
    }
    routes
}

#[test]
fn the_checked_in_document_is_the_one_that_the_code_describes() {
    let built = openapi::document().unwrap();
    assert!(
        format!("{built:#}\n") == WRITTEN,
        "`./dev openapi` writes the document again; these parts differ: {:#?}",
        find_differences(document(), &built, "")
    );
}

/// Finds the parts that differ in two values.
fn find_differences(one: &Value, other: &Value, at: &str) -> Vec<String> {
    if let (Value::Object(one), Value::Object(other)) = (one, other) {
        let names: BTreeSet<_> = one.keys().chain(other.keys()).collect();
        let null = Value::Null;
        let member = |object: &serde_json::Map<String, Value>, name: &String| {
            object.get(name).cloned().unwrap_or(null.clone())
        };
        return names
            .into_iter()
            .flat_map(|name| {
                find_differences(&member(one, name), &member(other, name), &format!("{at}/{name}"))
            })
            .collect();
    }
    if one == other { Vec::new() } else { vec![at.to_owned()] }
}

#[test]
fn each_function_describes_the_routes_that_lead_to_it() {
    let mut described = BTreeSet::new();
    for (function, part) in openapi::functions() {
        let part = serde_json::to_value(part).unwrap();
        for (path, operations) in part["paths"].as_object().unwrap() {
            for method in operations.as_object().unwrap().keys() {
                described.insert(route(function, method, path));
                if method == "get" {
                    described.insert(route(function, "head", path));
                }
            }
        }
    }
    assert_eq!(described, read_router_table());
}

#[test]
fn the_document_has_every_route() {
    let described: BTreeSet<_> = operations().into_keys().collect();
    let routed =
        read_router_table().into_iter().map(|(_, method, path)| format!("{} {path}", method.to_lowercase()));
    assert_eq!(described, routed.collect());
}

#[test]
fn every_tag_of_an_operation_is_described() {
    let tags = document()["tags"].as_array().unwrap();
    let described: BTreeSet<_> = tags.iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    for (name, operation) in operations() {
        for tag in operation["tags"].as_array().unwrap() {
            assert!(described.contains(tag.as_str().unwrap()), "{name}: {tag} has no description");
        }
    }
}

#[test]
fn every_operation_has_a_unique_name_and_a_summary() {
    let mut names = BTreeSet::new();
    for operation in operations().into_values() {
        let name = operation["operationId"].as_str().unwrap();
        assert!(names.insert(name), "two operations are called {name}");
        assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{name}");
    }
}
