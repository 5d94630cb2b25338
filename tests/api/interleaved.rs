//! What a person, a classification and an administrator do with one document's topics at once: each order that the locks allow ends
//! as if one had come after the other.

use docuvault::classification::{Job, Match, Outcome};
use docuvault::db::{self, classification::Claim};
use docuvault::id::DocumentId;
use serde_json::{Value, json};
use tests::{Client, TestVault};
use tokio_postgres::Client as Connection;

use crate::topics::make;

const OWN: &str = "/api/topics";
const SYSTEM: &str = "/api/admin/topics";

/// Of all documents: the topic's name, whether it is the system's, set by hand, taken off.
async fn labels(vault: &TestVault) -> Value {
    let statement = "select coalesce(jsonb_agg(jsonb_build_array(
            t.name, t.user_id is null, dt.manual, dt.dismissed) order by t.name), '[]')
        from document_topics dt join topics t on t.id = dt.topic_id";
    vault.database.superuser().await.query_one(statement, &[]).await.unwrap().get(0)
}

/// A connection of the functions' own on which these statements are begun and not yet committed.
async fn begun(vault: &TestVault, statements: &str) -> Connection {
    let connection = vault.database.connect_as("docuvault_app").await;
    connection.batch_execute(&format!("begin; {statements}")).await.unwrap();
    connection
}

async fn held(vault: &TestVault, id: DocumentId) -> Job {
    match db::classification::claim(&vault.parts().db, id, None, &vault.classification).await.unwrap() {
        Claim::Held(job) => *job,
        _ => panic!("not held"),
    }
}

/// What a model might answer: these topics of the job, and these names.
fn outcome(job: &Job, names: &[&str], suggestions: &[&str]) -> Outcome {
    let named = job.topics.iter().filter(|topic| names.contains(&topic.name.as_str()));
    Outcome {
        matches: named.map(|topic| Match { topic: topic.id, confidence: Some(0.5) }).collect(),
        suggestions: suggestions.iter().map(|name| (*name).to_owned()).collect(),
        truncated: false,
        model: "m".into(),
        prompt_version: "p".into(),
    }
}

async fn finish(vault: &TestVault, job: &Job, outcome: &Outcome) {
    db::classification::finish(&vault.parts().db, job, outcome, None).await.unwrap();
}

async fn again(client: &Client, id: DocumentId) {
    client.send("POST", &format!("/api/documents/{id}/classify"), None).await.expect(202);
}

#[tokio::test]
async fn what_a_classification_finds_while_a_person_decides_is_taken_off_and_stays_off() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    make(&alice, OWN, "Invoice").await;
    let chosen = make(&alice, OWN, "Travel").await["id"].take();
    let id = alice.keep("a.txt", b"hello").await.document_id;
    let job = held(&vault, id).await;
    // The classification has stored what it found, a topic of its own making included, and not yet committed.
    let classification = begun(
        &vault,
        &format!(
            "update documents set status = 'classified', lease_id = null, lease_expires_at = null where id = '{id}';
             insert into topics (id, user_id, name) values (gen_random_uuid(), '{}', 'New');
             insert into document_topics (document_id, topic_id) select '{id}', id from topics",
            alice.id()
        ),
    )
    .await;
    let person = vault.elsewhere(&alice);
    let deciding = tokio::spawn(async move {
        person.put(&format!("/api/documents/{id}/topics"), json!({"topic_ids": [chosen]})).await.expect(200)
    });
    vault.until_waiting("document::set_topics").await;
    classification.batch_execute("commit").await.unwrap();
    let shown = deciding.await.unwrap();
    assert_eq!(shown["topics"].as_array().unwrap().len(), 1, "{shown}");
    let decided =
        json!([["Invoice", false, true, true], ["New", false, true, true], ["Travel", false, true, false]]);
    assert_eq!(labels(&vault).await, decided);
    again(&alice, id).await;
    let job = Job { lease: held(&vault, id).await.lease, ..job };
    finish(&vault, &job, &outcome(&job, &["Invoice"], &["New"])).await;
    assert_eq!(labels(&vault).await, decided, "nothing returns");
}

