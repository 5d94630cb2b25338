use std::time::Duration;

use serde_json::{Value, json};
use tests::proxy::Mode;
use tests::runtime::{Sandbox, recorded};
use tests::{TestVault, promises};

use crate::{served, settle, within};

/// Three attempts of two seconds, and the pauses between them.
const BOUND: u64 = 12;

/// Confirms while the store is in this mode, and again when it is well.
async fn refused_for_now(mode: Mode, status: u16, code: &str) {
    let vault = TestVault::new().await;
    let (proxy, parts) = vault.store_by_proxy().await;
    let alice = served(&vault, &vault.user().await, &parts);
    alice.keep("before.txt", b"a connection that is kept").await;
    let upload = alice.store("a.txt", b"hello").await;
    let before = vault.rows().await;
    proxy.set(mode);
    let refusal = within(BOUND, alice.confirm(upload.document_id)).await.expect(status);
    assert_eq!(refusal["code"], code);
    assert_eq!(vault.rows().await, before, "nothing has changed");
    proxy.set(Mode::Pass);
    let body = json!({"id": upload.document_id, "size_bytes": 5, "used_bytes": 30, "status": "uploaded"});
    assert_eq!(alice.confirm(upload.document_id).await.expect(200), body);
    promises::hold(&vault).await.unwrap();
    settle(&vault).await;
}

#[tokio::test]
async fn a_store_that_is_down_is_503_and_a_retry_works() {
    refused_for_now(Mode::Down, 503, "store_unreachable").await;
}

#[tokio::test]
async fn a_store_that_is_slow_is_503_within_a_bound_and_a_retry_works() {
    refused_for_now(Mode::Slow(Duration::from_secs(30)), 503, "store_unreachable").await;
}

#[tokio::test]
async fn a_store_that_fails_is_503_and_a_retry_works() {
    refused_for_now(Mode::Status(500), 503, "store_unreachable").await;
}

#[tokio::test]
async fn a_store_that_is_overloaded_is_503_and_a_retry_works() {
    refused_for_now(Mode::Status(503), 503, "store_unreachable").await;
}

#[tokio::test]
async fn a_store_whose_answers_are_lost_is_503_and_a_retry_works() {
    refused_for_now(Mode::LoseAnswers, 503, "store_unreachable").await;
}

/// A key that has expired, a clock that is wrong, an encryption key that is withheld.
#[tokio::test]
async fn a_store_that_forbids_is_503_and_a_retry_works() {
    refused_for_now(Mode::Status(403), 503, "store_unreachable").await;
}

/// MinIO itself, of which a function asks by a secret that it no longer has, or as somebody who is nobody there.
#[tokio::test]
async fn a_secret_that_does_not_count_is_503_and_an_error_in_the_log_and_the_upload_stays() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    for size in [None, Some(5)] {
        let file = json!({"filename": "a.txt", "content_type": "text/plain", "size_bytes": size});
        let upload = alice.begin(file).await;
        assert_eq!(upload.put(b"hello").await, 200);
        let before = vault.rows().await;
        for (name, secret) in [("confirm", "not its secret"), ("nobody", "docuvault-test")] {
            let mut variables = vault.variables();
            variables.insert("AWS_ACCESS_KEY_ID", name.into());
            variables.insert("AWS_SECRET_ACCESS_KEY", secret.into());
            let mut confirm = Sandbox::start("confirm", &variables).await;
            let event = recorded("confirm")
                .replace("<access token>", &vault.token(alice.id()))
                .replace("019cad10-3c00-7000-8000-000000000002", &upload.document_id.to_string());
            let (status, body) = confirm.http(&serde_json::from_str(&event).unwrap()).await;
            assert_eq!((status, &body["code"]), (503, &json!("store_unreachable")), "{name}");
            let log = confirm.log("failed").await;
            let line = log.lines().find(|line| line.contains("the object store failed: 403")).unwrap();
            assert_eq!(serde_json::from_str::<Value>(line).unwrap()["level"], "ERROR");
        }
        assert_eq!(vault.rows().await, before, "nothing has changed");
        vault.age_minutes(50).await;
        assert_eq!(vault.sweep().await.abandoned, 0, "an hour is left to try again");
        alice.confirm(upload.document_id).await.expect(200);
    }
    settle(&vault).await;
    assert_eq!(vault.bucket.objects().await.len(), 2);
}

#[tokio::test]
async fn a_refusal_stands_though_the_store_goes_down_after_it_was_asked() {
    let vault = TestVault::new().await;
    let (proxy, parts) = vault.store_by_proxy().await;
    let alice = served(&vault, &vault.user().await, &parts);
    let upload = alice.store("a.txt", b"hello").await;
    vault.limit(alice.id(), 4).await;
    let ledger = crate::hold_ledger(&vault, alice.id()).await;
    let (refusal, ()) = tokio::join!(within(BOUND, alice.confirm(upload.document_id)), async {
        vault.until_waiting("upload::charge").await;
        proxy.set(Mode::Down);
        ledger.batch_execute("commit").await.unwrap();
    });
    let numbers = json!({"used_bytes": 0, "limit_bytes": 4, "rejected_bytes": 5});
    assert_eq!(refusal.expect(413)["detail"], numbers);
    assert_eq!((vault.tombstones().await, vault.bucket.objects().await.len()), (1, 1));
    settle(&vault).await;
    assert_eq!(vault.bucket.objects().await.len(), 0);
}
