//! Topics: a user sees system topics and own topics, and may change own topics only.

use docuvault::id::TopicId;
use docuvault::role::Role;
use serde_json::{Value, json};
use tests::{Client, TestVault};

use crate::assert_problem;

const OWN: &str = "/api/topics";
const SYSTEM: &str = "/api/admin/topics";

/// Creates a topic and returns the response's body.
pub async fn create_topic(client: &Client, url: &str, name: &str) -> Value {
    client.post(url, json!({"name": name})).await.expect(201)
}

/// Returns the names of the topics in a list, in its order.
pub async fn list_names(client: &Client, url: &str) -> Vec<String> {
    let page = client.get(url).await.expect(200);
    page["items"].as_array().unwrap().iter().map(|topic| topic["name"].as_str().unwrap().to_owned()).collect()
}

/// Returns the path of a topic.
pub fn path_of(url: &str, topic: &Value) -> String {
    format!("{url}/{}", topic["id"].as_str().unwrap())
}

#[tokio::test]
async fn an_own_topic_can_be_created_read_changed_and_deleted() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let made =
        alice.post(OWN, json!({"name": " Tax \t return ", "description": " What the\noffice asks. "})).await;
    let made = made.expect(201);
    let expected = json!({"id": made["id"], "name": "Tax return", "description": "What the\noffice asks.",
        "system": false, "created_at": made["created_at"]});
    assert_eq!(made, expected);
    assert!(made["created_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(alice.get(OWN).await.expect(200), json!({"items": [made], "next_cursor": null}));
    let renamed = alice.patch(&path_of(OWN, &made), json!({"name": "TAX"})).await.expect(200);
    assert_eq!((&renamed["name"], &renamed["description"]), (&json!("TAX"), &made["description"]));
    let described = alice.patch(&path_of(OWN, &made), json!({"description": ""})).await.expect(200);
    assert_eq!((&described["name"], &described["description"]), (&json!("TAX"), &json!("")));
    assert_eq!(alice.patch(&path_of(OWN, &made), json!({})).await.expect(200), described);
    alice.delete(&path_of(OWN, &made)).await.expect(204);
    assert_problem(alice.delete(&path_of(OWN, &made)).await, 404, "not_found");
    assert_eq!(list_names(&alice, OWN).await, [""; 0]);
}

#[tokio::test]
async fn a_list_has_system_topics_and_own_topics_in_pages() {
    let vault = TestVault::new().await;
    let (alice, bob, admin) =
        (vault.create_user().await, vault.create_user().await, vault.create_admin().await);
    create_topic(&admin, SYSTEM, "one").await;
    create_topic(&alice, OWN, "two").await;
    create_topic(&bob, OWN, "not hers").await;
    create_topic(&admin, SYSTEM, "three").await;
    assert_eq!(list_names(&alice, OWN).await, ["three", "two", "one"]);
    assert_eq!(list_names(&bob, OWN).await, ["three", "not hers", "one"]);
    for url in [OWN, SYSTEM] {
        assert_eq!(list_names(&admin, url).await, ["three", "one"]);
    }
    let first = alice.get(&format!("{OWN}?limit=2")).await.expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = format!("{OWN}?limit=2&cursor={cursor}");
    assert_eq!(list_names(&alice, &second).await, ["one"]);
    assert_problem(bob.get(&second).await, 422, "invalid");
    for query in ["limit=0", "limit=101", "cursor=x", "q=x"] {
        assert_problem(alice.get(&format!("{OWN}?{query}")).await, 422, "invalid");
    }
}

#[tokio::test]
async fn only_administrators_change_system_topics_and_everyone_sees_them() {
    let vault = TestVault::new().await;
    let (alice, admin) = (vault.create_user().await, vault.create_admin().await);
    let topic = create_topic(&admin, SYSTEM, "Invoice").await;
    assert_eq!(topic["system"], true);
    for answer in [
        alice.get(SYSTEM).await,
        alice.post(SYSTEM, json!({"name": "Other"})).await,
        alice.patch(&path_of(SYSTEM, &topic), json!({"name": "Other"})).await,
        alice.delete(&path_of(SYSTEM, &topic)).await,
    ] {
        assert_problem(answer, 403, "wrong_role");
    }
    for client in [&alice, &admin] {
        for answer in [
            client.patch(&path_of(OWN, &topic), json!({"name": "Other"})).await,
            client.delete(&path_of(OWN, &topic)).await,
        ] {
            assert_problem(answer, 404, "not_found");
        }
    }
    assert_eq!(list_names(&alice, OWN).await, ["Invoice"]);
    admin.patch(&path_of(SYSTEM, &topic), json!({"name": "Bill"})).await.expect(200);
    assert_eq!(list_names(&alice, OWN).await, ["Bill"]);
    admin.delete(&path_of(SYSTEM, &topic)).await.expect(204);
    assert_eq!(list_names(&alice, OWN).await, [""; 0]);
}

#[tokio::test]
async fn another_users_topic_answers_like_an_unknown_one() {
    let vault = TestVault::new().await;
    let (alice, bob, admin) =
        (vault.create_user().await, vault.create_user().await, vault.create_admin().await);
    let hers = create_topic(&alice, OWN, "Hers").await;
    let absent = json!({"id": TopicId::new()});
    let rows = vault.rows().await;
    for (client, url) in [(&bob, OWN), (&admin, OWN), (&admin, SYSTEM)] {
        for topic in [&hers, &absent] {
            assert_problem(
                client.patch(&path_of(url, topic), json!({"name": "Mine"})).await,
                404,
                "not_found",
            );
            assert_problem(client.delete(&path_of(url, topic)).await, 404, "not_found");
        }
    }
    assert_eq!(vault.rows().await, rows);
    create_topic(&bob, OWN, "hers").await;
}

#[tokio::test]
async fn callers_without_good_standing_are_refused_on_every_topic_route() {
    let vault = TestVault::new().await;
    let owing = vault.create_account(Role::User, true).await;
    let inactive = vault.create_user().await;
    vault.tamper(&format!("update users set active = false where id = '{}'", inactive.id())).await;
    let rows = vault.rows().await;
    for (client, status, code) in [
        (&owing, 403, "password_change_owed"),
        (&inactive, 401, "unauthenticated"),
        (&vault.anonymous(), 401, "unauthenticated"),
    ] {
        for url in [OWN, SYSTEM] {
            let one = format!("{url}/{}", TopicId::new());
            assert_problem(client.get(url).await, status, code);
            assert_problem(client.post(url, json!({"name": "Mine"})).await, status, code);
            assert_problem(client.patch(&one, json!({"name": "Mine"})).await, status, code);
            assert_problem(client.delete(&one).await, status, code);
        }
    }
    assert_eq!(vault.rows().await, rows);
}

#[tokio::test]
async fn changes_of_system_topics_are_in_the_audit_log_and_those_of_own_topics_are_not() {
    let vault = TestVault::new().await;
    let (admin, user) = (vault.create_admin().await, vault.create_user().await);
    let created = admin.post(SYSTEM, json!({"name": "Invoices"})).await.expect(201);
    let path = format!("{SYSTEM}/{}", created["id"].as_str().unwrap());
    admin.patch(&path, json!({"name": "Bills"})).await.expect(200);
    admin.delete(&path).await.expect(204);
    user.post("/api/topics", json!({"name": "Letters"})).await.expect(201);
    let log = admin.get("/api/admin/audit-log?limit=100").await.expect(200);
    let entries = log["items"].as_array().unwrap();
    let about_topics: Vec<_> =
        entries.iter().filter(|entry| entry["action"].as_str().unwrap().starts_with("topic.")).collect();
    let actions: Vec<_> = about_topics.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["topic.removed", "topic.changed", "topic.created"]);
    for entry in about_topics {
        assert_eq!((&entry["actor_id"], &entry["target_id"]), (&json!(admin.id()), &created["id"]));
        assert_eq!(entry["details"], json!({}), "no name of a topic");
    }
}
