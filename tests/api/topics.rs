//! Topics: a user sees system topics and own topics, and may change own topics only (D-08, D-09, D-17).

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

/// The names of the topics in a list, in its order.
async fn names(client: &Client, url: &str) -> Vec<String> {
    let page = client.get(url).await.expect(200);
    page["items"].as_array().unwrap().iter().map(|topic| topic["name"].as_str().unwrap().to_owned()).collect()
}

fn path(url: &str, topic: &Value) -> String {
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
    let renamed = alice.patch(&path(OWN, &made), json!({"name": "TAX"})).await.expect(200);
    assert_eq!((&renamed["name"], &renamed["description"]), (&json!("TAX"), &made["description"]));
    let described = alice.patch(&path(OWN, &made), json!({"description": ""})).await.expect(200);
    assert_eq!((&described["name"], &described["description"]), (&json!("TAX"), &json!("")));
    assert_eq!(alice.patch(&path(OWN, &made), json!({})).await.expect(200), described);
    alice.delete(&path(OWN, &made)).await.expect(204);
    assert_problem(alice.delete(&path(OWN, &made)).await, 404, "not_found");
    assert_eq!(names(&alice, OWN).await, [""; 0]);
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
    assert_eq!(names(&alice, OWN).await, ["three", "two", "one"]);
    assert_eq!(names(&bob, OWN).await, ["three", "not hers", "one"]);
    for url in [OWN, SYSTEM] {
        assert_eq!(names(&admin, url).await, ["three", "one"]);
    }
    let first = alice.get(&format!("{OWN}?limit=2")).await.expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = format!("{OWN}?limit=2&cursor={cursor}");
    assert_eq!(names(&alice, &second).await, ["one"]);
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
        alice.patch(&path(SYSTEM, &topic), json!({"name": "Other"})).await,
        alice.delete(&path(SYSTEM, &topic)).await,
    ] {
        assert_problem(answer, 403, "wrong_role");
    }
    for client in [&alice, &admin] {
        for answer in [
            client.patch(&path(OWN, &topic), json!({"name": "Other"})).await,
            client.delete(&path(OWN, &topic)).await,
        ] {
            assert_problem(answer, 404, "not_found");
        }
    }
    assert_eq!(names(&alice, OWN).await, ["Invoice"]);
    admin.patch(&path(SYSTEM, &topic), json!({"name": "Bill"})).await.expect(200);
    assert_eq!(names(&alice, OWN).await, ["Bill"]);
    admin.delete(&path(SYSTEM, &topic)).await.expect(204);
    assert_eq!(names(&alice, OWN).await, [""; 0]);
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
            assert_problem(client.patch(&path(url, topic), json!({"name": "Mine"})).await, 404, "not_found");
            assert_problem(client.delete(&path(url, topic)).await, 404, "not_found");
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
async fn invalid_names_and_descriptions_are_refused() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let (longest, too_long) = ("\u{e4}".repeat(64), "\u{e4}".repeat(65));
    for body in [
        json!({}),
        json!({"name": ""}),
        json!({"name": " \u{a0}\n"}),
        json!({"name": too_long}),
        json!({"name": "a\u{0}b"}),
        json!({"name": "a\u{1b}b"}),
        json!({"name": "a\u{202e}b"}),
        json!({"name": "a\u{200b}b"}),
        json!({"name": 1}),
        json!({"name": null}),
        json!({"name": "a", "description": "\u{0}"}),
        json!({"name": "a", "description": "x".repeat(1_001)}),
        json!({"name": "a", "description": null}),
        json!({"name": "a", "system": true}),
        json!({"name": "a", "user_id": alice.id()}),
    ] {
        assert_problem(alice.post(OWN, body).await, 422, "invalid");
    }
    assert_eq!(names(&alice, OWN).await, [""; 0]);
    let made = alice.post(OWN, json!({"name": longest, "description": "x".repeat(1_000)})).await.expect(201);
    assert_eq!(made["name"], longest);
    assert_problem(alice.patch(&path(OWN, &made), json!({"name": ""})).await, 422, "invalid");
    assert_problem(alice.patch(&format!("{OWN}/x"), json!({})).await, 422, "invalid");
}

#[tokio::test]
async fn concurrent_creations_stop_at_the_users_topic_limit() {
    let mut vault = TestVault::new().await;
    vault.topics.max_own = 3;
    let (alice, bob) = (vault.create_user().await, vault.create_user().await);
    let admin = vault.create_admin().await;
    for name in ["a", "b", "c", "d"] {
        create_topic(&admin, SYSTEM, name).await;
    }
    let attempts = (0..12).map(|n| {
        let alice = vault.in_own_sandbox(&alice);
        tokio::spawn(async move { alice.post(OWN, json!({"name": format!("own {n}")})).await.status })
    });
    let mut made = 0;
    for attempt in attempts.collect::<Vec<_>>() {
        match attempt.await.unwrap() {
            201 => made += 1,
            status => assert_eq!(status, 409),
        }
    }
    assert_eq!(made, 3);
    assert_problem(alice.post(OWN, json!({"name": "one more"})).await, 409, "too_many_topics");
    let own = names(&alice, OWN).await.into_iter().filter(|name| name.starts_with("o"));
    assert_eq!(own.count(), 3, "a refused topic is not created");
    create_topic(&bob, OWN, "his").await;
}

#[tokio::test]
async fn an_uncommitted_topic_counts_for_the_limit() {
    let mut vault = TestVault::new().await;
    vault.topics.max_own = 1;
    let alice = vault.create_user().await;
    let maker = vault.database.connect_as("docuvault_app").await;
    maker
        .batch_execute(&format!(
            "begin; select from users where id = '{0}' for no key update;
             insert into topics (id, user_id, name) values (gen_random_uuid(), '{0}', 'first')",
            alice.id()
        ))
        .await
        .unwrap();
    let second = vault.in_own_sandbox(&alice);
    let second = tokio::spawn(async move { second.post(OWN, json!({"name": "second"})).await });
    vault.wait_until_blocked("topic::create").await;
    maker.batch_execute("commit").await.unwrap();
    assert_problem(second.await.unwrap(), 409, "too_many_topics");
}
