//! A function logs the end of each request, and never its contents.

use serde_json::{Value, json};
use tests::TestVault;
use tests::functions::recorded_event;
use tests::sandbox::{Sandbox, Variables};

/// Returns the one log line of a request.
fn request_line(log: &str) -> Value {
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut lines = lines.filter(|line| line["message"].as_str().unwrap().starts_with("request "));
    let found = lines.next().unwrap_or_else(|| panic!("{log}"));
    assert!(lines.next().is_none(), "{log}");
    found
}

#[tokio::test]
async fn a_request_is_logged_in_one_line_without_its_contents() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("very private.txt", b"hello").await;
    let token = vault.issue_token(alice.user());
    let secrets =
        ["very private", "Invoice 7", "X-Amz-", "ann@example", "Correct-Horse", &token, &upload.key()];
    for (name, words, level, status) in [
        ("upload-url", "request answered", "INFO", 201),
        ("documents-download", "request answered", "INFO", 200),
        ("documents-read", "request answered", "INFO", 200),
        ("confirm", "request answered", "INFO", 200),
        ("auth-login", "request refused", "INFO", 401),
        ("delete", "request answered", "INFO", 204),
        ("delete", "request refused", "INFO", 404),
    ] {
        let function = ["documents", "auth"].into_iter().find(|function| name.starts_with(function));
        let mut sandbox = Sandbox::start(function.unwrap_or(name), &vault.variables()).await;
        let event = recorded_event(name)
            .replace("<access token>", &token)
            .replace("019cad10-3c00-7000-8000-000000000002", &upload.document_id.to_string());
        let answer = sandbox.invoke(&event).await.unwrap();
        let log = sandbox.wait_for_log(words).await;
        let line = request_line(&log);
        assert_eq!((&line["level"], &line["status"]), (&json!(level), &json!(status)), "{name}");
        assert_eq!(line["requestId"], answer["headers"]["x-request-id"], "{name}");
        for secret in secrets {
            assert!(!log.contains(secret), "{name}: {secret}: {log}");
        }
    }
}

#[tokio::test]
async fn an_internal_error_is_logged_with_its_cause_and_the_id_that_the_client_got() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    vault.tamper("alter table quotas rename column used_bytes to something_secret").await;
    // The id is there at every level.
    let mut variables = vault.variables();
    variables.insert("LOG_LEVEL", "error".into());
    let mut sandbox = Sandbox::start("quota", &variables).await;
    let event = recorded_event("quota").replace("<access token>", &vault.issue_token(alice.user()));
    let (status, body) = sandbox.invoke_http(&serde_json::from_str(&event).unwrap()).await;
    let line = request_line(&sandbox.wait_for_log("request failed").await);
    assert_eq!((status, &line["level"]), (500, &json!("ERROR")));
    assert!(line["error"].as_str().unwrap().contains("42703"), "{line}");
    assert_eq!(body["detail"], format!("internal error, request {}", line["requestId"].as_str().unwrap()));
}

#[tokio::test]
async fn an_outage_is_logged_with_the_cause_below_it() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_pending("note.txt", b"hello").await;
    let nowhere = "127.0.0.1:1";
    for (function, variable, url, code) in [
        ("quota", "DATABASE_URL", vault.database.url_at("docuvault_app", nowhere), "database_unreachable"),
        ("confirm", "S3_ENDPOINT", format!("http://{nowhere}"), "store_unreachable"),
    ] {
        let mut variables = vault.variables();
        variables.insert(variable, url);
        let mut sandbox = Sandbox::start(function, &variables).await;
        let event = recorded_event(function)
            .replace("<access token>", &vault.issue_token(alice.user()))
            .replace("019cad10-3c00-7000-8000-000000000002", &upload.document_id.to_string());
        let (status, body) = sandbox.invoke_http(&serde_json::from_str(&event).unwrap()).await;
        assert_eq!((status, &body["code"]), (503, &json!(code)), "{body}");
        let line = request_line(&sandbox.wait_for_log("request failed").await);
        assert!(line["error"].as_str().unwrap().contains("Connection refused"), "{line}");
    }
}

#[tokio::test]
async fn no_log_level_writes_secrets() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_pending("very private.txt", b"hello").await;
    let token = vault.issue_token(alice.user());
    let mut variables = vault.variables();
    variables.extend([("LOG_LEVEL", "trace".to_owned())]);
    for (name, function) in [("upload-url", "upload-url"), ("confirm", "confirm"), ("auth-login", "auth")] {
        let mut sandbox = Sandbox::start(function, &variables).await;
        let event = recorded_event(name)
            .replace("<access token>", &token)
            .replace("019cad10-3c00-7000-8000-000000000002", &upload.document_id.to_string());
        sandbox.invoke(&event).await.unwrap();
        let log = sandbox.wait_for_log("duration_us").await;
        for secret in ["very private", "X-Amz-", "Correct-Horse", "AWS4-HMAC", &token, &upload.key()] {
            assert!(!log.contains(secret), "{name}: {secret}: {log}");
        }
    }
}

/// Invokes a function, which must fail, and returns the line about it in the log.
async fn failed_invocation(function: &str, variables: &Variables, event: Value) -> Value {
    let mut sandbox = Sandbox::start(function, variables).await;
    sandbox.invoke(&event.to_string()).await.unwrap_err();
    let log = sandbox.wait_for_log("the invocation failed").await;
    let line = log.lines().find(|line| line.contains("the invocation failed")).unwrap();
    serde_json::from_str(line).unwrap()
}

#[tokio::test]
async fn a_failed_invocation_is_logged_as_a_sentence() {
    let vault = TestVault::new().await;
    vault.tamper("revoke update on tombstones from docuvault_app").await;
    vault.tamper("insert into tombstones (object_key, final_at) values ('key', now())").await;
    let line = failed_invocation("cleanup", &vault.variables(), json!({})).await;
    assert_eq!(line["level"], "ERROR");
    assert_eq!(
        line["message"],
        "the invocation failed: the database refused the statement: 42501 permission denied for table tombstones"
    );
}

#[tokio::test]
async fn a_failed_migration_is_logged_without_parts_of_rows() {
    let vault = TestVault::new().await;
    vault
        .tamper(
            "create function refuse() returns trigger language plpgsql as $$ begin
                raise unique_violation using message = 'refused', detail = 'Key (email)=(ada@example.com) exists.';
            end $$;
            create trigger refuse before delete on _sqlx_migrations execute function refuse()",
        )
        .await;
    let line = failed_invocation("migrate", &vault.variables(), json!({"migrate": {"down": 8}})).await;
    let message = line["message"].as_str().unwrap();
    assert!(message.starts_with("the invocation failed: ") && message.contains("refused"), "{message}");
    assert!(!message.contains("ada@example.com"), "{message}");
}
