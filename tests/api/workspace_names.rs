//! Each function has one name: its folder, package, library, program, event and test file all have this name.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Functions that a queue, a schedule or an operator invokes.
const WITHOUT_ROUTES: [&str; 4] = ["classify", "cleanup", "mail", "migrate"];

fn workspace_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Returns the names of the files and folders in a folder, without their extensions.
fn names_in(folder: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(workspace_folder().join(folder)).unwrap();
    entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

fn cargo_metadata() -> Value {
    let cargo = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(workspace_folder())
        .output()
        .unwrap();
    serde_json::from_slice(&cargo.stdout).unwrap()
}

fn is_function(package: &Value) -> bool {
    let folder = workspace_folder().join("functions");
    Path::new(package["manifest_path"].as_str().unwrap()).starts_with(folder)
}

#[test]
fn folder_package_library_and_program_of_a_function_have_the_same_name() {
    let metadata = cargo_metadata();
    let mut packages = BTreeSet::new();
    for package in metadata["packages"].as_array().unwrap().iter().filter(|package| is_function(package)) {
        let name = package["name"].as_str().unwrap();
        let folder = Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap();
        assert_eq!(folder.file_name().unwrap(), name);
        let targets = package["targets"].as_array().unwrap().iter();
        let mut kinds: Vec<_> = targets
            .filter(|target| target["kind"] != serde_json::json!(["custom-build"]))
            .map(|target| (target["kind"][0].as_str().unwrap(), target["name"].as_str().unwrap()))
            .collect();
        kinds.sort_unstable();
        assert_eq!(kinds, [("bin", name), ("lib", &name.replace('-', "_"))]);
        packages.insert(name.to_owned());
    }
    assert_eq!(packages, names_in("functions"));
}

#[test]
fn every_function_has_a_route_or_is_listed_as_without_routes() {
    let metadata = cargo_metadata();
    let router = metadata["metadata"]["lambda"]["watch"]["router"].as_object().unwrap();
    let routed = router.values().flat_map(|entry| entry.as_array().unwrap());
    let mut named: BTreeSet<String> =
        routed.map(|route| route["function"].as_str().unwrap().to_owned()).collect();
    assert!(WITHOUT_ROUTES.iter().all(|name| !named.contains(*name)));
    named.extend(WITHOUT_ROUTES.map(str::to_owned));
    assert_eq!(named, names_in("functions"));
}

#[test]
fn head_and_get_of_a_path_go_to_the_same_function() {
    let metadata = cargo_metadata();
    let router = metadata["metadata"]["lambda"]["watch"]["router"].as_object().unwrap();
    for (path, entry) in router {
        let function_for = |method: &str| {
            let mut targets = entry.as_array().unwrap().iter();
            targets.find(|target| target["method"] == method).map(|target| target["function"].clone())
        };
        assert_eq!(function_for("HEAD"), function_for("GET"), "{path}");
    }
}

#[test]
fn every_function_has_an_event_and_every_event_a_function() {
    let (functions, events) = (names_in("functions"), names_in("events"));
    let missing: Vec<_> = functions.difference(&events).collect();
    assert!(missing.is_empty(), "functions without an event: {missing:?}");
    for event in events {
        let named = |function: &String| event == *function || event.starts_with(&format!("{function}-"));
        assert!(functions.iter().any(named), "events/{event}.json belongs to no function");
    }
}

#[test]
fn every_function_has_a_test_file_and_every_test_file_runs() {
    let tests = names_in("tests/api");
    for function in names_in("functions") {
        assert!(tests.contains(&function.replace('-', "_")), "tests/api has no file for {function}");
    }
    for test in tests.iter().filter(|test| *test != "main") {
        let module = format!("\nmod {test};\n");
        assert!(include_str!("main.rs").contains(&module), "tests/api/main.rs does not name {test}");
    }
}
