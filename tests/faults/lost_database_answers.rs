//! Postgres executes a statement, but its answer is lost; or the statement never arrives.

use serde_json::{Value, json};
use tests::fuse::{Fuse, Line, Side};
use tests::proxy::Mode;
use tests::{Client, Services, TestVault, promises};

use crate::{in_sandbox_with, sweep_after_expiry, text_file_request};

/// Returns a vault whose connection to Postgres goes through a fuse. The connection is open already, so that
/// only statements are counted.
async fn vault_with_fuse() -> (TestVault, Client, Services, Fuse, Line) {
    let (vault, fuse) = (TestVault::new().await, Fuse::default());
    let line = fuse.open_line(&vault.database.address()).await;
    let services = vault.services_at(line.address(), vault.bucket.config(), vault.queue.clone());
    let alice = in_sandbox_with(&vault, &vault.create_user().await, &services);
    alice.used_bytes().await;
    (vault, alice, services, fuse, line)
}

#[tokio::test]
async fn a_confirmation_with_a_lost_statement_or_answer_charges_once() {
    for (step, side) in [(1, Side::Before), (1, Side::After), (2, Side::Before), (2, Side::After)] {
        let (vault, alice, _, fuse, _line) = vault_with_fuse().await;
        let upload = alice.store_pending("a.txt", b"hello").await;
        fuse.arm(step, side);
        let body = json!({"id": upload.document_id, "size_bytes": 5, "used_bytes": 5, "status": "uploaded"});
        for _ in 0..2 {
            let answer = alice.confirm(upload.document_id).await;
            assert_eq!(answer.expect(200), body, "step {step}, {side:?}");
        }
        promises::check(&vault).await.unwrap();
    }
}

#[tokio::test]
async fn a_confirmation_whose_answer_is_lost_sends_its_nudge() {
    for (step, side) in [(2, Side::Before), (2, Side::After)] {
        let (vault, alice, _, fuse, _line) = vault_with_fuse().await;
        let upload = alice.store_pending("a.txt", b"hello").await;
        vault.classify(&[vault.put_notification(upload.document_id).await]).await;
        fuse.arm(step, side);
        alice.confirm(upload.document_id).await.expect(200);
        let nudges = vault.take_messages().await;
        assert_eq!(nudges, [json!({"document_id": upload.document_id})], "{side:?}");
        vault.classify(&[nudges[0].to_string()]).await;
        alice.confirm(upload.document_id).await.expect(200);
        assert_eq!(vault.take_messages().await, [Value::Null; 0], "a classified document needs no nudge");
    }
}

