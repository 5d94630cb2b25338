//! The owner, a classification and an administrator change the topics of one document at the same time. The
//! result is the same as if the changes had come one after the other.

use docuvault::classification::{Job, Match, Outcome, Reading};
use docuvault::db::{self, classification::Claim};
use docuvault::id::DocumentId;
use serde_json::{Value, json};
use tests::{Client, TestVault};
use tokio_postgres::Client as Connection;

use crate::topics::create_topic;

const OWN: &str = "/api/topics";
const SYSTEM: &str = "/api/admin/topics";

/// Returns every row of `document_topics`: the topic's name, whether it is a system topic, `manual`,
/// `dismissed`.
async fn read_labels(vault: &TestVault) -> Value {
    let statement = "select coalesce(jsonb_agg(jsonb_build_array(
            t.name, t.user_id is null, dt.manual, dt.dismissed) order by t.name), '[]')
        from document_topics dt join topics t on t.id = dt.topic_id";
    vault.database.superuser().await.query_one(statement, &[]).await.unwrap().get(0)
}

/// Returns a connection with the functions' role that has run these statements and not committed them.
async fn run_uncommitted(vault: &TestVault, statements: &str) -> Connection {
    let connection = vault.database.connect_as("docuvault_app").await;
    connection.batch_execute(&format!("begin; {statements}")).await.unwrap();
    connection
}

async fn claim_job(vault: &TestVault, id: DocumentId) -> Job {
    match db::classification::claim(&vault.services().db, id, None, &vault.classification).await.unwrap() {
        Claim::Held(job) => *job,
        _ => panic!("the document is not free"),
    }
}

/// Returns the outcome of a classification: the topics of the job with these names, and these
/// suggestions.
fn build_outcome(job: &Job, names: &[&str], suggestions: &[&str]) -> Outcome {
    let named = job.topics.iter().filter(|topic| names.contains(&topic.name.as_str()));
    Outcome {
        matches: named.map(|topic| Match { topic: topic.id, confidence: Some(0.5) }).collect(),
        suggestions: suggestions.iter().map(|name| (*name).to_owned()).collect(),
        truncated: false,
        images: 0,
        model: "m".into(),
        prompt_version: "p".into(),
    }
}

async fn finish(vault: &TestVault, job: &Job, outcome: &Outcome) {
    db::classification::finish(&vault.services().db, job, outcome, Reading::default()).await.unwrap();
}

async fn classify_again(client: &Client, id: DocumentId) {
    client.send("POST", &format!("/api/documents/{id}/classify"), None).await.expect(202);
}

#[tokio::test]
async fn topics_found_while_the_owner_sets_topics_are_dismissed() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    create_topic(&alice, OWN, "Invoice").await;
    let chosen = create_topic(&alice, OWN, "Travel").await["id"].take();
    let id = alice.store_confirmed("a.txt", b"hello").await.document_id;
    let job = claim_job(&vault, id).await;
    // The classification has stored its topics, one of them newly suggested, and not committed.
    let classification = run_uncommitted(
        &vault,
        &format!(
            "update documents set status = 'classified', lease_id = null, lease_expires_at = null where id = '{id}';
             insert into topics (id, user_id, name) values (gen_random_uuid(), '{}', 'New');
             insert into document_topics (document_id, topic_id) select '{id}', id from topics",
            alice.id()
        ),
    )
    .await;
    let person = vault.in_own_sandbox(&alice);
    let deciding = tokio::spawn(async move {
        person.put(&format!("/api/documents/{id}/topics"), json!({"topic_ids": [chosen]})).await.expect(200)
    });
    vault.wait_until_blocked("document::set_topics").await;
    classification.batch_execute("commit").await.unwrap();
    let shown = deciding.await.unwrap();
    assert_eq!(shown["topics"].as_array().unwrap().len(), 1, "{shown}");
    let decided =
        json!([["Invoice", false, true, true], ["New", false, true, true], ["Travel", false, true, false]]);
    assert_eq!(read_labels(&vault).await, decided);
    classify_again(&alice, id).await;
    let job = Job { lease: claim_job(&vault, id).await.lease, ..job };
    finish(&vault, &job, &build_outcome(&job, &["Invoice"], &["New"])).await;
    assert_eq!(read_labels(&vault).await, decided, "no dismissed topic returns");
}

