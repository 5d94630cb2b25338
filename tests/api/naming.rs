//! One name everywhere: what is called alike belongs together, and nothing is left over.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Called by a queue, a schedule or by hand.
const WITHOUT_ROUTES: [&str; 3] = ["classify", "cleanup", "migrate"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The names in a folder, without their extensions.
fn stems(folder: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap();
    entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

fn metadata() -> Value {
    let cargo = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    serde_json::from_slice(&cargo.stdout).unwrap()
}

fn in_functions(package: &Value) -> bool {
    let folder = root().join("functions");
    Path::new(package["manifest_path"].as_str().unwrap()).starts_with(folder)
}

#[test]
fn folder_package_library_and_program_have_one_name() {
    let metadata = metadata();
    let mut packages = BTreeSet::new();
    for package in metadata["packages"].as_array().unwrap().iter().filter(|package| in_functions(package)) {
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
    assert_eq!(packages, stems("functions"));
}

#[test]
fn every_function_is_routed_or_known_to_need_no_route() {
    let metadata = metadata();
    let router = metadata["metadata"]["lambda"]["watch"]["router"].as_object().unwrap();
    let routed = router.values().flat_map(|entry| entry.as_array().unwrap());
    let mut named: BTreeSet<String> =
        routed.map(|route| route["function"].as_str().unwrap().to_owned()).collect();
    assert!(WITHOUT_ROUTES.iter().all(|name| !named.contains(*name)));
    named.extend(WITHOUT_ROUTES.map(str::to_owned));
    assert_eq!(named, stems("functions"));
}

#[test]
fn head_goes_where_get_goes() {
    let metadata = metadata();
    let router = metadata["metadata"]["lambda"]["watch"]["router"].as_object().unwrap();
    for (path, entry) in router {
        let of = |method: &str| {
            let mut targets = entry.as_array().unwrap().iter();
            targets.find(|target| target["method"] == method).map(|target| target["function"].clone())
        };
        assert_eq!(of("HEAD"), of("GET"), "{path}");
    }
}

#[test]
fn every_function_has_an_event_and_every_event_a_function() {
    let (functions, events) = (stems("functions"), stems("events"));
    let missing: Vec<_> = functions.difference(&events).collect();
    assert!(missing.is_empty(), "without an event: {missing:?}");
    for event in events {
        let named = |function: &String| event == *function || event.starts_with(&format!("{function}-"));
        assert!(functions.iter().any(named), "events/{event}.json belongs to no function");
    }
}

#[test]
fn every_function_has_its_file_of_tests() {
    let tests = stems("tests/api");
    for function in stems("functions") {
        assert!(tests.contains(&function.replace('-', "_")), "tests/api has no file for {function}");
    }
}
