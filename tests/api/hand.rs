//! A person's word on a document stands: what is set by hand stays, and what is taken off stays off.

use docuvault::id::{DocumentId, TopicId};
use serde_json::{Value, json};
use tests::{Client, TestVault};

use crate::{assert_problem, topics};

const NONE: [usize; 0] = [];

async fn make(client: &Client, name: &str) -> Value {
    topics::make(client, "/api/topics", name).await["id"].take()
}

async fn set(client: &Client, id: DocumentId, topics: Value) -> tests::Answer {
    client.put(&format!("/api/documents/{id}/topics"), json!({"topic_ids": topics})).await
}

/// Name and whether by hand, of each topic that the document is shown with.
fn shown(document: &Value) -> Vec<(&str, bool)> {
    let topics = document["topics"].as_array().unwrap().iter();
    topics.map(|topic| (topic["name"].as_str().unwrap(), topic["manual"].as_bool().unwrap())).collect()
}

async fn document(client: &Client, id: DocumentId) -> Value {
    client.get(&format!("/api/documents/{id}")).await.expect(200)
}

async fn again(vault: &TestVault, client: &Client, id: DocumentId) {
    client.send("POST", &format!("/api/documents/{id}/classify"), None).await.expect(202);
    assert_eq!(vault.row(id).await["status"], "uploaded");
    let nudges: Vec<_> = vault.take_messages().await.iter().map(ToString::to_string).collect();
    assert_eq!(vault.classify(&nudges).await, NONE);
    assert_eq!(vault.row(id).await["status"], "classified");
}

#[tokio::test]
async fn a_correction_stays_through_every_classification_to_come() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let (invoice, travel) = (make(&alice, "Invoice").await, make(&alice, "Travel").await);
    let id = alice.keep("a.txt", b"An invoice of the hotel, for a private travel.").await.document_id;
    vault.classify(&[vault.put_event(id).await]).await;
    assert_eq!(shown(&document(&alice, id).await), [("Invoice", false), ("Travel", false)]);
    let private = make(&alice, "Family").await;
    let corrected = set(&alice, id, json!([travel, private, travel])).await.expect(200);
    assert_eq!(shown(&corrected), [("Family", true), ("Travel", true)]);
    for _ in 0..2 {
        again(&vault, &alice, id).await;
        assert_eq!(shown(&document(&alice, id).await), [("Family", true), ("Travel", true)]);
    }
    let listed = async |topic: &Value| {
        let page = alice.get(&format!("/api/documents?topic={}", topic.as_str().unwrap())).await.expect(200);
        page["items"].as_array().unwrap().len()
    };
    assert_eq!((listed(&invoice).await, listed(&travel).await), (0, 1), "what is dismissed finds nothing");
    let emptied = set(&alice, id, json!([])).await.expect(200);
    assert_eq!(shown(&emptied), []);
    assert_eq!(shown(&set(&alice, id, json!([invoice])).await.expect(200)), [("Invoice", true)]);
}

#[tokio::test]
async fn what_no_longer_fits_goes_and_what_is_new_comes_beside_what_was_set_by_hand() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let (old, by_hand) = (make(&alice, "Invoice").await, make(&alice, "Family").await);
    let id = alice.keep("a.txt", b"An invoice for a private travel.").await.document_id;
    vault.classify(&[vault.put_event(id).await]).await;
    set(&alice, id, json!([by_hand, old])).await.expect(200);
    vault.tamper("update document_topics set manual = false where topic_id = (select id from topics where name = 'Invoice')").await;
    alice
        .patch(&format!("/api/topics/{}", old.as_str().unwrap()), json!({"name": "Weather"}))
        .await
        .expect(200);
    make(&alice, "Travel").await;
    again(&vault, &alice, id).await;
    assert_eq!(shown(&document(&alice, id).await), [("Family", true), ("Travel", false)]);
}

#[tokio::test]
async fn topics_that_the_owner_does_not_see_are_as_ones_that_are_not_there() {
    let vault = TestVault::new().await;
    let (alice, bob, admin) = (vault.user().await, vault.user().await, vault.admin().await);
    let (hers, his) = (make(&alice, "Hers").await, make(&bob, "His").await);
    let system = admin.post("/api/admin/topics", json!({"name": "System"})).await.expect(201)["id"].take();
    let id = alice.keep("a.txt", b"hello").await.document_id;
    let before = vault.rows().await;
    let absent = json!(TopicId::new());
    for topic in [&his, &absent] {
        let answer = set(&alice, id, json!([hers, topic])).await;
        assert_eq!(answer.body["detail"], "topic_ids names a topic that is not there");
        assert_problem(answer, 422, "invalid");
    }
    for body in
        [json!({}), json!({"topic_ids": null}), json!({"topic_ids": ["x"]}), json!({"topic_ids": [], "x": 1})]
    {
        assert_problem(alice.put(&format!("/api/documents/{id}/topics"), body).await, 422, "invalid");
    }
    assert_problem(set(&alice, id, json!(vec![TopicId::new(); 101])).await, 422, "invalid");
    assert_problem(set(&bob, id, json!([his])).await, 404, "not_found");
    assert_problem(set(&bob, DocumentId::new(), json!([his])).await, 404, "not_found");
    assert_problem(set(&admin, id, json!([system])).await, 403, "wrong_role");
    assert_problem(set(&vault.nobody(), id, json!([])).await, 401, "unauthenticated");
    let pending = alice.store("b.txt", b"hello").await.document_id;
    assert_problem(set(&alice, pending, json!([hers])).await, 404, "not_found");
    alice.remove(pending).await.expect(204);
    assert_eq!(vault.rows().await["document_topics"], before["document_topics"]);
    assert_eq!(
        shown(&set(&alice, id, json!([hers, system])).await.expect(200)),
        [("Hers", true), ("System", true)]
    );
}

