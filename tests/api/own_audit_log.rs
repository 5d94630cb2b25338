//! The entries of the audit log that an account sees: `GET /api/auth/me/audit-log`.

use std::collections::BTreeSet;

use docuvault::id::UserId;
use serde_json::{Value, json};
use tests::{Client, TestVault};

use crate::assert_problem;

/// Writes an entry, some minutes ago.
async fn write(vault: &TestVault, minutes: i32, actor: Option<UserId>, action: &str, target: Option<UserId>) {
    let statement = "insert into audit_log (id, at, actor_id, action, target_id, address, request_id, details)
        values (gen_random_uuid(), now() - make_interval(mins => $1), $2, $3, $4, '203.0.113.9', 'r', '{\"n\": 1}')";
    let superuser = vault.database.superuser().await;
    superuser.execute(statement, &[&minutes, &actor, &action, &target]).await.unwrap();
}

async fn list(client: &Client) -> Vec<Value> {
    let mut page = client.get("/api/auth/me/audit-log").await.expect(200);
    assert_eq!(page["next_cursor"], Value::Null);
    page["items"].take().as_array().unwrap().clone()
}

#[tokio::test]
async fn an_account_sees_where_it_acts_and_what_is_about_it_newest_first() {
    let vault = TestVault::new().await;
    let (alice, bob, admin) =
        (vault.create_user().await, vault.create_user().await, vault.create_admin().await);
    let [a, b, c] = [&alice, &bob, &admin].map(|client| Some(client.id()));
    for (minutes, actor, action, target) in [
        (1, a, "session.ended", a),
        (2, None, "login.failed", a),
        (3, c, "user.changed", a),
        (4, a, "topic.shared", b),
        (5, b, "session.started", b),
        (6, None, "login.failed", None),
        (7, c, "user.changed", b),
    ] {
        write(&vault, minutes, actor, action, target).await;
    }
    let found = list(&alice).await;
    let seen: Vec<_> = found.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(seen, ["session.ended", "login.failed", "user.changed", "topic.shared"]);
    let fields: BTreeSet<_> = found[0].as_object().unwrap().keys().map(String::as_str).collect();
    let whitelist = ["id", "at", "actor_id", "action", "target_id", "address", "request_id", "details"];
    assert_eq!(fields, whitelist.into());
    assert_eq!((&found[0]["actor_id"], &found[0]["details"]), (&json!(alice.id()), &json!({"n": 1})));
    assert_eq!(list(&admin).await.len(), 2);
    assert_eq!(list(&bob).await.len(), 3);
}

#[tokio::test]
async fn nobody_sees_the_network_address_of_another_account() {
    let vault = TestVault::new().await;
    let (alice, admin) = (vault.create_user().await, vault.create_admin().await);
    write(&vault, 1, Some(alice.id()), "session.started", Some(alice.id())).await;
    write(&vault, 2, None, "login.failed", Some(alice.id())).await;
    write(&vault, 3, Some(admin.id()), "user.changed", Some(alice.id())).await;
    let addresses = |entries: Vec<Value>| -> Vec<Value> {
        entries.into_iter().map(|mut entry| entry["address"].take()).collect()
    };
    assert_eq!(addresses(list(&alice).await), [json!("203.0.113.9"), json!("203.0.113.9"), Value::Null]);
    assert_eq!(addresses(list(&admin).await), [json!("203.0.113.9")]);
    let export = alice.get("/api/auth/me/export").await.expect(200);
    let exported = export["audit_log"].as_array().unwrap().clone();
    assert_eq!(addresses(exported), [Value::Null, json!("203.0.113.9"), json!("203.0.113.9")]);
}

#[tokio::test]
async fn the_pages_have_every_entry_once() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for n in 0..9 {
        let (actor, target) = [(true, true), (false, true), (true, false)][n % 3];
        let own = |is_own: bool| is_own.then(|| alice.id());
        write(&vault, n as i32 / 4, own(actor), "session.started", own(target)).await;
    }
    let whole = list(&alice).await;
    for limit in [1, 2, 4, 9] {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/auth/me/audit-log?limit={limit}{cursor}");
            let page = alice.get(&path).await.expect(200);
            found.extend(page["items"].as_array().unwrap().clone());
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(found, whole, "{limit}");
    }
}

#[tokio::test]
async fn cursors_of_other_accounts_and_lists_are_refused() {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.create_user().await, vault.create_user().await);
    for client in [&alice, &bob] {
        write(&vault, 1, Some(client.id()), "session.started", Some(client.id())).await;
        write(&vault, 2, Some(client.id()), "session.started", Some(client.id())).await;
    }
    let path = "/api/auth/me/audit-log?limit=1";
    let cursor = alice.get(path).await.expect(200)["next_cursor"].as_str().unwrap().to_owned();
    alice.get(&format!("{path}&cursor={cursor}")).await.expect(200);
    assert_problem(bob.get(&format!("{path}&cursor={cursor}")).await, 422, "invalid");
    assert_problem(alice.get(&format!("/api/auth/sessions?cursor={cursor}")).await, 422, "invalid");
}
