//! The API's routes: the one table in `Cargo.toml`, which `cargo lambda watch` reads, too.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::Deserialize;

const MANIFEST: &str = include_str!("../../../Cargo.toml");

/// One method of one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// `GET` and its like.
    pub method: String,
    /// With `{parameters}`.
    pub path: String,
    /// Who answers.
    pub function: String,
}

#[derive(Deserialize)]
struct Target {
    method: String,
    function: String,
}

/// All routes, path by path.
pub fn all() -> Result<Vec<Route>> {
    let manifest: toml::Table = MANIFEST.parse()?;
    let workspace = manifest.get("workspace").context("a workspace")?;
    let router = ["metadata", "lambda", "watch", "router"].iter().try_fold(workspace, |at, key| at.get(key));
    let paths: BTreeMap<String, Vec<Target>> = router.context("a router")?.clone().try_into()?;
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
    fn the_table_is_read_with_methods_paths_and_functions() {
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
