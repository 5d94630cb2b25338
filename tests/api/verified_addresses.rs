//! Addresses that must be confirmed before an account works. Neither answers nor logins tell whether an
//! address has an account.

use docuvault::config::RequireVerifiedEmail;
use docuvault::limits::VERIFICATION_LIFETIME;
use serde_json::{Value, json};
use tests::{Response, TestVault};

use crate::assert_problem;
use crate::mail::count_waiting;
use crate::password_resets::{CONFIRM, RESET, log_in};

const VERIFY: &str = "/api/auth/verify";
const PASSWORD: &str = "Correct-Horse-7";
const OTHER: &str = "Another-Horse-8";

async fn vault() -> TestVault {
    let mut vault = TestVault::new().await;
    vault.accounts.verified_email = RequireVerifiedEmail(true);
    vault
}

async fn register(vault: &TestVault, email: &str, password: &str) -> Response {
    let new = json!({"email": email, "password": password});
    vault.anonymous().post("/api/auth/register", new).await
}

async fn verify(vault: &TestVault, token: &str) -> Response {
    vault.anonymous().post(VERIFY, json!({"token": token})).await
}

#[tokio::test]
async fn an_account_works_once_its_address_is_confirmed() {
    let vault = vault().await;
    assert_eq!(register(&vault, "ann@example.com", PASSWORD).await.expect(202), Value::Null);
    assert_eq!(log_in(&vault, "ann@example.com", PASSWORD).await, 401);
    let token = vault.mail_to("ann@example.com").await.token("verify").to_text();
    verify(&vault, &token).await.expect(204);
    assert_eq!(log_in(&vault, "ann@example.com", PASSWORD).await, 200);
    assert_problem(verify(&vault, &token).await, 422, "link_invalid");
}

#[tokio::test]
async fn a_confirmed_address_is_in_the_audit_log_once() {
    let vault = vault().await;
    register(&vault, "ann@example.com", PASSWORD).await.expect(202);
    let token = vault.mail_to("ann@example.com").await.token("verify").to_text();
    let ann = serde_json::from_value(vault.rows().await["users"][0]["id"].clone()).unwrap();
    let before = vault.audited(ann).await;
    assert!(!before.contains(&"email.verified".to_owned()), "{before:?}");
    for status in [204, 422] {
        verify(&vault, &token).await.expect(status);
        assert_eq!(vault.audited(ann).await, [&before[..], &["email.verified".to_owned()]].concat());
    }
}

#[tokio::test]
async fn a_link_that_is_used_twenty_times_at_once_works_once() {
    let vault = vault().await;
    register(&vault, "ann@example.com", PASSWORD).await.expect(202);
    let token = vault.mail_to("ann@example.com").await.token("verify").to_text();
    let statuses = futures_util::future::join_all((0..20).map(|_| verify(&vault, &token))).await;
    assert_eq!(statuses.iter().filter(|answer| answer.status == 204).count(), 1);
}

#[tokio::test]
async fn a_registration_looks_the_same_whether_or_not_the_address_is_taken() {
    let vault = vault().await;
    let free = register(&vault, "ann@example.com", PASSWORD).await;
    let token = vault.mail_to("ann@example.com").await.token("verify").to_text();
    verify(&vault, &token).await.expect(204);
    let before = vault.rows().await;
    let taken = register(&vault, "ANN@example.com", OTHER).await;
    assert_eq!((free.status, free.body), (taken.status, taken.body));
    let names = |answer: &axum::http::HeaderMap| answer.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&free.headers), names(&taken.headers));
    let after = vault.rows().await;
    assert_eq!((&after["users"], &after["quotas"]), (&before["users"], &before["quotas"]));
    let mail = vault.mail_to("ann@example.com").await;
    assert_eq!(mail.subject, "You have an account already");
    assert!(!mail.plain.contains("token"));
    assert_eq!(log_in(&vault, "ann@example.com", OTHER).await, 401);
    assert_eq!(log_in(&vault, "ann@example.com", PASSWORD).await, 200);
}

#[tokio::test]
async fn the_last_registration_and_only_its_link_count() {
    let vault = vault().await;
    register(&vault, "ann@example.com", OTHER).await.expect(202);
    let of_stranger = vault.mail_to("ann@example.com").await.token("verify").to_text();
    register(&vault, "ann@example.com", PASSWORD).await.expect(202);
    let of_owner = vault.mail_to("ann@example.com").await.token("verify").to_text();
    assert_problem(verify(&vault, &of_stranger).await, 422, "link_invalid");
    verify(&vault, &of_owner).await.expect(204);
    assert_eq!(log_in(&vault, "ann@example.com", OTHER).await, 401);
    assert_eq!(log_in(&vault, "ann@example.com", PASSWORD).await, 200);
    assert_eq!(vault.rows().await["users"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_login_does_not_tell_whether_a_registration_found_the_address_free() {
    let vault = vault().await;
    register(&vault, "ann@example.com", PASSWORD).await.expect(202);
    let given = |email: &str| json!({"email": email, "password": PASSWORD});
    let anonymous = vault.anonymous();
    let unverified = anonymous.post("/api/auth/login", given("ann@example.com")).await;
    let unknown = anonymous.post("/api/auth/login", given("nobody@example.com")).await;
    assert_eq!((unverified.status, unverified.body), (unknown.status, unknown.body));
}

#[tokio::test]
async fn an_expired_link_is_refused_and_a_new_registration_sends_another() {
    let vault = vault().await;
    register(&vault, "ann@example.com", PASSWORD).await.expect(202);
    let token = vault.mail_to("ann@example.com").await.token("verify").to_text();
    vault.age_mails(VERIFICATION_LIFETIME.as_secs() as i32 / 60).await;
    assert_problem(verify(&vault, &token).await, 422, "link_invalid");
    register(&vault, "ann@example.com", PASSWORD).await.expect(202);
    let token = vault.mail_to("ann@example.com").await.token("verify").to_text();
    verify(&vault, &token).await.expect(204);
}

#[tokio::test]
async fn a_new_password_by_mail_confirms_the_address_too() {
    let vault = vault().await;
    register(&vault, "ann@example.com", PASSWORD).await.expect(202);
    vault.send_mails().await;
    let anonymous = vault.anonymous();
    anonymous.post(RESET, json!({"email": "ann@example.com"})).await.expect(202);
    vault.send_mails().await;
    let mails = vault.mails.read();
    let reset = mails.iter().find(|mail| mail.plain.contains("/password-reset#")).unwrap();
    let given = json!({"token": reset.token("password-reset").to_text(), "new_password": OTHER});
    anonymous.post(CONFIRM, given).await.expect(204);
    assert_eq!(log_in(&vault, "ann@example.com", OTHER).await, 200);
}

#[tokio::test]
async fn a_mail_has_the_language_of_the_registration() {
    let vault = vault().await;
    for (email, language, subject) in [
        ("ann@example.com", "de-AT, en;q=0.5", "Bestätigen Sie Ihre Adresse"),
        ("bob@example.com", "fr, en;q=0.5", "Confirm your address"),
    ] {
        let body = json!({"email": email, "password": PASSWORD}).to_string();
        let request = axum::http::Request::builder()
            .method("POST")
            .uri("/api/auth/register")
            .header("content-type", "application/json")
            .header("accept-language", language);
        let answer = vault.anonymous().request(request.body(body.into()).unwrap()).await;
        assert_eq!(answer.status, 202);
        assert_eq!(vault.mail_to(email).await.subject, subject);
    }
    assert_eq!(count_waiting(&vault).await, 0);
}
