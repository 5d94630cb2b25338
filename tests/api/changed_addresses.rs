//! Accounts that get another e-mail address: the new one is confirmed, and the old one is told.

use serde_json::json;
use tests::{Client, Response, TestVault};

use crate::assert_problem;
use crate::mail::count_waiting;
use crate::password_resets::{CONFIRM, RESET, log_in, register};

const EMAIL: &str = "/api/auth/me/email";
const VERIFY: &str = "/api/auth/verify";
const PASSWORD: &str = "Correct-Horse-7";

/// Creates a user with the address `ann@example.com`, who is signed in.
async fn create_ann(vault: &TestVault) -> Client {
    let ann = vault.create_user().await;
    vault.set_password(ann.id(), PASSWORD).await;
    let statement = "update users set email = 'ann@example.com' where id = $1";
    vault.database.superuser().await.execute(statement, &[&ann.id()]).await.unwrap();
    ann
}

async fn change(ann: &Client, email: &str) -> Response {
    ann.put(EMAIL, json!({"password": PASSWORD, "email": email})).await
}

/// Returns the token in the newest mail to an address.
async fn token_to(vault: &TestVault, address: &str) -> String {
    vault.mail_to(address).await.token("verify").to_text()
}

async fn verify(vault: &TestVault, token: &str) -> Response {
    vault.anonymous().post(VERIFY, json!({"token": token})).await
}

async fn address_of(ann: &Client) -> serde_json::Value {
    ann.get("/api/auth/me").await.expect(200)["email"].clone()
}

#[tokio::test]
async fn an_account_keeps_its_address_until_the_new_one_is_confirmed() {
    let vault = TestVault::new().await;
    let ann = create_ann(&vault).await;
    change(&ann, "ann@example.org").await.expect(202);
    let token = token_to(&vault, "ann@example.org").await;
    assert_eq!(address_of(&ann).await, "ann@example.com");
    assert_eq!(log_in(&vault, "ann@example.org", PASSWORD).await, 401);
    verify(&vault, &token).await.expect(204);
    assert_eq!(address_of(&ann).await, "ann@example.org");
    assert_eq!(log_in(&vault, "ann@example.org", PASSWORD).await, 200);
    assert_eq!(log_in(&vault, "ann@example.com", PASSWORD).await, 401);
    assert_problem(verify(&vault, &token).await, 422, "link_invalid");
    let told = vault.mail_to("ann@example.com").await;
    assert_eq!(told.subject, "Your account has another address");
    assert!(!told.plain.contains("ann@"), "{}", told.plain);
    let statement = "select string_agg(action, ' ' order by at) from audit_log where action like 'email.%'";
    let actions = vault.database.superuser().await.query_one(statement, &[]).await.unwrap();
    assert_eq!(actions.get::<_, String>(0), "email.change_requested email.changed");
}

#[tokio::test]
async fn a_change_needs_the_password_and_an_address() {
    let vault = TestVault::new().await;
    let ann = create_ann(&vault).await;
    let wrong = ann.put(EMAIL, json!({"password": "Another-Horse-8", "email": "ann@example.org"})).await;
    assert_problem(wrong, 401, "invalid_credentials");
    for email in ["", "ann", "Ann <ann@example.org>", "ann@example.org\r\nBcc: eve@example.org"] {
        assert_problem(change(&ann, email).await, 422, "invalid");
    }
    assert_eq!(count_waiting(&vault).await, 0);
}

#[tokio::test]
async fn the_answer_does_not_tell_whether_an_address_is_taken_but_its_owner_is_told() {
    let vault = TestVault::new().await;
    let ann = create_ann(&vault).await;
    register(&vault, "bob@example.com").await;
    let taken = change(&ann, "BOB@example.com").await;
    let free = change(&ann, "ann@example.org").await;
    assert_eq!((taken.status, taken.body), (free.status, free.body));
    assert_eq!(vault.mail_to("bob@example.com").await.subject, "You have an account already");
    assert_eq!(address_of(&ann).await, "ann@example.com");
}

#[tokio::test]
async fn only_the_link_of_the_last_change_works() {
    let vault = TestVault::new().await;
    let ann = create_ann(&vault).await;
    change(&ann, "typo@example.org").await.expect(202);
    let of_stranger = token_to(&vault, "typo@example.org").await;
    change(&ann, "ann@example.org").await.expect(202);
    let of_ann = token_to(&vault, "ann@example.org").await;
    assert_problem(verify(&vault, &of_stranger).await, 422, "link_invalid");
    verify(&vault, &of_ann).await.expect(204);
    assert_problem(verify(&vault, &of_stranger).await, 422, "link_invalid");
    assert_eq!(address_of(&ann).await, "ann@example.org");
}

#[tokio::test]
async fn an_address_that_somebody_registers_before_the_link_is_used_stays_theirs() {
    let vault = TestVault::new().await;
    let ann = create_ann(&vault).await;
    change(&ann, "ann@example.org").await.expect(202);
    let token = token_to(&vault, "ann@example.org").await;
    register(&vault, "ann@example.org").await;
    assert_problem(verify(&vault, &token).await, 409, "email_taken");
    assert_eq!(address_of(&ann).await, "ann@example.com");
}

#[tokio::test]
async fn a_new_password_by_mail_cancels_a_change_that_an_intruder_has_begun() {
    let vault = TestVault::new().await;
    let ann = create_ann(&vault).await;
    change(&ann, "eve@example.org").await.expect(202);
    let of_eve = token_to(&vault, "eve@example.org").await;
    let anonymous = vault.anonymous();
    anonymous.post(RESET, json!({"email": "ann@example.com"})).await.expect(202);
    let token = vault.mail_to("ann@example.com").await.token("password-reset").to_text();
    let given = json!({"token": token, "new_password": "Another-Horse-8"});
    anonymous.post(CONFIRM, given).await.expect(204);
    assert_problem(verify(&vault, &of_eve).await, 422, "link_invalid");
    assert_problem(ann.get("/api/auth/me").await, 401, "unauthenticated");
}

#[tokio::test]
async fn a_link_that_the_old_address_has_asked_for_sets_no_password_after_the_change() {
    let vault = TestVault::new().await;
    let ann = create_ann(&vault).await;
    let anonymous = vault.anonymous();
    anonymous.post(RESET, json!({"email": "ann@example.com"})).await.expect(202);
    let token = vault.mail_to("ann@example.com").await.token("password-reset").to_text();
    anonymous.post(RESET, json!({"email": "ann@example.com"})).await.expect(202);
    change(&ann, "ann@example.org").await.expect(202);
    let statement = "update mails set due_at = now() + interval '1 minute' where kind = 'password_reset'";
    vault.tamper(statement).await;
    let of_ann = token_to(&vault, "ann@example.org").await;
    verify(&vault, &of_ann).await.expect(204);
    let given = json!({"token": token, "new_password": "Another-Horse-8"});
    assert_problem(anonymous.post(CONFIRM, given).await, 422, "link_invalid");
    vault.send_mails().await;
    assert_eq!(count_waiting(&vault).await, 0, "the mail that waited is gone");
}
