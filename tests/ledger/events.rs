use docuvault::id::DocumentId;
use tests::{TestVault, promises};

use crate::race::{Worker, callers_in, choose_leads, open_sandboxes, run_together, run_with_lead};

#[tokio::test(flavor = "multi_thread")]
async fn exactly_one_of_a_concurrent_confirmation_and_event_starts_the_classification() {
    let vault = TestVault::new().await;
    let (alice, sandboxes) = (vault.create_user().await, open_sandboxes(&vault, 1).await);
    let worker = Worker::new(&vault);
    let mut started_by_event = 0;
    for lead in choose_leads(60, &alice).await {
        let id = alice.store_pending("a.txt", b"hello").await.document_id;
        let (alice, body) = (callers_in(&alice, &sandboxes).remove(0), vault.put_notification(id).await);
        let (confirmed, delivered) =
            run_with_lead(async move { alice.confirm(id).await }, lead, worker.clone().deliver(body)).await;
        confirmed.expect(200);
        delivered.unwrap();
        let nudges: Vec<String> = vault.take_messages().await.iter().map(ToString::to_string).collect();
        let status = vault.row(id).await["status"].clone();
        // If the classification were lost, neither would be there; if it started twice, both would be.
        match (status.as_str().unwrap(), nudges.len()) {
            ("classified", 0) => started_by_event += 1,
            ("uploaded", 1) => assert_eq!(vault.classify(&nudges).await, [0_usize; 0]),
            other => panic!("{other:?}"),
        }
        assert_eq!(vault.row(id).await["status"], "classified");
        promises::check(&vault).await.unwrap();
    }
    assert!((1..60).contains(&started_by_event), "the same one won every round: {started_by_event}");
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_events_classify_a_document_once() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let workers: Vec<Worker> = (0..8).map(|_| Worker::new(&vault)).collect();
    for _ in 0..40 {
        let id = alice.store_confirmed("a.txt", b"hello").await.document_id;
        let bodies = [vault.put_notification(id).await, nudge(id)];
        let runs = workers.iter().cloned().zip(bodies.iter().cycle().cloned());
        for delivered in run_together(runs.map(|(worker, body)| worker.deliver(body))).await {
            delivered.unwrap();
        }
        let row = vault.row(id).await;
        assert_eq!((&row["status"], &row["attempts"]), (&"classified".into(), &1.into()));
    }
    promises::check(&vault).await.unwrap();
}

fn nudge(id: DocumentId) -> String {
    serde_json::json!({"document_id": id}).to_string()
}
