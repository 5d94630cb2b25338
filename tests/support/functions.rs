//! The functions by name: their recorded events, programs and credentials.

use std::path::PathBuf;

use docuvault::id::DocumentId;
use serde_json::Value;

use crate::Environment;
use crate::sandbox::Variables;
use crate::store::{has_policy, store_credentials};

/// Returns the names of all functions: the folders of `functions/`.
pub fn functions() -> Vec<String> {
    let folders = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../functions")).unwrap();
    folders.map(|folder| folder.unwrap().file_name().into_string().unwrap()).collect()
}

/// Returns the text of the recorded event `events/<name>.json`.
pub fn recorded_event(name: &str) -> String {
    let file = format!("{}/../events/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Returns the recorded event of a request, with this access token, and about this document.
pub fn recorded_request(name: &str, token: &str, document: DocumentId) -> Value {
    let event = recorded_event(name).replace("<access token>", token);
    let event = event.replace("019cad10-3c00-7000-8000-000000000002", &document.to_string());
    serde_json::from_str(&event).unwrap()
}

/// Replaces root's credentials in the variables by the function's own, or removes them if the function has no
/// policy.
pub fn with_own_credentials(function: &str, variables: &Variables) -> Variables {
    let mut variables = variables.clone();
    let root = Environment::read().access_key_id;
    if variables.get("AWS_ACCESS_KEY_ID") == Some(&root) {
        variables.remove("AWS_ACCESS_KEY_ID");
        variables.remove("AWS_SECRET_ACCESS_KEY");
        if has_policy(function) {
            let credentials = store_credentials(function).credentials;
            variables.insert("AWS_ACCESS_KEY_ID", credentials.access_key_id().to_owned());
            variables.insert("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key().to_owned());
        }
    }
    variables
}

/// Returns the folder of the programs that `./dev test` has built.
pub(crate) fn program_folder() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "cargo's own setting")]
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target")).join("debug")
}
