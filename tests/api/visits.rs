//! Where a request comes from: the gateway's word counts, and no header that the client writes.

use serde_json::{Value, json};
use tests::TestVault;
use tests::functions::recorded_event;
use tests::sandbox::{Sandbox, Variables};

/// Sends the recorded login of a registered account with this header, and returns the answer.
async fn log_in(vault: &TestVault, variables: &Variables, forwarded: &str) -> Value {
    let mut sandbox = Sandbox::start("auth", variables).await;
    if vault.rows().await["users"].is_null() {
        sandbox.invoke(&recorded_event("auth-register")).await.unwrap();
    }
    let mut event: Value = serde_json::from_str(&recorded_event("auth-login")).unwrap();
    event["headers"]["x-forwarded-for"] = forwarded.into();
    sandbox.invoke(&event.to_string()).await.unwrap()
}

async fn newest(vault: &TestVault, column: &str, table: &str, order: &str) -> Option<String> {
    let statement = format!("select {column} from {table} order by {order} desc limit 1");
    vault.database.superuser().await.query_one(&statement, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_session_and_its_audit_entry_have_the_address_that_the_gateway_names() {
    let vault = TestVault::new().await;
    let mut variables = vault.variables();
    for (proxies, forwarded, expected) in [
        ("0", "198.51.100.1", "203.0.113.7"),
        ("0", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("1", "192.0.2.1, 198.51.100.1, 203.0.113.7", "198.51.100.1"),
        ("1", "203.0.113.7", "203.0.113.7"),
        ("1", "not an address, 203.0.113.7", "203.0.113.7"),
        ("1", "\u{e9}, 198.51.100.1, 203.0.113.7", "198.51.100.1"),
        ("2", "192.0.2.1, 198.51.100.1, 203.0.113.1, 203.0.113.7", "198.51.100.1"),
    ] {
        variables.insert("TRUSTED_PROXIES", proxies.into());
        let answer = log_in(&vault, &variables, forwarded).await;
        assert_eq!(answer["statusCode"], 200, "{answer}");
        let address = newest(&vault, "address", "sessions", "created_at").await;
        assert_eq!(address.as_deref(), Some(expected), "{proxies}: {forwarded}");
        assert_eq!(newest(&vault, "address", "audit_log", "at").await, address);
        let id = newest(&vault, "request_id", "audit_log", "at").await;
        assert_eq!(json!(id), answer["headers"]["x-request-id"]);
        assert_eq!(
            newest(&vault, "user_agent", "sessions", "created_at").await.as_deref(),
            Some("Mozilla/5.0")
        );
    }
}

/// API Gateway wants each cookie of an answer in a field of its own.
#[tokio::test]
async fn cookies_go_to_the_gateway_and_come_back_from_it() {
    let vault = TestVault::new().await;
    let answer = log_in(&vault, &vault.variables(), "203.0.113.7").await;
    let cookies: Vec<&str> =
        answer["cookies"].as_array().unwrap().iter().map(|cookie| cookie.as_str().unwrap()).collect();
    assert!(cookies.len() == 2 && answer["headers"].get("set-cookie").is_none(), "{answer}");
    let mut sandbox = Sandbox::start("auth", &vault.variables()).await;
    let mut event: Value = serde_json::from_str(&recorded_event("auth")).unwrap();
    event["cookies"] = cookies.iter().map(|cookie| cookie.split(';').next().unwrap()).collect();
    assert_eq!(sandbox.invoke_http(&event).await.0, 200);
    let log = sandbox.log();
    for cookie in cookies {
        let value = cookie.split(['=', ';']).nth(1).unwrap();
        assert!(!log.contains(value) && value.len() == 43, "{log}");
    }
    event["cookies"].as_array_mut().unwrap().push(json!("__Host-refresh=x"));
    assert_eq!(sandbox.invoke_http(&event).await.0, 401);
}

#[tokio::test]
async fn a_failed_login_is_in_the_audit_log_whether_the_account_exists_or_not() {
    let vault = TestVault::new().await;
    let account = vault
        .anonymous()
        .post("/api/auth/register", json!({"email": "ann@example.com", "password": "Correct-Horse-7"}))
        .await
        .expect(201);
    for (email, target) in [("ann@example.com", &account["id"]), ("nobody@example.com", &Value::Null)] {
        let wrong = json!({"email": email, "password": "Correct-Horse-8"});
        vault.anonymous().post("/api/auth/login", wrong).await.expect(401);
        let log = vault.rows().await["audit_log"].take();
        let entry = log.as_array().unwrap().iter().max_by_key(|entry| entry["at"].to_string()).unwrap();
        assert_eq!((&entry["action"], &entry["target_id"]), (&json!("login.failed"), target));
        assert_eq!((&entry["actor_id"], &entry["details"]), (&Value::Null, &json!({})));
        assert!(!log.to_string().contains("@"), "{log}");
    }
    assert_eq!(vault.rows().await["sessions"], Value::Null);
}
