use std::time::Duration;

use serde_json::{Value, json};
use tests::functions::recorded_event;
use tests::proxy::Mode;
use tests::sandbox::Sandbox;
use tests::{TestVault, promises};

use crate::{assert_within, in_sandbox_with, sweep_after_expiry};

/// The time limit of an operation, in seconds: three attempts of 2 s each, the pauses between them, and a
/// reserve.
const MAX_SECONDS: u64 = 12;

/// Asserts that a confirmation is refused while the store is in this mode, and works when the store does.
async fn assert_refused_until_store_works(mode: Mode, status: u16, code: &str) {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_store().await;
    let alice = in_sandbox_with(&vault, &vault.create_user().await, &services);
    alice.store_confirmed("before.txt", b"a connection that is kept").await;
    let upload = alice.store_pending("a.txt", b"hello").await;
    let before = vault.rows().await;
    proxy.set_mode(mode);
    let refusal = assert_within(MAX_SECONDS, alice.confirm(upload.document_id)).await.expect(status);
    assert_eq!(refusal["code"], code);
    assert_eq!(vault.rows().await, before, "nothing has changed");
    proxy.set_mode(Mode::Pass);
    let body = json!({"id": upload.document_id, "size_bytes": 5, "used_bytes": 30, "status": "uploaded"});
    assert_eq!(alice.confirm(upload.document_id).await.expect(200), body);
    promises::check(&vault).await.unwrap();
    sweep_after_expiry(&vault).await;
}

#[tokio::test]
async fn a_confirmation_asks_a_store_again_that_fails_once() {
    for mode in [Mode::Down, Mode::Status(503), Mode::Status(429)] {
        let vault = TestVault::new().await;
        let (proxy, services) = vault.proxy_store().await;
        let alice = in_sandbox_with(&vault, &vault.create_user().await, &services);
        let upload = alice.store_pending("a.txt", b"hello").await;
        let before = proxy.connections();
        proxy.set_mode(mode);
        let recovery = async {
            while proxy.connections() == before {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            proxy.set_mode(Mode::Pass);
        };
        let both = async { tokio::join!(alice.confirm(upload.document_id), recovery) };
        assert_within(MAX_SECONDS, both).await.0.expect(200);
    }
}

#[tokio::test]
async fn a_confirmation_while_the_store_is_down_is_503_and_a_retry_works() {
    assert_refused_until_store_works(Mode::Down, 503, "store_unreachable").await;
}

#[tokio::test]
async fn a_confirmation_with_a_slow_store_is_503_in_time_and_a_retry_works() {
    assert_refused_until_store_works(Mode::Slow(Duration::from_secs(30)), 503, "store_unreachable").await;
}

#[tokio::test]
async fn a_confirmation_with_a_store_that_answers_500_is_503_and_a_retry_works() {
    assert_refused_until_store_works(Mode::Status(500), 503, "store_unreachable").await;
}

#[tokio::test]
async fn a_confirmation_with_a_store_that_answers_503_is_503_and_a_retry_works() {
    assert_refused_until_store_works(Mode::Status(503), 503, "store_unreachable").await;
}

#[tokio::test]
async fn a_confirmation_with_lost_store_answers_is_503_and_a_retry_works() {
    assert_refused_until_store_works(Mode::LoseAnswers, 503, "store_unreachable").await;
}

/// A 403 is caused by an expired access key, a wrong clock, or an encryption key without permission.
#[tokio::test]
async fn a_confirmation_with_a_store_that_answers_403_is_503_and_a_retry_works() {
    assert_refused_until_store_works(Mode::Status(403), 503, "store_unreachable").await;
}

/// The built program asks MinIO without a proxy, with a wrong secret or as an unknown user.
#[tokio::test]
async fn a_confirmation_with_wrong_store_credentials_is_503_logged_as_error_and_keeps_the_upload() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for size in [None, Some(5)] {
        let file = json!({"filename": "a.txt", "content_type": "text/plain", "size_bytes": size});
        let upload = alice.begin_upload(file).await;
        assert_eq!(upload.put(b"hello").await, 200);
        let before = vault.rows().await;
        for (name, secret) in [("confirm", "not its secret"), ("nobody", "docuvault-test")] {
            let mut variables = vault.variables();
            variables.insert("AWS_ACCESS_KEY_ID", name.into());
            variables.insert("AWS_SECRET_ACCESS_KEY", secret.into());
            let mut confirm = Sandbox::start("confirm", &variables).await;
            let event = recorded_event("confirm")
                .replace("<access token>", &vault.issue_token(alice.user()))
                .replace("019cad10-3c00-7000-8000-000000000002", &upload.document_id.to_string());
            let (status, body) = confirm.invoke_http(&serde_json::from_str(&event).unwrap()).await;
            assert_eq!((status, &body["code"]), (503, &json!("store_unreachable")), "{name}");
            let log = confirm.wait_for_log("request failed").await;
            let line = log.lines().find(|line| line.contains("the object store failed: 403")).unwrap();
            assert_eq!(serde_json::from_str::<Value>(line).unwrap()["level"], "ERROR");
        }
        assert_eq!(vault.rows().await, before, "nothing has changed");
        vault.age_minutes(50).await;
        assert_eq!(vault.sweep().await.abandoned, 0, "the upload is kept for an hour");
        alice.confirm(upload.document_id).await.expect(200);
    }
    sweep_after_expiry(&vault).await;
    assert_eq!(vault.bucket.object_sizes().await.len(), 2);
}

#[tokio::test]
async fn a_refused_confirmation_is_answered_even_if_the_store_then_goes_down() {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_store().await;
    let alice = in_sandbox_with(&vault, &vault.create_user().await, &services);
    let upload = alice.store_pending("a.txt", b"hello").await;
    vault.set_limit(alice.id(), 4).await;
    let ledger = crate::lock_ledger(&vault, alice.id()).await;
    let (refusal, ()) = tokio::join!(assert_within(MAX_SECONDS, alice.confirm(upload.document_id)), async {
        vault.wait_until_blocked("upload::charge").await;
        proxy.set_mode(Mode::Down);
        ledger.batch_execute("commit").await.unwrap();
    });
    let numbers = json!({"used_bytes": 0, "limit_bytes": 4, "rejected_bytes": 5});
    assert_eq!(refusal.expect(413)["detail"], numbers);
    assert_eq!((vault.count_tombstones().await, vault.bucket.object_sizes().await.len()), (1, 1));
    sweep_after_expiry(&vault).await;
    assert_eq!(vault.bucket.object_sizes().await.len(), 0);
}

#[tokio::test]
async fn a_confirmation_does_not_believe_a_proxy_that_answers_for_the_store() {
    let declared = json!({"filename": "a.txt", "content_type": "text/plain", "size_bytes": 5});
    let undeclared = json!({"filename": "a.txt", "content_type": "text/plain"});
    for (body, status) in [(&declared, 200), (&declared, 404), (&undeclared, 200), (&undeclared, 404)] {
        let vault = TestVault::new().await;
        let (proxy, services) = vault.proxy_store().await;
        let alice = in_sandbox_with(&vault, &vault.create_user().await, &services);
        let upload = alice.begin_upload(body.clone()).await;
        assert_eq!(upload.put(b"hello").await, 200);
        let before = vault.rows().await;
        proxy.set_mode(Mode::Status(status));
        let refusal = alice.confirm(upload.document_id).await.expect(503);
        assert_eq!(refusal["code"], "store_unreachable");
        assert_eq!(vault.rows().await, before, "nothing has changed");
        proxy.set_mode(Mode::Pass);
        alice.confirm(upload.document_id).await.expect(200);
    }
}
