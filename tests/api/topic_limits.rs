//! Limits of topics: of their names and descriptions, and of how many own topics a user may have.

use serde_json::json;
use tests::TestVault;

use crate::assert_problem;
use crate::topics::{create_topic, list_names, path_of};

const OWN: &str = "/api/topics";
const SYSTEM: &str = "/api/admin/topics";

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
    assert_eq!(list_names(&alice, OWN).await, [""; 0]);
    let made = alice.post(OWN, json!({"name": longest, "description": "x".repeat(1_000)})).await.expect(201);
    assert_eq!(made["name"], longest);
    assert_problem(alice.patch(&path_of(OWN, &made), json!({"name": ""})).await, 422, "invalid");
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
    let own = list_names(&alice, OWN).await.into_iter().filter(|name| name.starts_with("o"));
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
