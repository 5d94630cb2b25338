use docuvault::id::DocumentId;
use tests::{TestVault, promises};

use crate::race::{Worker, against, callers, leads, sandboxes, together};

#[tokio::test(flavor = "multi_thread")]
async fn of_a_confirmation_and_an_event_at_once_exactly_one_starts_the_classification() {
    let vault = TestVault::new().await;
    let (alice, sandboxes) = (vault.user().await, sandboxes(&vault, 1).await);
    let worker = Worker::new(&vault);
    let mut started_by_event = 0;
    for lead in leads(60, &alice).await {
        let id = alice.store("a.txt", b"hello").await.document_id;
        let (alice, body) = (callers(&alice, &sandboxes).remove(0), vault.put_event(id).await);
        let (confirmed, delivered) =
            against(async move { alice.confirm(id).await }, lead, worker.clone().deliver(body)).await;
        confirmed.expect(200);
        delivered.unwrap();
        let nudges: Vec<String> = vault.take_messages().await.iter().map(ToString::to_string).collect();
        let status = vault.row(id).await["status"].clone();
        // Lost, there would be none of both; twice, there would be both.
        match (status.as_str().unwrap(), nudges.len()) {
            ("classified", 0) => started_by_event += 1,
            ("uploaded", 1) => assert_eq!(vault.classify(&nudges).await, [0_usize; 0]),
            other => panic!("{other:?}"),
        }
        assert_eq!(vault.row(id).await["status"], "classified");
        promises::hold(&vault).await.unwrap();
    }
    assert!((1..60).contains(&started_by_event), "one of the two always won: {started_by_event}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_events_at_once_one_classifies() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let workers: Vec<Worker> = (0..8).map(|_| Worker::new(&vault)).collect();
    for _ in 0..40 {
        let id = alice.keep("a.txt", b"hello").await.document_id;
        let bodies = [vault.put_event(id).await, nudge(id)];
        let runs = workers.iter().cloned().zip(bodies.iter().cycle().cloned());
        for delivered in together(runs.map(|(worker, body)| worker.deliver(body))).await {
            delivered.unwrap();
        }
        let row = vault.row(id).await;
        assert_eq!((&row["status"], &row["attempts"]), (&"classified".into(), &1.into()));
    }
    promises::hold(&vault).await.unwrap();
}

fn nudge(id: DocumentId) -> String {
    serde_json::json!({"document_id": id}).to_string()
}
