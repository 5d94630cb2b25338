//! Suggestions of a model become own topics of the document's owner, up to a limit. They never become system
//! topics.

use docuvault::classification::{Job, Outcome, Reading};
use docuvault::db::classification::{self, Claim, claim, finish};
use docuvault::id::DocumentId;
use serde_json::{Value, json};
use tests::{Client, TestVault};

async fn claim_job(vault: &TestVault, id: DocumentId) -> Job {
    match claim(&vault.services().db, id, None, &vault.classification).await.unwrap() {
        Claim::Held(job) => *job,
        _ => panic!("the document is not free"),
    }
}

/// Stores suggestions and finishes the job, as a classification does.
async fn finish_with_suggestions(vault: &TestVault, job: &Job, names: &[&str], most_own: u32) {
    let outcome = Outcome {
        matches: Vec::new(),
        suggestions: names.iter().map(ToString::to_string).collect(),
        truncated: false,
        images: 0,
        model: "m".into(),
        prompt_version: "p".into(),
    };
    let db = vault.services().db;
    classification::suggest(&db, job, &outcome.suggestions, most_own).await.unwrap();
    finish(&db, job, &outcome, Reading::default()).await.unwrap();
}

/// Returns all topics: name, owner (null for system topics) and number of documents.
async fn all_topics(vault: &TestVault) -> Value {
    let statement = "select coalesce(jsonb_agg(jsonb_build_array(t.name, t.user_id,
            (select count(*) from document_topics dt where dt.topic_id = t.id)) order by t.id), '[]') from topics t";
    vault.database.superuser().await.query_one(statement, &[]).await.unwrap().get(0)
}

async fn store_document(client: &Client) -> DocumentId {
    client.store_confirmed("a.txt", b"hello").await.document_id
}

#[tokio::test]
async fn suggestions_become_own_topics_and_are_put_on_the_document() {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.create_user().await, vault.create_user().await);
    let id = store_document(&alice).await;
    let job = claim_job(&vault, id).await;
    finish_with_suggestions(&vault, &job, &["Boats", "Harbours"], 200).await;
    let expected = json!([["Boats", alice.id(), 1], ["Harbours", alice.id(), 1]]);
    assert_eq!(all_topics(&vault).await, expected);
    let shown = alice.get(&format!("/api/documents/{id}")).await.expect(200);
    let seen: Vec<_> = shown["topics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| (&t["name"], &t["system"], &t["confidence"]))
        .collect();
    assert_eq!(
        seen,
        [(&json!("Boats"), &json!(false), &Value::Null), (&json!("Harbours"), &json!(false), &Value::Null)]
    );
    assert_eq!(bob.get("/api/topics").await.expect(200)["items"], json!([]));
    finish_with_suggestions(&vault, &job, &["Late"], 200).await;
    assert_eq!(all_topics(&vault).await, expected, "a worker that has lost its lease creates no topics");
}

#[tokio::test]
async fn a_suggestion_that_names_a_visible_topic_uses_that_topic() {
    let vault = TestVault::new().await;
    let (alice, bob, admin) =
        (vault.create_user().await, vault.create_user().await, vault.create_admin().await);
    admin.post("/api/admin/topics", json!({"name": "Tax"})).await.expect(201);
    alice.post("/api/topics", json!({"name": "Boats"})).await.expect(201);
    bob.post("/api/topics", json!({"name": "Harbours"})).await.expect(201);
    let id = store_document(&alice).await;
    finish_with_suggestions(&vault, &claim_job(&vault, id).await, &["TAX", "boats", "harbours"], 200).await;
    assert_eq!(
        all_topics(&vault).await,
        json!([
            ["Tax", null, 1],
            ["Boats", alice.id(), 1],
            ["Harbours", bob.id(), 0],
            ["harbours", alice.id(), 1]
        ])
    );
}

#[tokio::test]
async fn concurrent_suggestions_stop_at_the_users_topic_limit() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let mut jobs = Vec::new();
    for _ in 0..6 {
        let id = store_document(&alice).await;
        jobs.push(claim_job(&vault, id).await);
    }
    let vault = std::sync::Arc::new(vault);
    let workers = jobs.into_iter().enumerate().map(|(n, job)| {
        let vault = std::sync::Arc::clone(&vault);
        tokio::spawn(async move {
            let names = [format!("a{n}"), format!("b{n}"), format!("c{n}")];
            finish_with_suggestions(&vault, &job, &names.each_ref().map(String::as_str), 7).await;
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
    assert_eq!(all_topics(&vault).await.as_array().unwrap().len(), 7);
    let statuses = "select count(*) from documents where status = 'classified'";
    let done: i64 = vault.database.superuser().await.query_one(statuses, &[]).await.unwrap().get(0);
    assert_eq!(done, 6, "documents are classified even if their suggestions exceed the limit");
}

#[tokio::test]
async fn repeated_classifications_of_a_document_suggest_three_topics_at_most() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let id = store_document(&alice).await;
    let again = async |names: &[&str]| {
        vault.tamper("update documents set status = 'uploaded'").await;
        finish_with_suggestions(&vault, &claim_job(&vault, id).await, names, 200).await;
        let page = alice.get("/api/topics").await.expect(200);
        page["items"].as_array().unwrap().iter().map(|topic| topic["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(again(&["One", "Two"]).await.len(), 2);
    assert_eq!(again(&["Three", "Four", "Five"]).await, ["Three", "Two", "One"]);
    assert_eq!(again(&["Six"]).await.len(), 3);
    let other = store_document(&alice).await;
    finish_with_suggestions(&vault, &claim_job(&vault, other).await, &["Six"], 200).await;
    assert_eq!(
        again(&["Seven"]).await,
        ["Six", "Three", "Two", "One"],
        "each document may suggest three topics"
    );
}

#[tokio::test]
async fn concurrent_suggestions_of_one_name_create_one_topic() {
    let vault = std::sync::Arc::new(TestVault::new().await);
    let alice = vault.create_user().await;
    let mut workers = Vec::new();
    for name in ["Boats", "boats", "BOATS", "Boats", "boats", "BOATS"] {
        let job = claim_job(&vault, store_document(&alice).await).await;
        let vault = std::sync::Arc::clone(&vault);
        workers.push(tokio::spawn(async move { finish_with_suggestions(&vault, &job, &[name], 200).await }));
    }
    for worker in workers {
        worker.await.unwrap();
    }
    let made = all_topics(&vault).await;
    assert_eq!((made.as_array().unwrap().len(), &made[0][2]), (1, &json!(6)), "{made}");
}
