//! `migrate` as a part of a CloudFormation stack. Whatever happens, CloudFormation gets an answer.

use std::time::Duration;

use docuvault::limits::ANSWER_RESERVE;
use serde_json::{Value, json};
use tests::functions::recorded_event;
use tests::postgres_server::PostgresServer;
use tests::recorder::Recorder;
use tests::sandbox::{Sandbox, Variables};
use tests::{SecretsManager, StackAnswers, TestVault};
use tokio::net::TcpListener;

/// Gives the program a recorded event, and returns its output.
async fn invoke(variables: &Variables, name: &str, answers: &StackAnswers) -> Value {
    let mut sandbox = Sandbox::start("migrate", variables).await;
    sandbox.invoke(&answers.fill_in(&recorded_event(name))).await.unwrap()
}

/// Returns the variables of a function whose database is at this address.
fn with_database_at(vault: &TestVault, address: &str) -> Variables {
    let mut variables = vault.variables();
    variables.insert("DATABASE_MIGRATE_URL", vault.database.url_at("docuvault_migrate", address));
    variables
}

#[tokio::test]
async fn a_migration_is_answered_with_the_ids_of_the_request() {
    let vault = TestVault::new().await;
    for name in ["migrate-create", "migrate-update"] {
        let answers = StackAnswers::start().await;
        assert_eq!(invoke(&vault.variables(), name, &answers).await, json!({"answered": "SUCCESS"}));
        let event: Value = serde_json::from_str(&recorded_event(name)).unwrap();
        let expected = json!({
            "Status": "SUCCESS",
            "PhysicalResourceId": "docuvault-schema",
            "StackId": event["StackId"],
            "RequestId": event["RequestId"],
            "LogicalResourceId": "Migration",
        });
        assert_eq!(answers.only_answer(), expected);
        let (headers, _) = answers.received().remove(0);
        assert_eq!(headers.get("content-type"), None, "the URL is not signed for one");
    }
}

#[tokio::test]
async fn the_id_of_the_resource_stays_the_one_in_the_request() {
    let vault = TestVault::new().await;
    let answers = StackAnswers::start().await;
    let mut event: Value = serde_json::from_str(&answers.fill_in(&recorded_event("migrate-update"))).unwrap();
    event["PhysicalResourceId"] = "another".into();
    Sandbox::start("migrate", &vault.variables()).await.invoke(&event.to_string()).await.unwrap();
    assert_eq!(answers.only_answer()["PhysicalResourceId"], "another");
}

