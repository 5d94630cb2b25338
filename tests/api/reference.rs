//! The functions serve exactly the routes of `infra/openapi.json`, and the document itself.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::TestVault;
use tests::functions::recorded_event;
use tests::sandbox::Sandbox;

const DOCUMENT: &str = include_str!("../../infra/openapi.json");

#[tokio::test]
async fn every_path_accepts_exactly_the_methods_of_the_reference() {
    let vault = TestVault::new().await;
    let client = vault.anonymous();
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    for (path, operations) in document["paths"].as_object().unwrap() {
        let id = path.replace("{id}", "00000000-0000-7000-8000-000000000000");
        let answer = client.send("TRACE", &id, None).await;
        assert_eq!(answer.status, 405, "{path}");
        let taken: BTreeSet<_> = answer.headers["allow"].to_str().unwrap().split(',').collect();
        let described: BTreeSet<_> =
            operations.as_object().unwrap().keys().map(|method| method.to_uppercase()).collect();
        assert_eq!(taken, described.iter().map(String::as_str).collect(), "{path}");
    }
}

#[tokio::test]
async fn anybody_gets_the_reference_as_it_is_checked_in() {
    let vault = TestVault::new().await;
    let mut sandbox = Sandbox::start("health", &vault.variables()).await;
    let answer = sandbox.invoke(&recorded_event("health-reference")).await.unwrap();
    assert_eq!((&answer["statusCode"], &answer["body"]), (&json!(200), &json!(DOCUMENT)));
    assert_eq!(answer["headers"]["content-type"], "application/json");
}