#[tokio::test]
async fn a_confirmation_that_cannot_be_repeated_is_503_and_a_retry_gets_the_usual_answer() {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_postgres().await;
    let alice = in_sandbox_with(&vault, &vault.create_user().await, &services);
    let upload = alice.store_pending("a.txt", b"hello").await;
    vault.classify(&[vault.put_notification(upload.document_id).await]).await;
    let ledger = crate::lock_ledger(&vault, alice.id()).await;
    let (answer, ()) = tokio::join!(alice.confirm(upload.document_id), async {
        vault.wait_until_blocked("upload::charge").await;
        proxy.set_mode(Mode::LoseAnswers);
        ledger.batch_execute("commit").await.unwrap();
    });
    assert_eq!(answer.expect(503)["code"], "database_unreachable");
    let charged = "select used_bytes = 5 from quotas";
    vault.wait_until(charged).await;
    proxy.set_mode(Mode::Pass);
    assert_eq!(vault.take_messages().await, [Value::Null; 0]);
    let body = json!({"id": upload.document_id, "size_bytes": 5, "used_bytes": 5, "status": "uploaded"});
    assert_eq!(alice.confirm(upload.document_id).await.expect(200), body);
    assert_eq!(
        vault.take_messages().await,
        [json!({"document_id": upload.document_id})],
        "the retry sends the nudge"
    );
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn a_refused_confirmation_whose_answer_is_lost_leaves_no_row_and_no_object() {
    let (vault, alice, _, fuse, _line) = vault_with_fuse().await;
    let upload = alice.store_pending("a.txt", b"hello").await;
    vault.set_limit(alice.id(), 4).await;
    fuse.arm(2, Side::After);
    alice.confirm(upload.document_id).await.expect(404);
    assert_eq!(vault.count_tombstones().await, 1);
    sweep_after_expiry(&vault).await;
    assert_eq!((vault.bucket.object_sizes().await.len(), alice.used_bytes().await), (0, 0));
}

#[tokio::test]
async fn a_deletion_whose_answer_is_lost_is_503_and_lowers_used_bytes_once() {
    let (vault, alice, _, fuse, _line) = vault_with_fuse().await;
    alice.store_confirmed("stays.txt", b"hello").await;
    let upload = alice.store_confirmed("a.txt", b"goodbye").await;
    fuse.arm(1, Side::After);
    // The function does not repeat the deletion: the repetition would answer 404, as if the document had
    // never existed.
    assert_eq!(alice.delete_document(upload.document_id).await.expect(503)["code"], "database_unreachable");
    alice.delete_document(upload.document_id).await.expect(404);
    assert_eq!(alice.used_bytes().await, 5);
    promises::check(&vault).await.unwrap();
    sweep_after_expiry(&vault).await;
    assert_eq!(vault.bucket.object_sizes().await.len(), 1);
}

#[tokio::test]
async fn a_deletion_whose_statement_is_lost_can_be_retried() {
    let (vault, alice, _, fuse, _line) = vault_with_fuse().await;
    let upload = alice.store_confirmed("a.txt", b"goodbye").await;
    fuse.arm(1, Side::Before);
    alice.delete_document(upload.document_id).await.expect(503);
    promises::check(&vault).await.unwrap();
    alice.delete_document(upload.document_id).await.expect(204);
    assert_eq!((alice.used_bytes().await, vault.bucket.object_sizes().await.len()), (0, 0));
}

#[tokio::test]
async fn an_upload_whose_url_was_lost_is_swept() {
    let (vault, alice, services, fuse, _line) = vault_with_fuse().await;
    fuse.arm(1, Side::After);
    alice.post("/api/documents/upload-url", text_file_request()).await.expect(503);
    let pending = "/api/documents?status=pending";
    let listed = alice.get(pending).await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    vault.age_hours(2).await;
    assert_eq!(vault.sweep_with(&services).await.abandoned, 1);
    assert_eq!(alice.get(pending).await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn an_account_whose_registration_answer_was_lost_can_log_in() {
    let (vault, _, services, fuse, _line) = vault_with_fuse().await;
    let anonymous = in_sandbox_with(&vault, &vault.anonymous(), &services);
    let account = json!({"email": "a@example.com", "password": "Correct horse 9 battery!"});
    // The first statement counts the attempt.
    fuse.arm(2, Side::After);
    anonymous.post("/api/auth/register", account.clone()).await.expect(503);
    anonymous.post("/api/auth/register", account.clone()).await.expect(409);
    anonymous.post("/api/auth/login", account).await.expect(200);
}

/// Loses the answer of each of the sweep's statements in turn. This sweep or a later one removes everything.
#[tokio::test]
async fn a_sweep_whose_answers_are_lost_removes_everything_in_the_end() {
    let (vault, alice, services, fuse, _line) = vault_with_fuse().await;
    alice.store_confirmed("stays.txt", b"hello").await;
    for step in 1..=13 {
        let (kept, _pending) =
            (alice.store_confirmed("a.txt", b"goodbye").await, alice.store_pending("b.txt", b"hi").await);
        vault
            .tamper(&format!(
                "delete from tombstones; delete from documents where id = '{}'",
                kept.document_id
            ))
            .await;
        vault.tamper(&format!("update quotas set used_bytes = 5; insert into tombstones (object_key, final_at) values ('{}', now())", kept.key())).await;
        vault
            .tamper("update documents set created_at = now() - interval '2 hours' where status = 'pending'")
            .await;
        fuse.arm(step, Side::After);
        vault.sweep_with(&services).await;
        fuse.disarm();
        promises::check(&vault).await.unwrap();
        sweep_after_expiry(&vault).await;
        assert_eq!(vault.bucket.object_sizes().await.len(), 1, "step {step}");
    }
}
