//! Functions log in to the database with an IAM token as the password of each connection.

use std::time::Duration;

use serde_json::{Value, json};
use tests::functions::recorded_event;
use tests::sandbox::{Sandbox, Variables};
use tests::{IamProxy, TestVault};

/// Returns the variables of functions that connect to the proxy with tokens.
fn variables(vault: &TestVault, proxy: &IamProxy, variable: &'static str) -> Variables {
    let mut variables = vault.variables();
    proxy.provide(&mut variables, variable);
    variables.insert("LOG_LEVEL", "trace".into());
    variables
}

async fn quota_request(vault: &TestVault) -> Value {
    let user = vault.create_user().await.user();
    let event = recorded_event("quota").replace("<access token>", &vault.issue_token(user));
    serde_json::from_str(&event).unwrap()
}

/// Closes the connections of the functions' role.
async fn close_connections(vault: &TestVault) {
    let statement = "select pg_terminate_backend(pid) from pg_stat_activity
        where usename = 'docuvault_app' and datname = current_database()";
    vault.database.superuser().await.query(statement, &[]).await.unwrap();
}

#[tokio::test]
async fn each_connection_logs_in_with_a_token_and_is_then_used_again() {
    let vault = TestVault::new().await;
    let proxy = IamProxy::start(vault.database.server_address()).await;
    let request = quota_request(&vault).await;
    let mut sandbox = Sandbox::start("quota", &variables(&vault, &proxy, "DATABASE_URL")).await;
    for logins in [1, 1, 2] {
        if logins == 2 {
            // A token has its time in whole seconds, so that only a later one differs.
            tokio::time::sleep(Duration::from_millis(1_001)).await;
            close_connections(&vault).await;
        }
        assert_eq!(sandbox.invoke_http(&request).await.0, 200);
        assert_eq!(proxy.tokens().len(), logins);
    }
    assert_ne!(proxy.tokens()[0], proxy.tokens()[1], "each connection has its own token");
    let log = sandbox.wait_for_log("request answered").await;
    assert!(!log.contains("X-Amz-"), "{log}");
}

#[tokio::test]
async fn migrations_log_in_with_tokens() {
    let vault = TestVault::new().await;
    let proxy = IamProxy::start(vault.database.server_address()).await;
    let mut sandbox = Sandbox::start("migrate", &variables(&vault, &proxy, "DATABASE_MIGRATE_URL")).await;
    // Each migration has a connection of its own. Name keys and accounts are written on another one.
    for (event, logins) in [("migrate", 1), ("migrate-up", 3), ("migrate-create-admin", 3)] {
        sandbox.invoke(&recorded_event(event)).await.unwrap();
        assert_eq!(proxy.tokens().len(), logins, "{event}");
    }
}

/// AWS refuses tokens that are too old, or too far in the future. Until the clock is right again, a function
/// has no new connections. A connection that is already open stays in use.
#[tokio::test]
async fn a_function_whose_clock_is_wrong_is_503_until_the_clock_is_right() {
    let vault = TestVault::new().await;
    let proxy = IamProxy::start(vault.database.server_address()).await;
    let request = quota_request(&vault).await;
    for (minutes_ahead, accepted) in [(10, true), (-10, false), (20, false)] {
        proxy.set_minutes_ahead(minutes_ahead);
        let mut sandbox = Sandbox::start("quota", &variables(&vault, &proxy, "DATABASE_URL")).await;
        let (status, body) = sandbox.invoke_http(&request).await;
        assert_eq!(status, if accepted { 200 } else { 503 }, "{minutes_ahead}: {body}");
        if !accepted {
            assert_eq!(body["code"], json!("database_unreachable"));
            let log = sandbox.wait_for_log("request failed").await;
            assert!(log.contains("PAM authentication failed") && !log.contains("X-Amz-"), "{log}");
        }
        proxy.set_minutes_ahead(0);
        assert_eq!(sandbox.invoke_http(&request).await.0, 200);
        proxy.set_minutes_ahead(20);
        assert_eq!(sandbox.invoke_http(&request).await.0, 200, "an open connection");
    }
}
