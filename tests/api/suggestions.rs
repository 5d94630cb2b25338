//! What a model suggests becomes a topic of the owner's: never anybody else's, never the system's, never too many.

use docuvault::classification::{Job, Outcome};
use docuvault::db::classification::{self, Claim, claim, finish};
use docuvault::id::DocumentId;
use serde_json::{Value, json};
use tests::{Client, TestVault};

async fn held(vault: &TestVault, id: DocumentId) -> Job {
    match claim(&vault.parts().db, id, None, &vault.classification).await.unwrap() {
        Claim::Held(job) => *job,
        _ => panic!("the document is not free"),
    }
}

/// As classification does it.
async fn suggest(vault: &TestVault, job: &Job, names: &[&str], most_own: u32) {
    let outcome = Outcome {
        matches: Vec::new(),
        suggestions: names.iter().map(ToString::to_string).collect(),
        truncated: false,
        model: "m".into(),
        prompt_version: "p".into(),
    };
    let db = vault.parts().db;
    classification::suggest(&db, job, &outcome.suggestions, most_own).await.unwrap();
    finish(&db, job, &outcome, None).await.unwrap();
}

/// The names of all topics with their owners' documents; system topics have no owner.
async fn topics(vault: &TestVault) -> Value {
    let statement = "select coalesce(jsonb_agg(jsonb_build_array(t.name, t.user_id,
            (select count(*) from document_topics dt where dt.topic_id = t.id)) order by t.id), '[]') from topics t";
    vault.database.superuser().await.query_one(statement, &[]).await.unwrap().get(0)
}

async fn document(client: &Client) -> DocumentId {
    client.keep("a.txt", b"hello").await.document_id
}

#[tokio::test]
async fn suggestions_become_the_owners_topics_and_the_documents() {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.user().await, vault.user().await);
    let id = document(&alice).await;
    let job = held(&vault, id).await;
    suggest(&vault, &job, &["Boats", "Harbours"], 200).await;
    let expected = json!([["Boats", alice.id(), 1], ["Harbours", alice.id(), 1]]);
    assert_eq!(topics(&vault).await, expected);
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
    suggest(&vault, &job, &["Late"], 200).await;
    assert_eq!(topics(&vault).await, expected, "a worker that lost its hold suggests nothing");
}

#[tokio::test]
async fn a_suggestion_that_is_there_by_then_is_that_topic_and_makes_no_second_one() {
    let vault = TestVault::new().await;
    let (alice, bob, admin) = (vault.user().await, vault.user().await, vault.admin().await);
    admin.post("/api/admin/topics", json!({"name": "Tax"})).await.expect(201);
    alice.post("/api/topics", json!({"name": "Boats"})).await.expect(201);
    bob.post("/api/topics", json!({"name": "Harbours"})).await.expect(201);
    let id = document(&alice).await;
    suggest(&vault, &held(&vault, id).await, &["TAX", "boats", "harbours"], 200).await;
    assert_eq!(
        topics(&vault).await,
        json!([
            ["Tax", null, 1],
            ["Boats", alice.id(), 1],
            ["Harbours", bob.id(), 0],
            ["harbours", alice.id(), 1]
        ])
    );
}

#[tokio::test]
async fn suggestions_stop_where_a_user_may_make_no_more_topics_however_many_documents_at_once() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let mut jobs = Vec::new();
    for _ in 0..6 {
        let id = document(&alice).await;
        jobs.push(held(&vault, id).await);
    }
    let vault = std::sync::Arc::new(vault);
    let workers = jobs.into_iter().enumerate().map(|(n, job)| {
        let vault = std::sync::Arc::clone(&vault);
        tokio::spawn(async move {
            let names = [format!("a{n}"), format!("b{n}"), format!("c{n}")];
            suggest(&vault, &job, &names.each_ref().map(String::as_str), 7).await;
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
    assert_eq!(topics(&vault).await.as_array().unwrap().len(), 7);
    let statuses = "select count(*) from documents where status = 'classified'";
    let done: i64 = vault.database.superuser().await.query_one(statuses, &[]).await.unwrap().get(0);
    assert_eq!(done, 6, "a document without room for its suggestions is classified all the same");
}

#[tokio::test]
async fn a_document_suggests_three_topics_at_most_however_often_it_is_classified() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let id = document(&alice).await;
    let again = async |names: &[&str]| {
        vault.tamper("update documents set status = 'uploaded'").await;
        suggest(&vault, &held(&vault, id).await, names, 200).await;
        let page = alice.get("/api/topics").await.expect(200);
        page["items"].as_array().unwrap().iter().map(|topic| topic["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(again(&["One", "Two"]).await.len(), 2);
    assert_eq!(again(&["Three", "Four", "Five"]).await, ["Three", "Two", "One"]);
    assert_eq!(again(&["Six"]).await.len(), 3);
    let other = document(&alice).await;
    suggest(&vault, &held(&vault, other).await, &["Six"], 200).await;
    assert_eq!(again(&["Seven"]).await, ["Six", "Three", "Two", "One"], "each document has its own three");
}

#[tokio::test]
async fn documents_that_suggest_one_name_at_once_share_its_topic() {
    let vault = std::sync::Arc::new(TestVault::new().await);
    let alice = vault.user().await;
    let mut workers = Vec::new();
    for name in ["Boats", "boats", "BOATS", "Boats", "boats", "BOATS"] {
        let job = held(&vault, document(&alice).await).await;
        let vault = std::sync::Arc::clone(&vault);
        workers.push(tokio::spawn(async move { suggest(&vault, &job, &[name], 200).await }));
    }
    for worker in workers {
        worker.await.unwrap();
    }
    let made = topics(&vault).await;
    assert_eq!((made.as_array().unwrap().len(), &made[0][2]), (1, &json!(6)), "{made}");
}
