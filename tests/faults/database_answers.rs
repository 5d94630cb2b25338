//! The statement is carried out, its answer is lost.

use serde_json::{Value, json};
use tests::fuse::{Fuse, Line, Side};
use tests::proxy::Mode;
use tests::{Client, Parts, TestVault, promises};

use crate::{a_text, served, settle};

/// A vault whose statements are counted from here on, with a connection that is open already.
async fn counted() -> (TestVault, Client, Parts, Fuse, Line) {
    let (vault, fuse) = (TestVault::new().await, Fuse::default());
    let line = fuse.line(&vault.database.address()).await;
    let parts = vault.parts_by(line.address(), vault.bucket.config(), vault.queue.clone());
    let alice = served(&vault, &vault.user().await, &parts);
    alice.used_bytes().await;
    (vault, alice, parts, fuse, line)
}

#[tokio::test]
async fn a_confirmation_is_repeated_and_charged_once() {
    for (step, side) in [(1, Side::Before), (1, Side::After), (2, Side::Before), (2, Side::After)] {
        let (vault, alice, _, fuse, _line) = counted().await;
        let upload = alice.store("a.txt", b"hello").await;
        fuse.set(step, side);
        let body = json!({"id": upload.document_id, "size_bytes": 5, "used_bytes": 5, "status": "uploaded"});
        for _ in 0..2 {
            let answer = alice.confirm(upload.document_id).await;
            assert_eq!(answer.expect(200), body, "step {step}, {side:?}");
        }
        promises::hold(&vault).await.unwrap();
    }
}

#[tokio::test]
async fn a_confirmation_whose_answer_is_lost_still_sends_the_nudge_that_it_owes() {
    for (step, side) in [(2, Side::Before), (2, Side::After)] {
        let (vault, alice, _, fuse, _line) = counted().await;
        let upload = alice.store("a.txt", b"hello").await;
        vault.classify(&[vault.put_event(upload.document_id).await]).await;
        fuse.set(step, side);
        alice.confirm(upload.document_id).await.expect(200);
        let nudges = vault.take_messages().await;
        assert_eq!(nudges, [json!({"document_id": upload.document_id})], "{side:?}");
        vault.classify(&[nudges[0].to_string()]).await;
        alice.confirm(upload.document_id).await.expect(200);
        assert_eq!(vault.take_messages().await, [Value::Null; 0], "what is classified needs none");
    }
}

#[tokio::test]
async fn a_confirmation_that_can_not_be_repeated_is_503_and_the_retry_is_answered_alike() {
    let vault = TestVault::new().await;
    let (proxy, parts) = vault.postgres_by_proxy().await;
    let alice = served(&vault, &vault.user().await, &parts);
    let upload = alice.store("a.txt", b"hello").await;
    vault.classify(&[vault.put_event(upload.document_id).await]).await;
    let ledger = crate::hold_ledger(&vault, alice.id()).await;
    let (answer, ()) = tokio::join!(alice.confirm(upload.document_id), async {
        vault.until_waiting("upload::charge").await;
        proxy.set(Mode::LoseAnswers);
        ledger.batch_execute("commit").await.unwrap();
    });
    assert_eq!(answer.expect(503)["code"], "database_unreachable");
    let charged = "select used_bytes = 5 from quotas";
    vault.until(charged).await;
    proxy.set(Mode::Pass);
    assert_eq!(vault.take_messages().await, [Value::Null; 0]);
    let body = json!({"id": upload.document_id, "size_bytes": 5, "used_bytes": 5, "status": "uploaded"});
    assert_eq!(alice.confirm(upload.document_id).await.expect(200), body);
    assert_eq!(
        vault.take_messages().await,
        [json!({"document_id": upload.document_id})],
        "owed since the charge"
    );
    promises::hold(&vault).await.unwrap();
}

#[tokio::test]
async fn a_refusal_whose_answer_is_lost_leaves_nothing() {
    let (vault, alice, _, fuse, _line) = counted().await;
    let upload = alice.store("a.txt", b"hello").await;
    vault.limit(alice.id(), 4).await;
    fuse.set(2, Side::After);
    alice.confirm(upload.document_id).await.expect(404);
    assert_eq!(vault.tombstones().await, 1);
    settle(&vault).await;
    assert_eq!((vault.bucket.objects().await.len(), alice.used_bytes().await), (0, 0));
}

#[tokio::test]
async fn a_deletion_is_not_repeated_and_gives_its_bytes_back_once() {
    let (vault, alice, _, fuse, _line) = counted().await;
    alice.keep("stays.txt", b"hello").await;
    let upload = alice.keep("a.txt", b"goodbye").await;
    fuse.set(1, Side::After);
    // 404 would tell the owner that there was nothing to remove.
    assert_eq!(alice.remove(upload.document_id).await.expect(503)["code"], "database_unreachable");
    alice.remove(upload.document_id).await.expect(404);
    assert_eq!(alice.used_bytes().await, 5);
    promises::hold(&vault).await.unwrap();
    settle(&vault).await;
    assert_eq!(vault.bucket.objects().await.len(), 1);
}

#[tokio::test]
async fn a_deletion_that_never_arrived_can_be_asked_for_again() {
    let (vault, alice, _, fuse, _line) = counted().await;
    let upload = alice.keep("a.txt", b"goodbye").await;
    fuse.set(1, Side::Before);
    alice.remove(upload.document_id).await.expect(503);
    promises::hold(&vault).await.unwrap();
    alice.remove(upload.document_id).await.expect(204);
    assert_eq!((alice.used_bytes().await, vault.bucket.objects().await.len()), (0, 0));
}

#[tokio::test]
async fn an_upload_whose_url_was_lost_is_swept() {
    let (vault, alice, parts, fuse, _line) = counted().await;
    fuse.set(1, Side::After);
    alice.post("/api/documents/upload-url", a_text()).await.expect(503);
    let pending = "/api/documents?status=pending";
    let listed = alice.get(pending).await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    vault.age(2).await;
    assert_eq!(vault.sweep_by(&parts).await.abandoned, 1);
    assert_eq!(alice.get(pending).await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn a_registration_whose_answer_is_lost_can_be_used() {
    let (vault, _, parts, fuse, _line) = counted().await;
    let nobody = served(&vault, &vault.nobody(), &parts);
    let account = json!({"email": "a@example.com", "password": "Correct horse 9 battery!"});
    fuse.set(1, Side::After);
    nobody.post("/api/auth/register", account.clone()).await.expect(503);
    nobody.post("/api/auth/register", account.clone()).await.expect(409);
    nobody.post("/api/auth/login", account).await.expect(200);
}

/// Whichever of the sweep's statements it is: this sweep or a later one removes what is to be removed.
#[tokio::test]
async fn a_sweep_whose_answers_are_lost_loses_nothing() {
    let (vault, alice, parts, fuse, _line) = counted().await;
    alice.keep("stays.txt", b"hello").await;
    for step in 1..=9 {
        let (kept, _pending) = (alice.keep("a.txt", b"goodbye").await, alice.store("b.txt", b"hi").await);
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
        fuse.set(step, Side::After);
        vault.sweep_by(&parts).await;
        fuse.clear();
        promises::hold(&vault).await.unwrap();
        settle(&vault).await;
        assert_eq!(vault.bucket.objects().await.len(), 1, "step {step}");
    }
}