#[tokio::test]
async fn a_stack_can_be_rolled_back_from_a_release_with_later_migrations() {
    let vault = TestVault::new().await;
    vault
        .tamper(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
            values (9999, 'later', true, '\\x00', 0)",
        )
        .await;
    let answers = StackAnswers::start().await;
    let output = invoke(&vault.variables(), "migrate-update", &answers).await;
    assert_eq!(
        (output, &answers.only_answer()["Status"]),
        (json!({"answered": "SUCCESS"}), &json!("SUCCESS"))
    );
    let mut sandbox = Sandbox::start("migrate", &vault.variables()).await;
    let refused = sandbox.invoke(r#"{"migrate": "up"}"#).await.unwrap_err().to_string();
    assert!(refused.contains("9999"), "an operator is told: {refused}");
}

#[tokio::test]
async fn a_migration_that_fails_is_answered_with_the_reason_and_logged() {
    let vault = TestVault::new().await;
    vault.tamper("update _sqlx_migrations set checksum = '\\x00' where version = 2").await;
    let answers = StackAnswers::start().await;
    let mut sandbox = Sandbox::start("migrate", &vault.variables()).await;
    let output = sandbox.invoke(&answers.fill_in(&recorded_event("migrate-update"))).await.unwrap();
    assert_eq!(output, json!({"answered": "FAILED"}));
    let answer = answers.only_answer();
    assert_eq!(answer["Status"], "FAILED");
    let reason = answer["Reason"].as_str().unwrap();
    assert!(reason.contains("migration 2 ") && reason.contains("modified"), "{reason}");
    let log = sandbox.wait_for_log("the migration of a stack failed").await;
    assert!(log.contains(reason) && !log.contains("hunter2"), "{log}");
}

#[tokio::test]
async fn a_deletion_succeeds_without_a_database_and_changes_nothing() {
    let vault = TestVault::new().await;
    let answers = StackAnswers::start().await;
    let variables = with_database_at(&vault, "127.0.0.1:1");
    assert_eq!(invoke(&variables, "migrate-delete", &answers).await, json!({"answered": "SUCCESS"}));
    assert_eq!(answers.only_answer()["Status"], "SUCCESS");
    vault.create_user().await.get("/api/auth/me").await.expect(200);
}

#[tokio::test]
async fn an_unreachable_database_is_answered() {
    let vault = TestVault::new().await;
    let answers = StackAnswers::start().await;
    let variables = with_database_at(&vault, "127.0.0.1:1");
    assert_eq!(invoke(&variables, "migrate-create", &answers).await, json!({"answered": "FAILED"}));
    let reason = answers.only_answer()["Reason"].take();
    assert!(reason.as_str().unwrap().starts_with("DATABASE_MIGRATE_URL: "), "{reason}");
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_answered_before_the_invocation_ends() {
    let vault = TestVault::new().await;
    // The kernel accepts connections to this port, and nobody reads from them.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let variables = with_database_at(&vault, &silent.local_addr().unwrap().to_string());
    let answers = StackAnswers::start().await;
    let timeout = ANSWER_RESERVE + Duration::from_secs(1);
    let mut sandbox = Sandbox::start_with_timeout("migrate", &variables, timeout).await;
    let event = answers.fill_in(&recorded_event("migrate-create"));
    let output = tokio::time::timeout(timeout, sandbox.invoke(&event)).await.unwrap();
    assert_eq!(output.unwrap(), json!({"answered": "FAILED"}));
    let reason = answers.only_answer()["Reason"].take();
    assert!(reason.as_str().unwrap().starts_with("the migration was stopped"), "{reason}");
}

#[tokio::test]
async fn an_answer_is_sent_again_after_a_transient_error() {
    let vault = TestVault::new().await;
    let answers = StackAnswers::start_refusing(&[503, 500]).await;
    assert_eq!(invoke(&vault.variables(), "migrate-create", &answers).await, json!({"answered": "SUCCESS"}));
    assert_eq!(answers.received().len(), 3);
}

#[tokio::test]
async fn an_answer_that_is_refused_fails_the_invocation_and_the_url_is_not_told() {
    let vault = TestVault::new().await;
    let answers = StackAnswers::start_refusing(&[403]).await;
    let mut sandbox = Sandbox::start("migrate", &vault.variables()).await;
    let event = answers.fill_in(&recorded_event("migrate-create"));
    let error = sandbox.invoke(&event).await.unwrap_err().to_string();
    assert!(error.contains("CloudFormation did not get the answer: 403"), "{error}");
    let log = sandbox.wait_for_log("the invocation failed").await;
    assert!(!error.contains("hunter2") && !log.contains("hunter2"), "{error}, {log}");
}

/// Creates an empty database as RDS does: its owner may create roles, and is no superuser. Connections from
/// anybody but the superuser need a password.
async fn create_database_as_rds_does(server: &PostgresServer) -> tokio_postgres::Client {
    let superuser = connect(&server.url()).await.unwrap();
    for statement in [
        "create role docuvault_migrate login createrole password 'owner'",
        "create database docuvault owner docuvault_migrate",
    ] {
        superuser.batch_execute(statement).await.unwrap();
    }
    server.require_passwords(&superuser).await;
    superuser
}

async fn connect(url: &str) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// Returns the secret's text, in the form that RDS Proxy requires.
fn app_login(password: &str) -> String {
    json!({"username": "docuvault_app", "password": password}).to_string()
}

/// Passwords of the functions' role.
const FIRST: &str = "first' -- \\ $$ ü";
const SECOND: &str = "second password";

#[tokio::test]
async fn a_stack_creates_the_functions_role_with_the_password_in_the_secret() {
    let vault = TestVault::new().await;
    let server = PostgresServer::start().await;
    let superuser = create_database_as_rds_does(&server).await;
    let recorder = Recorder::start(server.address()).await;
    let secrets = SecretsManager::start(&app_login("unused")).await;
    let mut variables = vault.variables();
    let url = server.url_for("docuvault_migrate", "owner").replace(&server.address(), &recorder.address);
    variables.insert("DATABASE_MIGRATE_URL", url);
    secrets.provide(&mut variables, "DATABASE_APP_PASSWORD_ARN");
    let login = async |password: &str| connect(&server.url_for("docuvault_app", password)).await;
    for (event, password, other) in [("migrate-create", FIRST, SECOND), ("migrate-update", SECOND, FIRST)] {
        secrets.rotate(&app_login(password));
        let answers = StackAnswers::start().await;
        let output = invoke(&variables, event, &answers).await;
        assert_eq!(output, json!({"answered": "SUCCESS"}), "{}", answers.only_answer());
        let app = login(password).await.unwrap();
        app.query("select from documents", &[]).await.unwrap();
        app.batch_execute("create table mine (id int)").await.unwrap_err();
        assert_eq!(login(other).await.err().unwrap().code().unwrap().code(), "28P01");
    }
    let sent: Vec<_> = recorder.recorded().into_iter().map(|statement| statement.text).collect();
    assert!(sent.iter().any(|text| text.contains("alter role docuvault_app password 'SCRAM-SHA-256$")));
    assert!(sent.iter().all(|text| !text.contains(FIRST) && !text.contains(SECOND)), "{sent:?}");
    let timeout = "select setconfig::text from pg_db_role_setting where setrole = 'docuvault_app'::regrole";
    let settings: String = superuser.query_one(timeout, &[]).await.unwrap().get(0);
    assert!(settings.contains("statement_timeout=10s"), "{settings}");
}

#[tokio::test]
async fn a_secret_of_another_form_is_answered_without_being_quoted() {
    let vault = TestVault::new().await;
    for text in [
        "hunter2".to_owned(),
        json!({"username": "postgres", "password": "hunter2"}).to_string(),
        json!({"username": "docuvault_app"}).to_string(),
    ] {
        let secrets = SecretsManager::start(&text).await;
        let mut variables = vault.variables();
        secrets.provide(&mut variables, "DATABASE_APP_PASSWORD_ARN");
        let answers = StackAnswers::start().await;
        assert_eq!(invoke(&variables, "migrate-create", &answers).await, json!({"answered": "FAILED"}));
        let reason = answers.only_answer()["Reason"].as_str().unwrap().to_owned();
        assert!(
            reason.contains("DATABASE_APP_PASSWORD_ARN: the secret vault/tests-AbCdEf is not"),
            "{reason}"
        );
        assert!(!reason.contains("hunter2"), "{reason}");
    }
}
