//! A new system topic replaces users' own topics of the same name. What owners decided about a document with
//! an own topic then holds for the system topic.

use serde_json::{Value, json};
use tests::TestVault;

use crate::topics::create_topic;

const SYSTEM: &str = "/api/admin/topics";

/// Returns every row of `document_topics`: the topic's name, whether it is a system topic, `manual`,
/// `dismissed`.
async fn read_labels(vault: &TestVault) -> Value {
    let statement =
        "select jsonb_agg(jsonb_build_array(t.name, t.user_id is null, dt.manual, dt.dismissed) order by t.name)
        from document_topics dt join topics t on t.id = dt.topic_id";
    vault.database.superuser().await.query_one(statement, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_correction_that_commits_while_a_system_topic_replaces_the_own_one_is_kept() {
    for dismissed in [false, true] {
        let vault = TestVault::new().await;
        let (alice, admin) = (vault.create_user().await, vault.create_admin().await);
        let own = create_topic(&alice, "/api/topics", "Invoice").await["id"].take();
        alice.store_confirmed("a.txt", b"hello").await;
        // While the system topic is created, the owner's correction has begun but is not committed.
        let corrector = vault.database.connect_as("docuvault_app").await;
        let own = own.as_str().unwrap();
        let correct = format!(
            "begin; insert into document_topics (document_id, topic_id, manual, dismissed)
             select id, '{own}', true, {dismissed} from documents"
        );
        corrector.batch_execute(&correct).await.unwrap();
        let admin = vault.in_own_sandbox(&admin);
        let making = tokio::spawn(async move { create_topic(&admin, SYSTEM, "INVOICE").await });
        vault.wait_until_blocked("topic::create").await;
        corrector.batch_execute("commit").await.unwrap();
        making.await.unwrap();
        assert_eq!(read_labels(&vault).await, json!([["INVOICE", true, true, dismissed]]));
    }
}

#[tokio::test]
async fn a_manual_topic_outweighs_a_classified_topic_that_is_renamed_to_its_name() {
    for dismissed in [false, true] {
        let vault = TestVault::new().await;
        let (alice, admin) = (vault.create_user().await, vault.create_admin().await);
        let bill = create_topic(&admin, SYSTEM, "Bill").await["id"].take();
        let own = create_topic(&alice, "/api/topics", "Invoice").await["id"].take();
        let id = alice.store_confirmed("a.txt", b"a bill").await.document_id;
        let set = async |topics: Value| {
            alice.put(&format!("/api/documents/{id}/topics"), json!({"topic_ids": topics})).await.expect(200)
        };
        set(json!([own])).await;
        if dismissed {
            set(json!([])).await;
        }
        vault.classify(&[vault.put_notification(id).await]).await;
        assert_eq!(
            read_labels(&vault).await,
            json!([["Bill", true, false, false], ["Invoice", false, true, dismissed]])
        );
        let bill = format!("{SYSTEM}/{}", bill.as_str().unwrap());
        admin.patch(&bill, json!({"name": "invoice"})).await.expect(200);
        assert_eq!(read_labels(&vault).await, json!([["invoice", true, true, dismissed]]));
    }
}
