use std::pin::Pin;

use tests::{TestVault, Upload, promises};

use crate::race::{Worker, callers_in, open_sandboxes, run_together, sweep};

/// All operations run at the same time. A deadlock would show as a 5xx, or as an error of the worker.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_confirmations_deletions_events_and_sweeps_never_fail() {
    let vault = TestVault::new().await;
    let (alice, sandboxes) = (vault.create_user().await, open_sandboxes(&vault, 24).await);
    vault.set_limit(alice.id(), 30).await;
    for _ in 0..20 {
        let mut uploads = Vec::new();
        for _ in 0..8 {
            uploads.push(alice.store_pending("a.txt", b"hello").await);
        }
        vault.age_hours(2).await;
        let mut runs: Vec<Pin<Box<dyn Future<Output = u16> + Send>>> = Vec::new();
        for (alice, upload) in callers_in(&alice, &sandboxes).into_iter().zip(uploads.iter().cycle()) {
            let id = upload.document_id;
            match runs.len() / uploads.len() {
                0 | 1 => runs.push(Box::pin(async move { alice.confirm(id).await.status })),
                _ => runs.push(Box::pin(async move { alice.delete_document(id).await.status })),
            }
        }
        for upload in &uploads {
            let (worker, body) = (Worker::new(&vault), vault.put_notification(upload.document_id).await);
            runs.push(Box::pin(async move { worker.deliver(body).await.map_or(500, |()| 200) }));
        }
        for _ in 0..2 {
            let sweeper = vault.services();
            runs.push(Box::pin(async move { u16::from(sweep(sweeper).await.cut_short) }));
        }
        for status in run_together(runs).await {
            assert!(status < 500, "{status}");
        }
        promises::check(&vault).await.unwrap();
        remove_all(&vault, &alice, &uploads).await;
    }
}

async fn remove_all(vault: &TestVault, alice: &tests::Client, uploads: &[Upload]) {
    for upload in uploads {
        alice.delete_document(upload.document_id).await;
    }
    vault.age_hours(2).await;
    vault.sweep().await;
    assert_eq!(alice.used_bytes().await, 0);
    promises::check_every_object_has_a_row(vault).await.unwrap();
}
