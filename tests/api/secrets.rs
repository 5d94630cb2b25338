//! A function starts whether or not its secret can be read. A request that needs the secret is answered 503
//! until it can.

use std::time::Duration;

use serde_json::{Value, json};
use tests::functions::recorded_event;
use tests::proxy::{Mode, Proxy};
use tests::sandbox::{Sandbox, Variables};
use tests::{SECRET, SecretsManager, TestVault};

const NAME: &str = "vault/tests-AbCdEf";

/// Returns the variables of functions that read the secret of access tokens from this server.
fn variables(vault: &TestVault, secrets: &SecretsManager) -> Variables {
    let mut variables = vault.variables();
    secrets.provide(&mut variables, "JWT_SECRET_ARN");
    variables
}

/// Returns a request for the quota of a new user, with a valid token.
async fn quota_request(vault: &TestVault) -> Value {
    let user = vault.create_user().await.user();
    let event = recorded_event("quota").replace("<access token>", &vault.issue_token(user));
    serde_json::from_str(&event).unwrap()
}

#[track_caller]
fn assert_unavailable((status, body): (u64, Value)) {
    assert_eq!((status, &body["code"]), (503, &json!("secret_unavailable")), "{body}");
    assert_eq!(body["detail"], "a secret of the service is unavailable; try again");
}

#[tokio::test]
async fn a_function_reads_its_secret_once_when_it_starts() {
    let vault = TestVault::new().await;
    let secrets = SecretsManager::start(SECRET).await;
    let mut sandbox = Sandbox::start("quota", &variables(&vault, &secrets)).await;
    secrets.wait_for_reads(1).await;
    let request = quota_request(&vault).await;
    for _ in 0..3 {
        assert_eq!(sandbox.invoke_http(&request).await.0, 200);
    }
    assert_eq!(secrets.reads(), 1);
}

#[tokio::test]
async fn the_secret_is_read_while_the_database_is_connected() {
    let vault = TestVault::new().await;
    let secrets = SecretsManager::start(SECRET).await;
    let manager = Proxy::start(&secrets.url).await;
    let (postgres, _) = vault.proxy_postgres().await;
    let mut variables = variables(&vault, &secrets);
    variables.insert("SECRETS_ENDPOINT", manager.endpoint());
    variables.insert("DATABASE_URL", vault.database.url_at("docuvault_app", &postgres.address()));
    let silent = Mode::Slow(Duration::from_secs(60));

    manager.set_mode(silent);
    let _sandbox = Sandbox::start("quota", &variables).await;
    postgres.wait_for_connection().await;
    assert!(manager.connections() < 3, "the reading has not failed yet");

    manager.set_mode(Mode::Pass);
    postgres.set_mode(silent);
    let before = secrets.reads();
    let sandbox = Sandbox::start("quota", &variables).await;
    secrets.wait_for_reads(before + 1).await;
    assert_eq!(sandbox.log(), "", "the connection has not failed yet");
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_is_503_until_it_can() {
    let vault = TestVault::new().await;
    let request = quota_request(&vault).await;
    for code in ["AccessDeniedException", "ResourceNotFoundException", "DecryptionFailure"] {
        let secrets = SecretsManager::start(SECRET).await;
        secrets.refuse(Some(code));
        let mut sandbox = Sandbox::start("quota", &variables(&vault, &secrets)).await;
        assert_unavailable(sandbox.invoke_http(&request).await);
        let log = sandbox.wait_for_log("request failed").await;
        let reason = if code == "ResourceNotFoundException" { "does not exist" } else { code };
        let error = format!("a secret is unavailable: JWT_SECRET_ARN: the secret {NAME} ");
        assert!(log.contains(&error) && log.contains(reason), "{log}");
        assert!(log.contains("a secret was not read"), "{log}");
        secrets.refuse(None);
        assert_eq!(sandbox.invoke_http(&request).await.0, 200, "{code}");
    }
}

#[tokio::test]
async fn a_secret_that_is_too_short_is_503_and_not_logged() {
    let vault = TestVault::new().await;
    let secrets = SecretsManager::start("hunter2").await;
    let mut sandbox = Sandbox::start("quota", &variables(&vault, &secrets)).await;
    let request = quota_request(&vault).await;
    assert_unavailable(sandbox.invoke_http(&request).await);
    let log = sandbox.wait_for_log("request failed").await;
    let problem = format!("{NAME} has 7 bytes: set it to at least 32 random bytes");
    assert!(log.contains(&problem) && !log.contains("hunter2"), "{log}");
    secrets.rotate(SECRET);
    assert_eq!(sandbox.invoke_http(&request).await.0, 200);
}

#[tokio::test]
async fn a_function_starts_while_its_secret_and_its_database_are_down_and_recovers() {
    let vault = TestVault::new().await;
    let request = quota_request(&vault).await;
    let secrets = SecretsManager::start(SECRET).await;
    let manager = Proxy::start(&secrets.url).await;
    let (postgres, _) = vault.proxy_postgres().await;
    for proxy in [&manager, &postgres] {
        proxy.set_mode(Mode::Down);
    }
    let mut variables = variables(&vault, &secrets);
    variables.insert("SECRETS_ENDPOINT", manager.endpoint());
    variables.insert("DATABASE_URL", vault.database.url_at("docuvault_app", &postgres.address()));
    let mut sandbox = Sandbox::start("quota", &variables).await;
    assert_unavailable(sandbox.invoke_http(&request).await);
    let log = sandbox.wait_for_log("a secret was not read").await;
    assert!(log.contains("the database did not answer at the start"), "{log}");
    manager.set_mode(Mode::Pass);
    assert_eq!(sandbox.invoke_http(&request).await.1["code"], "database_unreachable");
    postgres.set_mode(Mode::Pass);
    assert_eq!(sandbox.invoke_http(&request).await.0, 200);
}

#[tokio::test]
async fn without_the_secret_accounts_can_register_but_not_log_in() {
    let vault = TestVault::new().await;
    let secrets = SecretsManager::start(SECRET).await;
    secrets.refuse(Some("InternalServiceError"));
    let mut sandbox = Sandbox::start("auth", &variables(&vault, &secrets)).await;
    let mut invoke = async |name| {
        let event = serde_json::from_str(&recorded_event(name)).unwrap();
        sandbox.invoke_http(&event).await
    };
    assert_eq!(invoke("auth-register").await.0, 201);
    assert_unavailable(invoke("auth-login").await);
    secrets.refuse(None);
    assert_eq!(invoke("auth-login").await.0, 200);
}

#[tokio::test]
async fn a_request_without_a_token_is_401_although_the_secret_is_unavailable() {
    let vault = TestVault::new().await;
    let secrets = SecretsManager::start(SECRET).await;
    let mut sandbox = Sandbox::start("quota", &variables(&vault, &secrets)).await;
    let mut request = quota_request(&vault).await;
    request["headers"].as_object_mut().unwrap().remove("authorization");
    assert_eq!(sandbox.invoke_http(&request).await.0, 401);
}
