//! Later classifications keep the owner's decisions: a manual topic stays on the document, and a dismissed
//! one stays off.

use docuvault::classification::{Outcome, Reading};
use docuvault::db::classification::finish;
use docuvault::id::{DocumentId, TopicId};
use serde_json::{Value, json};
use tests::{Client, TestVault};

use crate::{assert_problem, topics};

const NONE: [usize; 0] = [];

async fn create_own_topic(client: &Client, name: &str) -> Value {
    topics::create_topic(client, "/api/topics", name).await["id"].take()
}

async fn set_topics(client: &Client, id: DocumentId, topics: Value) -> tests::Response {
    client.put(&format!("/api/documents/{id}/topics"), json!({"topic_ids": topics})).await
}

/// Returns the topics that a document shows: each one's name and whether it is manual.
fn shown_topics(document: &Value) -> Vec<(&str, bool)> {
    let topics = document["topics"].as_array().unwrap().iter();
    topics.map(|topic| (topic["name"].as_str().unwrap(), topic["manual"].as_bool().unwrap())).collect()
}

async fn get_document(client: &Client, id: DocumentId) -> Value {
    client.get(&format!("/api/documents/{id}")).await.expect(200)
}

/// Asks for another classification, and runs it.
pub async fn classify_again(vault: &TestVault, client: &Client, id: DocumentId) {
    client.send("POST", &format!("/api/documents/{id}/classify"), None).await.expect(202);
    assert_eq!(vault.row(id).await["status"], "uploaded");
    let nudges: Vec<_> = vault.take_messages().await.iter().map(ToString::to_string).collect();
    assert_eq!(vault.classify(&nudges).await, NONE);
    assert_eq!(vault.row(id).await["status"], "classified");
}

#[tokio::test]
async fn topics_set_by_hand_survive_later_classifications() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let (invoice, travel) =
        (create_own_topic(&alice, "Invoice").await, create_own_topic(&alice, "Travel").await);
    let id =
        alice.store_confirmed("a.txt", b"An invoice of the hotel, for a private travel.").await.document_id;
    vault.classify(&[vault.put_notification(id).await]).await;
    assert_eq!(shown_topics(&get_document(&alice, id).await), [("Invoice", false), ("Travel", false)]);
    let private = create_own_topic(&alice, "Family").await;
    let corrected = set_topics(&alice, id, json!([travel, private, travel])).await.expect(200);
    assert_eq!(shown_topics(&corrected), [("Family", true), ("Travel", true)]);
    for _ in 0..2 {
        classify_again(&vault, &alice, id).await;
        assert_eq!(shown_topics(&get_document(&alice, id).await), [("Family", true), ("Travel", true)]);
    }
    let listed = async |topic: &Value| {
        let page = alice.get(&format!("/api/documents?topic={}", topic.as_str().unwrap())).await.expect(200);
        page["items"].as_array().unwrap().len()
    };
    assert_eq!(
        (listed(&invoice).await, listed(&travel).await),
        (0, 1),
        "a list by a dismissed topic does not find the document"
    );
    let emptied = set_topics(&alice, id, json!([])).await.expect(200);
    assert_eq!(shown_topics(&emptied), []);
    assert_eq!(
        shown_topics(&set_topics(&alice, id, json!([invoice])).await.expect(200)),
        [("Invoice", true)]
    );
}

#[tokio::test]
async fn a_later_classification_replaces_its_own_topics_and_keeps_manual_ones() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let (old, by_hand) =
        (create_own_topic(&alice, "Invoice").await, create_own_topic(&alice, "Family").await);
    let id = alice.store_confirmed("a.txt", b"An invoice for a private travel.").await.document_id;
    vault.classify(&[vault.put_notification(id).await]).await;
    set_topics(&alice, id, json!([by_hand, old])).await.expect(200);
    vault.tamper("update document_topics set manual = false where topic_id = (select id from topics where name = 'Invoice')").await;
    alice
        .patch(&format!("/api/topics/{}", old.as_str().unwrap()), json!({"name": "Weather"}))
        .await
        .expect(200);
    create_own_topic(&alice, "Travel").await;
    classify_again(&vault, &alice, id).await;
    assert_eq!(shown_topics(&get_document(&alice, id).await), [("Family", true), ("Travel", false)]);
}

#[tokio::test]
async fn topics_that_the_owner_cannot_see_are_refused_like_unknown_ones() {
    let vault = TestVault::new().await;
    let (alice, bob, admin) =
        (vault.create_user().await, vault.create_user().await, vault.create_admin().await);
    let (hers, his) = (create_own_topic(&alice, "Hers").await, create_own_topic(&bob, "His").await);
    let system = admin.post("/api/admin/topics", json!({"name": "System"})).await.expect(201)["id"].take();
    let id = alice.store_confirmed("a.txt", b"hello").await.document_id;
    let before = vault.rows().await;
    let absent = json!(TopicId::new());
    for topic in [&his, &absent] {
        let answer = set_topics(&alice, id, json!([hers, topic])).await;
        assert_eq!(
            answer.body["detail"],
            "topic_ids names a topic that does not exist: use ids from GET /api/topics"
        );
        assert_problem(answer, 422, "invalid");
    }
    for body in
        [json!({}), json!({"topic_ids": null}), json!({"topic_ids": ["x"]}), json!({"topic_ids": [], "x": 1})]
    {
        assert_problem(alice.put(&format!("/api/documents/{id}/topics"), body).await, 422, "invalid");
    }
    assert_problem(set_topics(&alice, id, json!(vec![TopicId::new(); 101])).await, 422, "invalid");
    assert_problem(set_topics(&bob, id, json!([his])).await, 404, "not_found");
    assert_problem(set_topics(&bob, DocumentId::new(), json!([his])).await, 404, "not_found");
    assert_problem(set_topics(&admin, id, json!([system])).await, 403, "wrong_role");
    assert_problem(set_topics(&vault.anonymous(), id, json!([])).await, 401, "unauthenticated");
    let pending = alice.store_pending("b.txt", b"hello").await.document_id;
    assert_problem(set_topics(&alice, pending, json!([hers])).await, 404, "not_found");
    alice.delete_document(pending).await.expect(204);
    assert_eq!(vault.rows().await["document_topics"], before["document_topics"]);
    assert_eq!(
        shown_topics(&set_topics(&alice, id, json!([hers, system])).await.expect(200)),
        [("Hers", true), ("System", true)]
    );
}

