use std::time::Duration;

use serde_json::Value;
use tests::{Answer, Client, TestVault, Upload, promises};

use crate::race::{against, callers, sandboxes, together};

const MIB: usize = 1024 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn a_document_confirmed_by_many_at_once_is_charged_once() {
    let vault = TestVault::new().await;
    let (alice, sandboxes) = (vault.user().await, sandboxes(&vault, 16).await);
    for round in 1..=50 {
        let id = alice.store("a.txt", b"0123456789").await.document_id;
        let runs =
            callers(&alice, &sandboxes).into_iter().map(|alice| async move { alice.confirm(id).await });
        let expected = serde_json::json!(
            {"id": id, "size_bytes": 10, "used_bytes": 10 * round, "status": "uploaded"}
        );
        for answer in together(runs).await {
            assert_eq!(answer.expect(200), expected);
        }
        promises::ledger_is_exact(&vault).await.unwrap();
    }
    promises::hold(&vault).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_documents_of_a_mebibyte_ten_fit_into_ten() {
    let vault = TestVault::new().await;
    let sandboxes = sandboxes(&vault, 50).await;
    for size in [MIB, MIB].into_iter().chain([1024; 10]) {
        let alice = vault.user().await;
        vault.limit(alice.id(), 10 * size as i64).await;
        let uploads = stored(&alice, 50, size).await;
        let answers = confirm_all(&callers(&alice, &sandboxes), &uploads).await;
        check_ten_of_fifty(&answers, size as i64);
        assert_eq!(alice.used_bytes().await, 10 * size as i64);
        promises::hold(&vault).await.unwrap();
        refused_are_gone(&vault, &alice, &uploads, &answers).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_documents_of_which_one_fits_either_may_win_and_one_does() {
    let vault = TestVault::new().await;
    let sandboxes = sandboxes(&vault, 2).await;
    let mut won = [0, 0];
    for round in 0..40 {
        let size = if round < 4 { 55 * MIB } else { 55 * 1024 };
        let alice = vault.user().await;
        vault.limit(alice.id(), (size / 55 * 100) as i64).await;
        let mut uploads = stored(&alice, 2, size).await;
        // The other one gets the start.
        if round % 2 == 1 {
            uploads.reverse();
        }
        let [one, two] = callers(&alice, &sandboxes).try_into().ok().unwrap();
        let (first, second) = (uploads[0].document_id, uploads[1].document_id);
        let lead = Duration::from_millis(if round % 4 < 2 { 0 } else { 15 });
        let (a, b) =
            against(async move { one.confirm(first).await }, lead, async move { two.confirm(second).await })
                .await;
        let mut statuses = [a.status, b.status];
        won[usize::from(statuses[0] != 200)] += 1;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 413]);
        promises::hold(&vault).await.unwrap();
        for upload in &uploads {
            alice.remove(upload.document_id).await;
        }
    }
    assert!(won[0] > 0, "{won:?}");
}

async fn stored(alice: &Client, many: usize, size: usize) -> Vec<Upload> {
    let bytes = vec![b'x'; size];
    let mut uploads = Vec::new();
    for _ in 0..many {
        uploads.push(alice.store("a.txt", &bytes).await);
    }
    uploads
}

async fn confirm_all(callers: &[Client], uploads: &[Upload]) -> Vec<Answer> {
    let pairs = callers.iter().cloned().zip(uploads);
    together(pairs.map(|(alice, upload)| {
        let id = upload.document_id;
        async move { alice.confirm(id).await }
    }))
    .await
}

/// Ten are charged one after the other; every refusal tells numbers that were true when it was made.
fn check_ten_of_fifty(answers: &[Answer], size: i64) {
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

async fn refused_are_gone(vault: &TestVault, alice: &Client, uploads: &[Upload], answers: &[Answer]) {
    let objects = vault.bucket.objects().await;
    for (upload, answer) in uploads.iter().zip(answers) {
        assert_eq!(objects.contains_key(&upload.key()), answer.status == 200);
        let again = alice.confirm(upload.document_id).await.status;
        assert_eq!(again, if answer.status == 200 { 200 } else { 404 });
    }
}
