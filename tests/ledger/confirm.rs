use std::time::Duration;

use serde_json::Value;
use tests::{Client, Response, TestVault, Upload, promises};

use crate::race::{callers_in, open_sandboxes, run_together, run_with_lead};

const MIB: usize = 1024 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_confirmations_of_a_document_charge_once() {
    let vault = TestVault::new().await;
    let (alice, sandboxes) = (vault.create_user().await, open_sandboxes(&vault, 16).await);
    for round in 1..=50 {
        let id = alice.store_pending("a.txt", b"0123456789").await.document_id;
        let runs =
            callers_in(&alice, &sandboxes).into_iter().map(|alice| async move { alice.confirm(id).await });
        let expected = serde_json::json!(
            {"id": id, "size_bytes": 10, "used_bytes": 10 * round, "status": "uploaded"}
        );
        for answer in run_together(runs).await {
            assert_eq!(answer.expect(200), expected);
        }
        promises::check_ledger(&vault).await.unwrap();
    }
    promises::check(&vault).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_confirmations_fill_the_quota_exactly() {
    let vault = TestVault::new().await;
    let sandboxes = open_sandboxes(&vault, 50).await;
    for size in [MIB, MIB].into_iter().chain([1024; 10]) {
        let alice = vault.create_user().await;
        vault.set_limit(alice.id(), 10 * size as i64).await;
        let uploads = store_uploads(&alice, 50, size).await;
        let answers = confirm_all(&callers_in(&alice, &sandboxes), &uploads).await;
        assert_ten_of_fifty_charged(&answers, size as i64);
        assert_eq!(alice.used_bytes().await, 10 * size as i64);
        promises::check(&vault).await.unwrap();
        assert_refused_uploads_are_gone(&vault, &alice, &uploads, &answers).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_concurrent_confirmations_with_room_for_one_exactly_one_succeeds() {
    let vault = TestVault::new().await;
    let sandboxes = open_sandboxes(&vault, 2).await;
    let mut won = [0, 0];
    for round in 0..40 {
        let size = if round < 4 { 55 * MIB } else { 55 * 1024 };
        let alice = vault.create_user().await;
        vault.set_limit(alice.id(), (size / 55 * 100) as i64).await;
        let mut uploads = store_uploads(&alice, 2, size).await;
        // In every second round the other document starts first.
        if round % 2 == 1 {
            uploads.reverse();
        }
        let [one, two] = callers_in(&alice, &sandboxes).try_into().ok().unwrap();
        let (first, second) = (uploads[0].document_id, uploads[1].document_id);
        let lead = Duration::from_millis(if round % 4 < 2 { 0 } else { 15 });
        let (a, b) =
            run_with_lead(
                async move { one.confirm(first).await },
                lead,
                async move { two.confirm(second).await },
            )
            .await;
        let mut statuses = [a.status, b.status];
        won[usize::from(statuses[0] != 200)] += 1;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 413]);
        promises::check(&vault).await.unwrap();
        for upload in &uploads {
            alice.delete_document(upload.document_id).await;
        }
    }
    assert!(won[0] > 0, "{won:?}");
}

async fn store_uploads(alice: &Client, many: usize, size: usize) -> Vec<Upload> {
    let bytes = vec![b'x'; size];
    let mut uploads = Vec::new();
    for _ in 0..many {
        uploads.push(alice.store_pending("a.txt", &bytes).await);
    }
    uploads
}

async fn confirm_all(callers: &[Client], uploads: &[Upload]) -> Vec<Response> {
    let pairs = callers.iter().cloned().zip(uploads);
    run_together(pairs.map(|(alice, upload)| {
        let id = upload.document_id;
        async move { alice.confirm(id).await }
    }))
    .await
}

/// Asserts that ten of the confirmations were charged, one after the other, and that the used bytes, the
/// limit and the size in each refusal are ones for which it had to be refused.
fn assert_ten_of_fifty_charged(answers: &[Response], size: i64) {
    let number = |body: &Value, name: &str| body[name].as_i64().unwrap();
    let mut used = Vec::new();
    for answer in answers {
        match answer.status {
            200 => used.push(number(&answer.body, "used_bytes")),
            413 => {
                let detail = &answer.body["detail"];
                assert_eq!(
                    (number(detail, "limit_bytes"), number(detail, "rejected_bytes")),
                    (10 * size, size)
                );
                let used = number(detail, "used_bytes");
                assert!(used <= 10 * size && used + size > 10 * size, "{detail}");
            }
            other => panic!("{other}: {}", answer.body),
        }
    }
    used.sort_unstable();
    assert_eq!(used, (1..=10).map(|charged| charged * size).collect::<Vec<_>>());
}

async fn assert_refused_uploads_are_gone(
    vault: &TestVault,
    alice: &Client,
    uploads: &[Upload],
    answers: &[Response],
) {
    let objects = vault.bucket.object_sizes().await;
    for (upload, answer) in uploads.iter().zip(answers) {
        assert_eq!(objects.contains_key(&upload.key()), answer.status == 200);
        let again = alice.confirm(upload.document_id).await.status;
        assert_eq!(again, if answer.status == 200 { 200 } else { 404 });
    }
}