#[tokio::test]
async fn a_document_that_is_deleted_while_its_topic_is_absorbed_is_gone_and_the_topic_is_made() {
    let vault = TestVault::new().await;
    let (alice, admin) = (vault.user().await, vault.admin().await);
    let own = make(&alice, OWN, "Invoice").await["id"].take();
    for name in ["a.txt", "b.txt"] {
        let id = alice.keep(name, b"hello").await.document_id;
        alice.put(&format!("/api/documents/{id}/topics"), json!({"topic_ids": [own]})).await.expect(200);
    }
    let deletion = begun(&vault, "delete from documents where filename = 'a.txt'").await;
    let admin = vault.elsewhere(&admin);
    let making = tokio::spawn(async move { make(&admin, SYSTEM, "INVOICE").await });
    vault.until_waiting("topic::create").await;
    deletion.batch_execute("commit").await.unwrap();
    making.await.unwrap();
    assert_eq!(labels(&vault).await, json!([["INVOICE", true, true, false]]));
}

#[tokio::test]
async fn a_classification_that_waits_for_an_absorbed_topic_ends_with_the_systems() {
    for by_rename in [false, true] {
        let vault = TestVault::new().await;
        let (alice, admin) = (vault.user().await, vault.admin().await);
        make(&alice, OWN, "Invoice").await;
        make(&alice, OWN, "Travel").await;
        make(&admin, SYSTEM, "Bill").await;
        let id = alice.keep("a.txt", b"hello").await.document_id;
        let job = held(&vault, id).await;
        let absorb = if by_rename {
            "update topics set name = 'INVOICE', name_key = 'invoice' where name = 'Bill'"
        } else {
            "insert into topics (id, name, name_key) values (gen_random_uuid(), 'INVOICE', 'invoice')"
        };
        let absorption = begun(&vault, absorb).await;
        let (db, found) = (vault.parts().db, outcome(&job, &["Invoice", "Travel"], &[]));
        let finishing =
            tokio::spawn(async move { db::classification::finish(&db, &job, &found, None).await });
        vault.until_waiting("classification::finish").await;
        absorption.batch_execute("commit").await.unwrap();
        finishing.await.unwrap().unwrap();
        assert_eq!(
            labels(&vault).await,
            json!([["INVOICE", true, false, false], ["Travel", false, false, false]]),
            "by rename: {by_rename}"
        );
        assert_eq!(vault.row(id).await["status"], "classified");
    }
}

#[tokio::test]
async fn a_topic_that_no_longer_fits_goes_also_while_another_takes_its_place() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    make(&alice, OWN, "Invoice").await;
    let id = alice.keep("a.txt", b"hello").await.document_id;
    let job = held(&vault, id).await;
    finish(&vault, &job, &outcome(&job, &["Invoice"], &[])).await;
    again(&alice, id).await;
    let job = held(&vault, id).await;
    let absorb = "insert into topics (id, name, name_key) values (gen_random_uuid(), 'INVOICE', 'invoice')";
    let absorption = begun(&vault, absorb).await;
    let (db, found) = (vault.parts().db, outcome(&job, &[], &[]));
    let finishing = tokio::spawn(async move { db::classification::finish(&db, &job, &found, None).await });
    vault.until_waiting("classification::finish").await;
    absorption.batch_execute("commit").await.unwrap();
    finishing.await.unwrap().unwrap();
    assert_eq!(labels(&vault).await, json!([]));
}

#[tokio::test]
async fn a_topic_that_is_taken_off_while_it_is_absorbed_stays_off() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let own = make(&alice, OWN, "Invoice").await["id"].take();
    let id = alice.keep("a.txt", b"hello").await.document_id;
    let path = format!("/api/documents/{id}/topics");
    alice.put(&path, json!({"topic_ids": [own]})).await.expect(200);
    let absorb = "insert into topics (id, name, name_key) values (gen_random_uuid(), 'INVOICE', 'invoice')";
    let absorption = begun(&vault, absorb).await;
    let person = vault.elsewhere(&alice);
    let deciding = tokio::spawn(async move { person.put(&path, json!({"topic_ids": []})).await.expect(200) });
    vault.until_waiting("document::set_topics").await;
    absorption.batch_execute("commit").await.unwrap();
    assert_eq!(deciding.await.unwrap()["topics"], json!([]));
    assert_eq!(labels(&vault).await, json!([["INVOICE", true, true, true]]));
}
