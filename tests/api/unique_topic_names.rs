//! A user sees at most one topic with a name, in upper or lower case: a system topic or an own one.

use serde_json::{Value, json};
use tests::{Client, TestVault};

use crate::assert_problem;
use crate::topics::create_topic;

const OWN: &str = "/api/topics";
const SYSTEM: &str = "/api/admin/topics";

async fn assert_name_taken(client: &Client, url: &str, name: &str) {
    assert_problem(client.post(url, json!({"name": name})).await, 409, "topic_exists");
}

#[tokio::test]
async fn a_taken_name_is_refused_in_any_case() {
    let vault = TestVault::new().await;
    let (alice, bob, admin) =
        (vault.create_user().await, vault.create_user().await, vault.create_admin().await);
    create_topic(&alice, OWN, "Invoice").await;
    assert_name_taken(&alice, OWN, "INVOICE").await;
    assert_name_taken(&alice, OWN, " invoice ").await;
    create_topic(&bob, OWN, "invoice").await;
    create_topic(&admin, SYSTEM, "Travel").await;
    assert_name_taken(&admin, SYSTEM, "travel").await;
    assert_name_taken(&alice, OWN, "TRAVEL").await;
    let other = create_topic(&alice, OWN, "Other").await;
    let other = format!("{OWN}/{}", other["id"].as_str().unwrap());
    for name in ["invoice", "travel"] {
        assert_problem(alice.patch(&other, json!({"name": name})).await, 409, "topic_exists");
    }
    alice.patch(&other, json!({"name": "other"})).await.expect(200);
}

/// Returns every row of `document_topics`: filename, topic name, whether it is a system topic, `manual`.
async fn read_labels(vault: &TestVault) -> Value {
    let statement = "select jsonb_agg(jsonb_build_array(d.filename, t.name, t.user_id is null, dt.manual)
            order by d.filename, t.name)
        from document_topics dt join topics t on t.id = dt.topic_id join documents d on d.id = dt.document_id";
    vault.database.superuser().await.query_one(statement, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_new_system_topic_replaces_own_topics_of_its_name_on_all_documents() {
    let vault = TestVault::new().await;
    let (alice, bob, admin) =
        (vault.create_user().await, vault.create_user().await, vault.create_admin().await);
    let hers = create_topic(&alice, OWN, "Invoice").await;
    create_topic(&bob, OWN, "invoice").await;
    let by_hand = alice.store_confirmed("a.txt", b"hello").await.document_id;
    alice
        .put(&format!("/api/documents/{by_hand}/topics"), json!({"topic_ids": [hers["id"]]}))
        .await
        .expect(200);
    let found = bob.store_confirmed("b.txt", b"an invoice").await.document_id;
    vault.classify(&[vault.put_notification(found).await]).await;
    create_topic(&admin, SYSTEM, "INVOICE").await;
    assert_eq!(
        read_labels(&vault).await,
        json!([["a.txt", "INVOICE", true, true], ["b.txt", "INVOICE", true, false]])
    );
    for client in [&alice, &bob] {
        assert_eq!(client.get(OWN).await.expect(200)["items"].as_array().unwrap().len(), 1);
    }
    let other = create_topic(&admin, SYSTEM, "Other").await;
    create_topic(&alice, OWN, "Mine").await;
    admin
        .patch(&format!("{SYSTEM}/{}", other["id"].as_str().unwrap()), json!({"name": "mine"}))
        .await
        .expect(200);
    assert_eq!(alice.get(OWN).await.expect(200)["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn concurrent_creations_leave_one_topic_of_a_name() {
    let vault = TestVault::new().await;
    let (alice, admin) = (vault.create_user().await, vault.create_admin().await);
    for round in 0..20 {
        let name = format!("topic {round}");
        let attempts = (0..6).map(|n| {
            let (client, url) = if n % 3 == 0 { (&admin, SYSTEM) } else { (&alice, OWN) };
            let (client, name) = (vault.in_own_sandbox(client), name.clone());
            tokio::spawn(async move { client.post(url, json!({"name": name})).await.status })
        });
        for attempt in attempts.collect::<Vec<_>>() {
            assert!([201, 409].contains(&attempt.await.unwrap()));
        }
        let statement =
            "select count(*) filter (where user_id is null), count(*) from topics where name = $1";
        let row = vault.database.superuser().await.query_one(statement, &[&name]).await.unwrap();
        assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (1, 1), "round {round}");
    }
}

/// A statement that takes a name holds the name's advisory lock and may wait for the topic's row. A change of
/// the description holds that row: if it waited for the advisory lock, the two would deadlock.
#[tokio::test]
async fn a_description_can_be_changed_while_another_statement_holds_the_names_lock() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let topic = alice.post("/api/topics", json!({"name": "Tax"})).await.expect(201);
    let url = format!("/api/topics/{}", topic["id"].as_str().unwrap());
    let taker = vault.database.superuser().await;
    taker.batch_execute("begin; select pg_advisory_xact_lock(hashtextextended('tax', 0))").await.unwrap();
    alice.patch(&url, json!({"description": "what is owed"})).await.expect(200);
    alice.patch(&url, json!({"name": "Tax", "description": "what was owed"})).await.expect(200);
    taker.batch_execute("commit").await.unwrap();
}
