//! A system topic takes the place of users' own of its name, and what a person has said of a document with them stands.

use serde_json::{Value, json};
use tests::TestVault;

use crate::topics::make;

const SYSTEM: &str = "/api/admin/topics";

/// What the database says of all documents: the topic's name, whether it is the system's, set by hand, taken off.
async fn labels(vault: &TestVault) -> Value {
    let statement =
        "select jsonb_agg(jsonb_build_array(t.name, t.user_id is null, dt.manual, dt.dismissed) order by t.name)
        from document_topics dt join topics t on t.id = dt.topic_id";
    vault.database.superuser().await.query_one(statement, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_word_that_is_being_said_while_its_topic_becomes_the_systems_is_not_lost() {
    for dismissed in [false, true] {
        let vault = TestVault::new().await;
        let (alice, admin) = (vault.user().await, vault.admin().await);
        let own = make(&alice, "/api/topics", "Invoice").await["id"].take();
        alice.keep("a.txt", b"hello").await;
        // The correction is begun and not yet committed while the system topic is made.
        let corrector = vault.database.connect_as("docuvault_app").await;
        let own = own.as_str().unwrap();
        let correct = format!(
            "begin; insert into document_topics (document_id, topic_id, manual, dismissed)
             select id, '{own}', true, {dismissed} from documents"
        );
        corrector.batch_execute(&correct).await.unwrap();
        let admin = vault.elsewhere(&admin);
        let making = tokio::spawn(async move { make(&admin, SYSTEM, "INVOICE").await });
        vault.until_waiting("topic::create").await;
        corrector.batch_execute("commit").await.unwrap();
        making.await.unwrap();
        assert_eq!(labels(&vault).await, json!([["INVOICE", true, true, dismissed]]));
    }
}

#[tokio::test]
async fn what_was_set_by_hand_outweighs_what_was_found_under_the_other_name() {
    for dismissed in [false, true] {
        let vault = TestVault::new().await;
        let (alice, admin) = (vault.user().await, vault.admin().await);
        let bill = make(&admin, SYSTEM, "Bill").await["id"].take();
        let own = make(&alice, "/api/topics", "Invoice").await["id"].take();
        let id = alice.keep("a.txt", b"a bill").await.document_id;
        let set = async |topics: Value| {
            alice.put(&format!("/api/documents/{id}/topics"), json!({"topic_ids": topics})).await.expect(200)
        };
        set(json!([own])).await;
        if dismissed {
            set(json!([])).await;
        }
        vault.classify(&[vault.put_event(id).await]).await;
        assert_eq!(
            labels(&vault).await,
            json!([["Bill", true, false, false], ["Invoice", false, true, dismissed]])
        );
        let bill = format!("{SYSTEM}/{}", bill.as_str().unwrap());
        admin.patch(&bill, json!({"name": "invoice"})).await.expect(200);
        assert_eq!(labels(&vault).await, json!([["invoice", true, true, dismissed]]));
    }
}
