//! The API's routes, from the table in `Cargo.toml` that `cargo lambda watch` also reads.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::Deserialize;

const MANIFEST: &str = include_str!("../../../Cargo.toml");

/// A method and a path, and the function that handles them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method, in capitals.
    pub method: String,
    /// The path, with `{parameters}`.
    pub path: String,
    /// The name of the function.
    pub function: String,
}

#[derive(Deserialize)]
struct Target {
    method: String,
    function: String,
}

/// Returns all routes, sorted by path. Fails if the table is missing or malformed.
pub fn all() -> Result<Vec<Route>> {
    let manifest: toml::Table = MANIFEST.parse()?;
    let workspace = manifest.get("workspace").context("Cargo.toml has no workspace")?;
    let router = ["metadata", "lambda", "watch", "router"].iter().try_fold(workspace, |at, key| at.get(key));
    let router = router.context("Cargo.toml has no router")?;
    let paths: BTreeMap<String, Vec<Target>> = router.clone().try_into()?;
    let routes = paths.into_iter().flat_map(|(path, targets)| {
        targets.into_iter().map(move |Target { method, function }| Route {
            method,
            path: path.clone(),
            function,
        })
    });
    Ok(routes.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_methods_paths_and_functions() {
        let routes = all().unwrap();
        let confirm = Route {
            method: "POST".into(),
            path: "/api/documents/{id}/confirm".into(),
            function: "confirm".into(),
        };
        assert!(routes.contains(&confirm));
        assert!(routes.iter().filter(|route| route.path == "/api/documents/{id}").count() == 3);
    }
}