#[tokio::test]
async fn a_document_can_be_deleted_while_a_system_topic_replaces_its_own_topic() {
    let vault = TestVault::new().await;
    let (alice, admin) = (vault.create_user().await, vault.create_admin().await);
    let own = create_topic(&alice, OWN, "Invoice").await["id"].take();
    for name in ["a.txt", "b.txt"] {
        let id = alice.store_confirmed(name, b"hello").await.document_id;
        alice.put(&format!("/api/documents/{id}/topics"), json!({"topic_ids": [own]})).await.expect(200);
    }
    let deletion = run_uncommitted(&vault, "delete from documents where filename = 'a.txt'").await;
    let admin = vault.in_own_sandbox(&admin);
    let making = tokio::spawn(async move { create_topic(&admin, SYSTEM, "INVOICE").await });
    vault.wait_until_blocked("topic::create").await;
    deletion.batch_execute("commit").await.unwrap();
    making.await.unwrap();
    assert_eq!(read_labels(&vault).await, json!([["INVOICE", true, true, false]]));
}

#[tokio::test]
async fn a_classification_that_waits_for_a_replaced_topic_stores_the_system_topic() {
    for by_rename in [false, true] {
        let vault = TestVault::new().await;
        let (alice, admin) = (vault.create_user().await, vault.create_admin().await);
        create_topic(&alice, OWN, "Invoice").await;
        create_topic(&alice, OWN, "Travel").await;
        create_topic(&admin, SYSTEM, "Bill").await;
        let id = alice.store_confirmed("a.txt", b"hello").await.document_id;
        let job = claim_job(&vault, id).await;
        let replace = if by_rename {
            "update topics set name = 'INVOICE', name_key = 'invoice' where name = 'Bill'"
        } else {
            "insert into topics (id, name, name_key) values (gen_random_uuid(), 'INVOICE', 'invoice')"
        };
        let replacement = run_uncommitted(&vault, replace).await;
        let (db, found) = (vault.services().db, build_outcome(&job, &["Invoice", "Travel"], &[]));
        let finishing =
            tokio::spawn(
                async move { db::classification::finish(&db, &job, &found, Reading::default()).await },
            );
        vault.wait_until_blocked("classification::finish").await;
        replacement.batch_execute("commit").await.unwrap();
        finishing.await.unwrap().unwrap();
        assert_eq!(
            read_labels(&vault).await,
            json!([["INVOICE", true, false, false], ["Travel", false, false, false]]),
            "by rename: {by_rename}"
        );
        assert_eq!(vault.row(id).await["status"], "classified");
    }
}

#[tokio::test]
async fn a_topic_that_no_longer_fits_is_removed_while_a_system_topic_replaces_it() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    create_topic(&alice, OWN, "Invoice").await;
    let id = alice.store_confirmed("a.txt", b"hello").await.document_id;
    let job = claim_job(&vault, id).await;
    finish(&vault, &job, &build_outcome(&job, &["Invoice"], &[])).await;
    classify_again(&alice, id).await;
    let job = claim_job(&vault, id).await;
    let replace = "insert into topics (id, name, name_key) values (gen_random_uuid(), 'INVOICE', 'invoice')";
    let replacement = run_uncommitted(&vault, replace).await;
    let (db, found) = (vault.services().db, build_outcome(&job, &[], &[]));
    let finishing =
        tokio::spawn(async move { db::classification::finish(&db, &job, &found, Reading::default()).await });
    vault.wait_until_blocked("classification::finish").await;
    replacement.batch_execute("commit").await.unwrap();
    finishing.await.unwrap().unwrap();
    assert_eq!(read_labels(&vault).await, json!([]));
}

#[tokio::test]
async fn a_topic_that_is_dismissed_while_a_system_topic_replaces_it_stays_off() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let own = create_topic(&alice, OWN, "Invoice").await["id"].take();
    let id = alice.store_confirmed("a.txt", b"hello").await.document_id;
    let path = format!("/api/documents/{id}/topics");
    alice.put(&path, json!({"topic_ids": [own]})).await.expect(200);
    let replace = "insert into topics (id, name, name_key) values (gen_random_uuid(), 'INVOICE', 'invoice')";
    let replacement = run_uncommitted(&vault, replace).await;
    let person = vault.in_own_sandbox(&alice);
    let deciding = tokio::spawn(async move { person.put(&path, json!({"topic_ids": []})).await.expect(200) });
    vault.wait_until_blocked("document::set_topics").await;
    replacement.batch_execute("commit").await.unwrap();
    assert_eq!(deciding.await.unwrap()["topics"], json!([]));
    assert_eq!(read_labels(&vault).await, json!([["INVOICE", true, true, true]]));
}
