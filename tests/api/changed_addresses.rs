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

#[tokio::test]
async fn the_old_address_is_told_as_soon_as_a_change_is_asked_for() {
    let vault = TestVault::new().await;
    let ann = create_ann(&vault).await;
    change(&ann, "eve@example.org").await.expect(202);
    let told = vault.mail_to("ann@example.com").await;
    assert_eq!(told.subject, "Your address is about to change");
    assert!(!told.plain.contains("eve@"), "{}", told.plain);
}

#[tokio::test]
async fn a_new_password_cancels_a_change_that_an_intruder_has_begun() {
    let vault = TestVault::new().await;
    let (ann, admin) = (create_ann(&vault).await, vault.create_admin().await);
    change(&ann, "eve@example.org").await.expect(202);
    let of_eve = token_to(&vault, "eve@example.org").await;
    vault.anonymous().post(RESET, json!({"email": "ann@example.com"})).await.expect(202);
    let link = vault.mail_to("ann@example.com").await.token("password-reset").to_text();
    vault.anonymous().post(RESET, json!({"email": "ann@example.com"})).await.expect(202);
    let given = json!({"current_password": PASSWORD, "new_password": "Another-Horse-8"});
    let signed_in = ann.post("/api/auth/change-password", given).await.expect(200);
    assert_problem(verify(&vault, &of_eve).await, 422, "link_invalid");
    let given = json!({"token": link, "new_password": "Eves-Stolen-Horse-9"});
    assert_problem(vault.anonymous().post(CONFIRM, given).await, 422, "link_invalid");
    let waiting = vault.rows().await["mails"].to_string();
    assert!(!waiting.contains("password_reset"), "{waiting}");

    let ann = vault.caller_with(&ann, &signed_in).await;
    let again = json!({"password": "Another-Horse-8", "email": "eve@example.org"});
    ann.put(EMAIL, again).await.expect(202);
    let of_eve = token_to(&vault, "eve@example.org").await;
    let reset = format!("/api/admin/users/{}/reset-password", ann.id());
    admin.send("POST", &reset, None).await.expect(200);
    assert_problem(verify(&vault, &of_eve).await, 422, "link_invalid");
}

#[tokio::test]
async fn an_export_does_not_tell_whether_another_address_is_taken() {
    let vault = TestVault::new().await;
    register(&vault, "bob@example.com").await;
    let mut exports = Vec::new();
    for (name, wanted) in [("ann", "bob@example.com"), ("cid", "bob@example.org")] {
        let user = vault.create_user().await;
        vault.set_password(user.id(), PASSWORD).await;
        let statement = "update users set email = $2 where id = $1";
        let email = format!("{name}@example.com");
        vault.database.superuser().await.execute(statement, &[&user.id(), &email]).await.unwrap();
        change(&user, wanted).await.expect(202);
        let export = user.get("/api/auth/me/export").await.expect(200);
        let mails: Vec<_> =
            export["mails"].as_array().unwrap().iter().map(|mail| mail["kind"].clone()).collect();
        assert_eq!(export["account"]["new_email"], *wanted);
        exports.push(mails);
    }
    assert_eq!(exports[0], exports[1]);
    assert_eq!(exports[0], ["address_change_requested"]);
}

#[tokio::test]
async fn a_registration_that_nobody_has_confirmed_holds_no_address() {
    let mut vault = TestVault::new().await;
    let (ann, admin) = (create_ann(&vault).await, vault.create_admin().await);
    vault.accounts.verified_email = docuvault::config::RequireVerifiedEmail(true);
    for email in ["ann@example.org", "bob@example.org", "cid@example.org"] {
        let new = json!({"email": email, "password": PASSWORD});
        vault.anonymous().post("/api/auth/register", new).await.expect(202);
    }
    change(&ann, "ANN@example.org").await.expect(202);
    let token = token_to(&vault, "ANN@example.org").await;
    verify(&vault, &token).await.expect(204);
    assert_eq!(address_of(&ann).await, "ANN@example.org");
    let new = json!({"email": "bob@example.org", "role": "user"});
    admin.post("/api/admin/users", new.clone()).await.expect(201);
    assert_problem(admin.post("/api/admin/users", new).await, 409, "email_taken");

    let count = "select count(*) from users where unverified";
    let unverified =
        async || -> i64 { vault.database.superuser().await.query_one(count, &[]).await.unwrap().get(0) };
    vault.tamper("update users set created_at = now() - interval '23 hours' where unverified").await;
    vault.sweep().await;
    assert_eq!(unverified().await, 1);
    vault.tamper("update users set created_at = now() - interval '25 hours'").await;
    vault.sweep().await;
    assert_eq!(unverified().await, 0);
    ann.get("/api/auth/me").await.expect(200);
}
