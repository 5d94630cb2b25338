//! What a function writes down of a request: how it ended, and never what it was about.

use serde_json::{Value, json};
use tests::TestVault;
use tests::runtime::{Sandbox, recorded};

/// The one line that the boundary writes of a request.
fn line(log: &str) -> Value {
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut lines = lines.filter(|line| line["span"]["name"] == "request");
    let found = lines.next().unwrap_or_else(|| panic!("{log}"));
    assert!(lines.next().is_none(), "{log}");
    found
}

#[tokio::test]
async fn a_request_leaves_one_line_and_nothing_of_its_contents() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.keep("very private.txt", b"hello").await;
    let token = vault.token(alice.id());
    let secrets =
        ["very private", "Invoice 7", "X-Amz-", "ann@example", "Correct-Horse", &token, &upload.key()];
    for (name, words, level, status) in [
        ("upload-url", "answered", "INFO", 201),
        ("documents-download", "answered", "INFO", 200),
        ("documents-read", "answered", "INFO", 200),
        ("confirm", "answered", "INFO", 200),
        ("auth-login", "refused", "INFO", 401),
        ("delete", "answered", "INFO", 204),
        ("delete", "refused", "INFO", 404),
    ] {
        let function = ["documents", "auth"].into_iter().find(|function| name.starts_with(function));
        let mut sandbox = Sandbox::start(function.unwrap_or(name), &vault.variables()).await;
        let event = recorded(name)
            .replace("<access token>", &token)
            .replace("019cad10-3c00-7000-8000-000000000002", &upload.document_id.to_string());
        let answer = sandbox.invoke(&event).await.unwrap();
        let log = sandbox.log(words).await;
        let line = line(&log);
        assert_eq!((&line["level"], &line["fields"]["status"]), (&json!(level), &json!(status)), "{name}");
        assert_eq!(line["span"]["id"], answer["headers"]["x-request-id"], "{name}");
        for secret in secrets {
            assert!(!log.contains(secret), "{name}: {secret}: {log}");
        }
    }
}

#[tokio::test]
async fn a_failure_is_written_down_with_its_cause_and_the_id_that_the_client_was_told() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    vault.tamper("alter table quotas rename column used_bytes to something_secret").await;
    let mut sandbox = Sandbox::start("quota", &vault.variables()).await;
    let event = recorded("quota").replace("<access token>", &vault.token(alice.id()));
    let (status, body) = sandbox.http(&serde_json::from_str(&event).unwrap()).await;
    let line = line(&sandbox.log("failed").await);
    assert_eq!((status, &line["level"]), (500, &json!("ERROR")));
    assert!(line["fields"]["error"].as_str().unwrap().contains("42703"), "{line}");
    assert_eq!(body["detail"], format!("internal error, request {}", line["span"]["id"].as_str().unwrap()));
}

#[tokio::test]
async fn an_outage_is_logged_with_the_cause_below_it() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.store("note.txt", b"hello").await;
    let nowhere = "127.0.0.1:1";
    for (function, variable, url, code) in [
        ("quota", "DATABASE_URL", vault.database.url_by("docuvault_app", nowhere), "database_unreachable"),
        ("confirm", "S3_ENDPOINT", format!("http://{nowhere}"), "store_unreachable"),
    ] {
        let mut variables = vault.variables();
        variables.insert(variable, url);
        let mut sandbox = Sandbox::start(function, &variables).await;
        let event = recorded(function)
            .replace("<access token>", &vault.token(alice.id()))
            .replace("019cad10-3c00-7000-8000-000000000002", &upload.document_id.to_string());
        let (status, body) = sandbox.http(&serde_json::from_str(&event).unwrap()).await;
        assert_eq!((status, &body["code"]), (503, &json!(code)), "{body}");
        let line = line(&sandbox.log("failed").await);
        assert!(line["fields"]["error"].as_str().unwrap().contains("Connection refused"), "{line}");
    }
}

#[tokio::test]
async fn no_level_of_logging_writes_down_what_was_said_in_confidence() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.store("very private.txt", b"hello").await;
    let token = vault.token(alice.id());
    let mut variables = vault.variables();
    variables.extend([("LOG_LEVEL", "trace".to_owned())]);
    for (name, function) in [("upload-url", "upload-url"), ("confirm", "confirm"), ("auth-login", "auth")] {
        let mut sandbox = Sandbox::start(function, &variables).await;
        let event = recorded(name)
            .replace("<access token>", &token)
            .replace("019cad10-3c00-7000-8000-000000000002", &upload.document_id.to_string());
        sandbox.invoke(&event).await.unwrap();
        let log = sandbox.log("micros").await;
        for secret in ["very private", "X-Amz-", "Correct-Horse", "AWS4-HMAC", &token, &upload.key()] {
            assert!(!log.contains(secret), "{name}: {secret}: {log}");
        }
    }
}
