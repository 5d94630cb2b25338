//! The built program of a function gets each recorded event in `events/` whose file name begins with the
//! function's name.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::functions::{functions, recorded_event};
use tests::sandbox::Sandbox;
use tests::{Client, StackAnswers, TestVault, Upload};

const REFERENCE: &str = include_str!("../../infra/openapi.json");

/// The user's id in the recorded events.
const USER: &str = "019cad10-3c00-7000-8000-000000000001";
/// The document's id in the recorded events.
const DOCUMENT: &str = "019cad10-3c00-7000-8000-000000000002";
/// The object key in the recorded events.
const KEY: &str = "019cad10-3c00-7000-8000-000000000001/019cad10-3c00-7000-8000-000000000002/8c5b1f5e-5d0e-4b77-a3a1-5b9d6e0b7a11.pdf";

/// Returns two lists of events that must be sent in this order: the first list before all other events, the
/// second after them. Each event has its expected answer. The answer is null for an HTTP request, which must
/// get the status of success.
fn first_and_last_events() -> [Vec<(&'static str, Value)>; 2] {
    let (acknowledged, migrated) =
        (json!({"batchItemFailures": []}), json!({"applied": crate::migrate::versions(), "outstanding": []}));
    let first = vec![
        ("migrate", migrated.clone()),
        ("migrate-up", migrated),
        ("migrate-audit-log", json!({"expired_entries": 0, "cut_short": false})),
        ("migrate-create", json!({"answered": "SUCCESS"})),
        ("migrate-update", json!({"answered": "SUCCESS"})),
        ("migrate-delete", json!({"answered": "SUCCESS"})),
        ("auth-register", Value::Null),
        ("auth-login", Value::Null),
        ("confirm", Value::Null),
        ("classify-test-event", acknowledged.clone()),
        ("classify-minio", acknowledged.clone()),
        ("classify-s3", acknowledged.clone()),
        ("classify-nudge", acknowledged.clone()),
        ("classify", acknowledged),
    ];
    let audited = json!({"users": 4, "drifts": 0, "drift_bytes": 0, "objects": 0, "foreign": 0, "without_row": 0,
        "without_object": 0, "changed": 0, "unchecked": 0});
    let swept = json!({"abandoned": 0, "accounts": 0, "removed": 1, "postponed": 0, "settled": 0, "expired": 0,
        "nudged": 0, "unsent": 0, "forgotten": 1, "cut_short": false, "audit": audited});
    let nothing = json!({"found": 0, "changed": 0, "left": {}, "ids": []});
    let repaired = json!({"applied": false, "ledger_drifts": nothing, "rows_without_object": nothing,
        "objects_without_row": nothing, "changed_objects": nothing, "unchecked_objects": nothing, "refused": null,
        "cursor": null});
    let mailed = json!({"sent": 2, "postponed": 0, "refused": 0, "dropped": 0, "cut_short": false});
    let last = [("mail", mailed), ("delete", Value::Null), ("cleanup", swept), ("cleanup-repair", repaired)];
    [first, last.into()]
}

/// Returns all recorded events with their expected answers, in the order in which they are sent. Leaves out
/// `migrate-create-admin`, which has a test of its own.
fn events_in_order() -> Vec<(String, Value)> {
    let [first, last] = first_and_last_events();
    let mut others = recorded_events();
    assert!(others.remove("migrate-create-admin"));
    for (name, _) in first.iter().chain(&last) {
        assert!(others.remove(*name), "events/{name}.json is missing");
    }
    let ordered = |events: Vec<(&'static str, Value)>| {
        events.into_iter().map(|(name, answer)| (name.to_owned(), answer))
    };
    let others = others.into_iter().map(|name| (name, Value::Null));
    ordered(first).chain(others).chain(ordered(last)).collect()
}

/// Returns the names of all recorded events.
fn recorded_events() -> BTreeSet<String> {
    let files = std::fs::read_dir(format!("{}/../events", env!("CARGO_MANIFEST_DIR"))).unwrap();
    files.map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

/// Returns the status of success that the reference gives for the route of a recorded request.
fn status_of_success(event: &str) -> u64 {
    let event: Value = serde_json::from_str(event).unwrap();
    let (method, path) = event["routeKey"].as_str().unwrap().split_once(' ').unwrap();
    let reference: Value = serde_json::from_str(REFERENCE).unwrap();
    let responses = reference["paths"][path][method.to_lowercase()]["responses"].as_object().unwrap();
    responses.keys().find(|status| status.starts_with('2')).unwrap().parse().unwrap()
}

/// Returns a recorded event, changed to be about this vault, caller and upload. The caller has a new session
/// for each event, because some events end it. Only administrators may send the events of `admin`.
async fn event_for(
    vault: &TestVault,
    (alice, admin): (&Client, &Client),
    upload: &Upload,
    name: &str,
) -> String {
    let caller = if name.starts_with("admin") { admin } else { alice };
    let (key, session) = (upload.key(), vault.start_session(caller.id()).await);
    recorded_event(name)
        .replace("<refresh token>", &vault.refresh_token(session).await.to_text())
        .replace("<access token>", &vault.issue_token(session))
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
    let (alice, admin) = (vault.create_user().await, vault.create_admin().await);
    vault.set_password(alice.id(), "Correct-Horse-7").await;
    let upload =
        alice.begin_upload(json!({"filename": "Invoice 7.pdf", "content_type": "application/pdf"})).await;
    assert_eq!(upload.put(b"hello").await, 200);
    let answers = StackAnswers::start().await;
    for (name, expected) in events_in_order() {
        let function = functions().into_iter().find(|function| name.starts_with(function)).unwrap();
        let mut sandbox = Sandbox::start(&function, &vault.variables()).await;
        let event = answers.fill_in(&event_for(&vault, (&alice, &admin), &upload, &name).await);
        let answer = sandbox.invoke(&event).await;
        let answer = answer.unwrap_or_else(|error| panic!("{name}: {error}"));
        if expected.is_null() {
            assert_eq!(answer["statusCode"], status_of_success(&event), "{name}: {answer}");
        } else {
            assert_eq!(answer, expected, "{name}");
        }
        let status = vault.row(upload.document_id).await["status"].take();
        match name.as_str() {
            "confirm" => assert_eq!(status, "uploaded"),
            "classify-minio" => assert_eq!(status, "classified"),
            "delete" => assert_eq!(status, Value::Null),
            _ => {}
        }
    }
}

#[tokio::test]
async fn the_recorded_create_admin_event_works_again() {
    let vault = TestVault::new().await;
    let mut sandbox = Sandbox::start("migrate", &vault.variables()).await;
    let event = recorded_event("migrate-create-admin");
    for _ in 0..2 {
        let answer = sandbox.invoke(&event).await.unwrap();
        assert!(answer["temporary_password"].as_str().unwrap().len() >= 12, "{answer}");
    }
    assert_eq!(vault.rows().await["users"].as_array().unwrap().len(), 1);
}