#[tokio::test]
async fn a_topic_that_is_deleted_during_a_classification_is_not_put_on_the_document() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let topic = create_own_topic(&alice, "Invoice").await;
    let id = alice.store_confirmed("a.txt", b"invoice").await.document_id;
    let config = vault.classification.clone();
    let services = vault.services();
    let docuvault::db::classification::Claim::Held(job) =
        docuvault::db::classification::claim(&services.db, id, None, &config).await.unwrap()
    else {
        panic!("not held");
    };
    let matches = vec![docuvault::classification::Match {
        topic: serde_json::from_value(topic.clone()).unwrap(),
        confidence: Some(1.0),
    }];
    let outcome = Outcome {
        matches,
        suggestions: Vec::new(),
        truncated: false,
        images: 0,
        model: "m".into(),
        prompt_version: "p".into(),
    };
    // While the outcome is stored, the deletion has begun but is not committed.
    let deleter = vault.database.connect_as("docuvault_app").await;
    deleter.batch_execute("begin; delete from topics").await.unwrap();
    let finish = tokio::spawn(async move { finish(&services.db, &job, &outcome, Reading::default()).await });
    vault.wait_until_blocked("classification::finish").await;
    deleter.batch_execute("commit").await.unwrap();
    finish.await.unwrap().unwrap();
    assert_eq!(shown_topics(&get_document(&alice, id).await), []);
    assert_eq!(vault.row(id).await["status"], "classified");
}

#[tokio::test]
async fn a_list_by_topic_is_ordered_by_the_age_of_the_documents() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let travel = create_own_topic(&alice, "Travel").await;
    let (older, newer) =
        (alice.store_confirmed("older.txt", b"").await, alice.store_confirmed("newer.txt", b"").await);
    for document in [&newer, &older] {
        set_topics(&alice, document.document_id, json!([travel])).await.expect(200);
    }
    let url = format!("/api/documents?topic={}", travel.as_str().unwrap());
    let page = alice.get(&url).await.expect(200);
    let names: Vec<_> = page["items"].as_array().unwrap().iter().map(|item| &item["filename"]).collect();
    assert_eq!(names, ["newer.txt", "older.txt"]);
}

/// Counts what a list by the topic returns: not dismissed topics, and nobody else's documents.
#[tokio::test]
async fn a_list_of_topics_counts_the_callers_documents_of_each() {
    let vault = TestVault::new().await;
    let (alice, bob, admin) =
        (vault.create_user().await, vault.create_user().await, vault.create_admin().await);
    let shared = topics::create_topic(&admin, "/api/admin/topics", "Invoice").await["id"].take();
    let own = create_own_topic(&alice, "Travel").await;
    let id = alice.store_confirmed("a.txt", b"An invoice of the hotel").await.document_id;
    vault.classify(&[vault.put_notification(id).await]).await;
    let other = alice.store_confirmed("b.txt", b"b").await.document_id;
    set_topics(&alice, other, json!([shared, own])).await.expect(200);
    let bobs = bob.store_confirmed("c.txt", b"c").await.document_id;
    set_topics(&bob, bobs, json!([shared])).await.expect(200);
    assert_eq!(counts(&alice).await, [("Travel".into(), json!(1)), ("Invoice".into(), json!(2))]);
    assert_eq!(counts(&bob).await, [("Invoice".into(), json!(1))]);
    set_topics(&alice, id, json!([])).await.expect(200);
    alice.delete(&format!("/api/documents/{other}")).await.expect(204);
    assert_eq!(counts(&alice).await, [("Travel".into(), json!(0)), ("Invoice".into(), json!(0))]);
    assert_eq!(counts(&admin).await, [("Invoice".into(), json!(null))]);
    let uncounted = alice.get("/api/topics").await.expect(200);
    assert_eq!(uncounted["items"][0].get("documents"), None);
    assert_problem(alice.get("/api/topics?counts=2").await, 422, "invalid");
    assert_problem(admin.get("/api/admin/topics?counts=true").await, 422, "invalid");
}

/// Returns the name of each topic, and the number of documents that a list with `counts` tells.
async fn counts(client: &Client) -> Vec<(String, Value)> {
    let page = client.get("/api/topics?counts=true").await.expect(200);
    let topics = page["items"].as_array().unwrap().iter();
    topics.map(|topic| (topic["name"].as_str().unwrap().to_owned(), topic["documents"].clone())).collect()
}
