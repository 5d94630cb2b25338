//! Of one name, whatever its case, a user sees one topic: the system's, or an own one.

use serde_json::{Value, json};
use tests::{Client, TestVault};

use crate::assert_problem;
use crate::topics::make;

const OWN: &str = "/api/topics";
const SYSTEM: &str = "/api/admin/topics";

async fn refused(client: &Client, url: &str, name: &str) {
    assert_problem(client.post(url, json!({"name": name})).await, 409, "topic_exists");
}

#[tokio::test]
async fn a_name_that_is_taken_is_refused_whatever_its_case() {
    let vault = TestVault::new().await;
    let (alice, bob, admin) = (vault.user().await, vault.user().await, vault.admin().await);
    make(&alice, OWN, "Invoice").await;
    refused(&alice, OWN, "INVOICE").await;
    refused(&alice, OWN, " invoice ").await;
    make(&bob, OWN, "invoice").await;
    make(&admin, SYSTEM, "Travel").await;
    refused(&admin, SYSTEM, "travel").await;
    refused(&alice, OWN, "TRAVEL").await;
    let other = make(&alice, OWN, "Other").await;
    let other = format!("{OWN}/{}", other["id"].as_str().unwrap());
    for name in ["invoice", "travel"] {
        assert_problem(alice.patch(&other, json!({"name": name})).await, 409, "topic_exists");
    }
    alice.patch(&other, json!({"name": "other"})).await.expect(200);
}

/// What `document_topics` says of the documents, by the topic's name.
async fn labels(vault: &TestVault) -> Value {
    let statement = "select jsonb_agg(jsonb_build_array(d.filename, t.name, t.user_id is null, dt.manual)
            order by d.filename, t.name)
        from document_topics dt join topics t on t.id = dt.topic_id join documents d on d.id = dt.document_id";
    vault.database.superuser().await.query_one(statement, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_new_system_topic_takes_the_place_of_own_ones_and_nothing_is_lost() {
    let vault = TestVault::new().await;
    let (alice, bob, admin) = (vault.user().await, vault.user().await, vault.admin().await);
    let hers = make(&alice, OWN, "Invoice").await;
    make(&bob, OWN, "invoice").await;
    let by_hand = alice.keep("a.txt", b"hello").await.document_id;
    alice
        .put(&format!("/api/documents/{by_hand}/topics"), json!({"topic_ids": [hers["id"]]}))
        .await
        .expect(200);
    let found = bob.keep("b.txt", b"an invoice").await.document_id;
    vault.classify(&[vault.put_event(found).await]).await;
    make(&admin, SYSTEM, "INVOICE").await;
    assert_eq!(
        labels(&vault).await,
        json!([["a.txt", "INVOICE", true, true], ["b.txt", "INVOICE", true, false]])
    );
    for client in [&alice, &bob] {
        assert_eq!(client.get(OWN).await.expect(200)["items"].as_array().unwrap().len(), 1);
    }
    let other = make(&admin, SYSTEM, "Other").await;
    make(&alice, OWN, "Mine").await;
    admin
        .patch(&format!("{SYSTEM}/{}", other["id"].as_str().unwrap()), json!({"name": "mine"}))
        .await
        .expect(200);
    assert_eq!(alice.get(OWN).await.expect(200)["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn whoever_is_first_of_many_at_once_nobody_sees_a_name_twice() {
    let vault = TestVault::new().await;
    let (alice, admin) = (vault.user().await, vault.admin().await);
    for round in 0..20 {
        let name = format!("topic {round}");
        let attempts = (0..6).map(|n| {
            let (client, url) = if n % 3 == 0 { (&admin, SYSTEM) } else { (&alice, OWN) };
            let (client, name) = (vault.elsewhere(client), name.clone());
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

/// Whoever takes a name holds its lock, and may wait for the topic's row: a description that waited for the lock would be in its way.
#[tokio::test]
async fn a_description_is_changed_while_somebody_takes_the_name() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let topic = alice.post("/api/topics", json!({"name": "Tax"})).await.expect(201);
    let url = format!("/api/topics/{}", topic["id"].as_str().unwrap());
    let taker = vault.database.superuser().await;
    taker.batch_execute("begin; select pg_advisory_xact_lock(hashtextextended('tax', 0))").await.unwrap();
    alice.patch(&url, json!({"description": "what is owed"})).await.expect(200);
    alice.patch(&url, json!({"name": "Tax", "description": "what was owed"})).await.expect(200);
    taker.batch_execute("commit").await.unwrap();
}