#[tokio::test]
async fn a_document_is_classified_again_once_however_often_it_is_asked_for() {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.user().await, vault.user().await);
    let id = alice.keep("a.txt", b"hello").await.document_id;
    let path = format!("/api/documents/{id}/classify");
    let ask = async |client: &Client| client.send("POST", &path, None).await;
    ask(&alice).await.expect(202);
    assert_eq!(vault.take_messages().await, [Value::Null; 0], "its first classification is still to come");
    vault.classify(&[vault.put_event(id).await]).await;
    let answers = (0..8).map(|_| {
        let (alice, path) = (vault.elsewhere(&alice), path.clone());
        tokio::spawn(async move { alice.send("POST", &path, None).await.status })
    });
    for answer in answers.collect::<Vec<_>>() {
        assert_eq!(answer.await.unwrap(), 202);
    }
    assert_eq!(vault.take_messages().await, [json!({"document_id": id})]);
    assert_eq!(vault.columns(id, &["status", "attempts"]).await, [json!("uploaded"), json!(0)]);
    let pending = alice.store("b.txt", b"hello").await.document_id;
    for id in [pending, DocumentId::new()] {
        let answer = alice.send("POST", &format!("/api/documents/{id}/classify"), None).await;
        assert_problem(answer, 404, "not_found");
    }
    assert_problem(ask(&bob).await, 404, "not_found");
    assert_problem(ask(&vault.admin().await).await, 403, "wrong_role");
    assert_problem(ask(&vault.nobody()).await, 401, "unauthenticated");
}

#[tokio::test]
async fn a_document_that_was_given_up_gets_all_its_attempts_again() {
    let mut vault = TestVault::new().await;
    vault.classification.provider = "oracle".into();
    vault.classification.max_attempts = 1;
    let alice = vault.user().await;
    let id = alice.keep("a.txt", b"hello").await.document_id;
    vault.classify(&[vault.put_event(id).await]).await;
    assert_eq!(vault.row(id).await["status"], "classification_failed");
    vault.classification.provider = "builtin".into();
    again(&vault, &alice, id).await;
    assert_eq!(
        vault.columns(id, &["attempts", "failure_code", "failure_message"]).await,
        [json!(1), Value::Null, Value::Null]
    );
}

#[tokio::test]
async fn a_topic_that_is_deleted_while_a_job_runs_comes_on_no_document() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let topic = make(&alice, "Invoice").await;
    let id = alice.keep("a.txt", b"invoice").await.document_id;
    let config = vault.classification.clone();
    let parts = vault.parts();
    let docuvault::db::classification::Claim::Held(job) =
        docuvault::db::classification::claim(&parts.db, id, None, &config).await.unwrap()
    else {
        panic!("not held");
    };
    let matches = vec![docuvault::classification::Match {
        topic: serde_json::from_value(topic.clone()).unwrap(),
        confidence: Some(1.0),
    }];
    let outcome = docuvault::classification::Outcome {
        matches,
        suggestions: Vec::new(),
        truncated: false,
        model: "m".into(),
        prompt_version: "p".into(),
    };
    // The deletion is begun and not yet committed while the outcome is stored.
    let deleter = vault.database.connect_as("docuvault_app").await;
    deleter.batch_execute("begin; delete from topics").await.unwrap();
    let finish =
        tokio::spawn(
            async move { docuvault::db::classification::finish(&parts.db, &job, &outcome, None).await },
        );
    vault.until_waiting("classification::finish").await;
    deleter.batch_execute("commit").await.unwrap();
    finish.await.unwrap().unwrap();
    assert_eq!(shown(&document(&alice, id).await), []);
    assert_eq!(vault.row(id).await["status"], "classified");
}

#[tokio::test]
async fn a_list_by_topic_has_the_order_of_the_documents_and_not_of_the_labels() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let travel = make(&alice, "Travel").await;
    let (older, newer) = (alice.keep("older.txt", b"").await, alice.keep("newer.txt", b"").await);
    for document in [&newer, &older] {
        set(&alice, document.document_id, json!([travel])).await.expect(200);
    }
    let url = format!("/api/documents?topic={}", travel.as_str().unwrap());
    let page = alice.get(&url).await.expect(200);
    let names: Vec<_> = page["items"].as_array().unwrap().iter().map(|item| &item["filename"]).collect();
    assert_eq!(names, ["newer.txt", "older.txt"]);
}
