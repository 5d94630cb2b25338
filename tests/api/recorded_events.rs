//! Each recorded event in `events/` is given to the built program of the function whose name the file has.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::functions::{functions, recorded_event};
use tests::sandbox::Sandbox;
use tests::{Client, TestVault, Upload};

/// The ids and the object key in the recorded events.
const USER: &str = "019cad10-3c00-7000-8000-000000000001";
const DOCUMENT: &str = "019cad10-3c00-7000-8000-000000000002";
const KEY: &str = "019cad10-3c00-7000-8000-000000000001/019cad10-3c00-7000-8000-000000000002/8c5b1f5e-5d0e-4b77-a3a1-5b9d6e0b7a11.pdf";

/// Returns the events in the order of a document's life, each with the expected status or answer.
fn events_in_order() -> Vec<(&'static str, Value)> {
    let (acknowledged, migrated) =
        (json!({"batchItemFailures": []}), json!({"applied": crate::migrate::versions(), "outstanding": []}));
    vec![
        ("migrate", migrated.clone()),
        ("migrate-up", migrated),
        ("health", json!(200)),
        ("health-reference", json!(200)),
        ("auth-register", json!(201)),
        ("auth-login", json!(200)),
        ("auth", json!(200)),
        ("upload-url", json!(201)),
        ("confirm", json!(200)),
        ("classify-test-event", acknowledged.clone()),
        ("classify-minio", acknowledged.clone()),
        ("classify-s3", acknowledged.clone()),
        ("classify-nudge", acknowledged.clone()),
        ("classify", acknowledged),
        ("topics-create", json!(201)),
        ("topics", json!(200)),
        ("documents-topics", json!(200)),
        ("documents-classify", json!(202)),
        ("documents", json!(200)),
        ("documents-read", json!(200)),
        ("documents-download", json!(200)),
        ("quota", json!(200)),
        ("delete", json!(204)),
        (
            "cleanup",
            json!({"abandoned": 0, "removed": 1, "postponed": 0, "settled": 0, "nudged": 0, "unsent": 0, "cut_short": false}),
        ),
    ]
}

/// Returns a recorded event, changed to be about this vault, caller and upload.
fn event_for(vault: &TestVault, alice: &Client, upload: &Upload, name: &str) -> String {
    let key = upload.key();
    recorded_event(name)
        .replace("<access token>", &vault.issue_token(alice.id()))
        .replace(KEY, &key)
        .replace(&KEY.replace('/', "%2F"), &key.replace('/', "%2F"))
        .replace(USER, &alice.id().to_string())
        .replace(DOCUMENT, &upload.document_id.to_string())
        .replace("\"name\": \"docuvault\"", &format!("\"name\": \"{}\"", vault.bucket.name))
        .replace(r#"\"name\":\"docuvault\""#, &format!(r#"\"name\":\"{}\""#, vault.bucket.name))
}

#[tokio::test]
async fn every_recorded_event_gets_the_expected_answer() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload =
        alice.begin_upload(json!({"filename": "Invoice 7.pdf", "content_type": "application/pdf"})).await;
    assert_eq!(upload.put(b"hello").await, 200);
    for (name, expected) in events_in_order() {
        let function = functions().into_iter().find(|function| name.starts_with(function)).unwrap();
        let mut sandbox = Sandbox::start(&function, &vault.variables()).await;
        let answer = sandbox.invoke(&event_for(&vault, &alice, &upload, name)).await;
        let answer = answer.unwrap_or_else(|error| panic!("{name}: {error}"));
        let found = if expected.is_u64() { &answer["statusCode"] } else { &answer };
        assert_eq!(*found, expected, "{name}: {answer}");
        let status = vault.row(upload.document_id).await["status"].take();
        match name {
            "confirm" => assert_eq!(status, "uploaded"),
            "classify-minio" => assert_eq!(status, "classified"),
            "delete" => assert_eq!(status, Value::Null),
            _ => {}
        }
    }
}

#[tokio::test]
async fn the_recorded_create_admin_event_works_once() {
    let vault = TestVault::new().await;
    let mut sandbox = Sandbox::start("migrate", &vault.variables()).await;
    let event = recorded_event("migrate-create-admin");
    let answer = sandbox.invoke(&event).await.unwrap();
    assert!(answer["temporary_password"].as_str().unwrap().len() >= 12, "{answer}");
    let again = sandbox.invoke(&event).await.unwrap_err();
    assert_eq!(again["errorMessage"], "this e-mail address is taken");
}

#[test]
fn every_recorded_event_is_tested() {
    let tested: BTreeSet<_> = events_in_order().into_iter().map(|(name, _)| name.to_owned()).collect();
    let files = std::fs::read_dir(format!("{}/../events", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut files_present: BTreeSet<_> =
        files.map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    assert!(files_present.remove("migrate-create-admin"), "this event has a test of its own");
    assert_eq!(files_present, tested);
}
