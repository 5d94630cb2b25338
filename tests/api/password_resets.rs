//! A new password by mail: who gets a link, how often it works, and what it changes.

use axum::body::Body;
use axum::http::Request;
use docuvault::limits::RESET_LIFETIME;
use serde_json::{Value, json};
use tests::{Client, TestVault};

use crate::assert_problem;
use crate::mail::count_waiting;

pub const RESET: &str = "/api/auth/password-reset";
pub const CONFIRM: &str = "/api/auth/password-reset/confirm";
const OLD: &str = "Correct-Horse-7";
const NEW: &str = "Another-Horse-8";

/// Registers an account.
pub async fn register(vault: &TestVault, email: &str) -> Value {
    let new = json!({"email": email, "password": OLD});
    vault.anonymous().post("/api/auth/register", new).await.expect(201)
}

/// Tries to log in. Returns the status.
pub async fn log_in(vault: &TestVault, email: &str, password: &str) -> u16 {
    let given = json!({"email": email, "password": password});
    vault.anonymous().post("/api/auth/login", given).await.status
}

/// Asks for a link, and returns the token in the mail.
pub async fn ask(vault: &TestVault, email: &str) -> String {
    vault.anonymous().post(RESET, json!({"email": email})).await.expect(202);
    vault.mail_to(email).await.token("password-reset").to_text()
}

/// Sets the password [`NEW`] with a token. Returns the status.
pub async fn confirm(client: &Client, token: &str) -> u16 {
    client.post(CONFIRM, json!({"token": token, "new_password": NEW})).await.status
}

#[tokio::test]
async fn a_link_sets_a_new_password_once_and_its_owner_is_told() {
    let vault = TestVault::new().await;
    register(&vault, "ann@example.com").await;
    let token = ask(&vault, "ann@example.com").await;
    let anonymous = vault.anonymous();
    assert_eq!(confirm(&anonymous, &token).await, 204);
    assert_eq!(log_in(&vault, "ann@example.com", OLD).await, 401);
    assert_eq!(log_in(&vault, "ann@example.com", NEW).await, 200);
    let again = anonymous.post(CONFIRM, json!({"token": token, "new_password": OLD})).await;
    assert_problem(again, 422, "link_invalid");
    assert_eq!(log_in(&vault, "ann@example.com", NEW).await, 200);
    vault.send_mails().await;
    assert!(vault.mails.read().iter().any(|mail| mail.subject == "Your password was changed"));
    let statement = "select string_agg(action, ' ' order by at) from audit_log where target_id is not null
        and action like 'password.%'";
    let actions = vault.database.superuser().await.query_one(statement, &[]).await.unwrap();
    assert_eq!(actions.get::<_, String>(0), "password.reset_requested password.reset");
}

#[tokio::test]
async fn a_reset_ends_all_sessions() {
    let vault = TestVault::new().await;
    register(&vault, "ann@example.com").await;
    let given = json!({"email": "ann@example.com", "password": OLD});
    let session = vault.anonymous().post("/api/auth/login", given).await.expect(200);
    let bearer = format!("Bearer {}", session["access_token"].as_str().unwrap());
    let me = async || {
        let request = Request::builder().uri("/api/auth/me").header("authorization", &bearer);
        vault.anonymous().request(request.body(Body::empty()).unwrap()).await.status
    };
    assert_eq!(me().await, 200);
    let token = ask(&vault, "ann@example.com").await;
    assert_eq!(confirm(&vault.anonymous(), &token).await, 204);
    assert_eq!(me().await, 401);
}

#[tokio::test]
async fn a_token_that_is_used_twenty_times_at_once_works_once() {
    let vault = TestVault::new().await;
    register(&vault, "ann@example.com").await;
    let token = ask(&vault, "ann@example.com").await;
    let clients: Vec<_> = (0..20).map(|_| vault.anonymous()).collect();
    let statuses = futures_util::future::join_all(clients.iter().map(|client| confirm(client, &token))).await;
    assert_eq!(statuses.iter().filter(|status| **status == 204).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 422).count(), 19, "{statuses:?}");
    assert_eq!(count_waiting(&vault).await, 1, "one mail tells the owner");
}

#[tokio::test]
async fn of_two_links_of_one_account_that_are_used_at_once_one_works() {
    let vault = TestVault::new().await;
    register(&vault, "ann@example.com").await;
    let tokens = [ask(&vault, "ann@example.com").await, ask(&vault, "ann@example.com").await];
    assert_ne!(tokens[0], tokens[1]);
    let clients: Vec<_> = (0..20).map(|_| vault.anonymous()).collect();
    let uses = clients.iter().enumerate().map(|(n, client)| confirm(client, &tokens[n % 2]));
    let statuses = futures_util::future::join_all(uses).await;
    assert_eq!(statuses.iter().filter(|status| **status == 204).count(), 1, "{statuses:?}");
}

#[tokio::test]
async fn scanners_that_open_a_link_leave_it_alive() {
    let vault = TestVault::new().await;
    register(&vault, "ann@example.com").await;
    let token = ask(&vault, "ann@example.com").await;
    let anonymous = vault.anonymous();
    for method in ["GET", "HEAD", "PUT", "DELETE"] {
        for path in [CONFIRM, RESET, "/api/auth/verify"] {
            let path = format!("{path}?token={token}");
            let request = Request::builder().method(method).uri(&path).body(Body::empty()).unwrap();
            assert_eq!(anonymous.request(request).await.status, 405, "{method} {path}");
        }
    }
    assert_eq!(confirm(&anonymous, &token).await, 204);
}

#[tokio::test]
async fn a_request_about_an_unknown_address_looks_the_same_and_sends_nothing() {
    let vault = TestVault::new().await;
    register(&vault, "ann@example.com").await;
    register(&vault, "bob@example.com").await;
    vault.tamper("update users set active = false where email = 'bob@example.com'").await;
    let anonymous = vault.anonymous();
    for email in ["ANN@example.com", "bob@example.com", "nobody@example.com"] {
        let answer = anonymous.post(RESET, json!({"email": email})).await;
        assert_eq!((answer.status, &answer.body), (202, &Value::Null), "{email}");
    }
    // Each request has written as much as the others, so that they take equally long.
    assert_eq!(count_waiting(&vault).await, 3);
    assert_eq!(vault.send_mails().await.sent, 1);
    assert_eq!(count_waiting(&vault).await, 0);
    let mails = vault.mails.read();
    assert_eq!(mails.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["ann@example.com"]);
}

/// Postgres looks for the row that a foreign key names, and for none if the key is null. So such a key would
/// make a request about a known address slower.
#[tokio::test]
async fn no_table_to_which_a_request_adds_rows_has_a_foreign_key() {
    let vault = TestVault::new().await;
    let statement = "select coalesce(string_agg(conname, ' '), '') from pg_constraint
        where contype = 'f' and conrelid = any(array['mails', 'audit_log', 'rate_limits']::regclass[])";
    let found: String = vault.database.superuser().await.query_one(statement, &[]).await.unwrap().get(0);
    assert_eq!(found, "");
}

#[tokio::test]
async fn tokens_that_expired_or_never_were_are_refused() {
    let vault = TestVault::new().await;
    register(&vault, "ann@example.com").await;
    let token = ask(&vault, "ann@example.com").await;
    let anonymous = vault.anonymous();
    for wrong in ["", " ", "\u{0}", &token[1..], &format!("{token}="), &"x".repeat(43), &"x".repeat(10_000)] {
        let answer = anonymous.post(CONFIRM, json!({"token": wrong, "new_password": NEW})).await;
        assert_problem(answer, 422, "link_invalid");
    }
    vault.age_mails(RESET_LIFETIME.as_secs() as i32 / 60).await;
    assert_eq!(confirm(&anonymous, &token).await, 422);
}

#[tokio::test]
async fn a_link_of_an_account_that_was_deactivated_does_not_work() {
    let vault = TestVault::new().await;
    register(&vault, "ann@example.com").await;
    let token = ask(&vault, "ann@example.com").await;
    vault.tamper("update users set active = false").await;
    assert_eq!(confirm(&vault.anonymous(), &token).await, 422);
}

#[tokio::test]
async fn a_refused_password_leaves_the_link_alive() {
    let vault = TestVault::new().await;
    register(&vault, "ann@example.com").await;
    let token = ask(&vault, "ann@example.com").await;
    let anonymous = vault.anonymous();
    for (refused, reason) in [
        ("short", "12 to 128 characters"),
        ("Password-1234", "most common"),
        ("Ann-of-Example-7", "must not contain the word example"),
        (OLD, "is the current one"),
    ] {
        let answer = anonymous.post(CONFIRM, json!({"token": token, "new_password": refused})).await;
        let detail = answer.body["detail"].as_str().unwrap();
        assert!(detail.contains(reason), "{refused}: {detail}");
        assert_problem(answer, 422, "invalid");
    }
    assert_eq!(confirm(&anonymous, &token).await, 204);
}

#[tokio::test]
async fn a_reset_ends_the_duty_to_change_a_temporary_password() {
    let vault = TestVault::new().await;
    register(&vault, "ann@example.com").await;
    let expired = "update users set password_must_change = true, password_expires_at = now()";
    vault.tamper(expired).await;
    let token = ask(&vault, "ann@example.com").await;
    assert_eq!(confirm(&vault.anonymous(), &token).await, 204);
    assert_eq!(vault.rows().await["users"][0]["standing"], "user");
    assert_eq!(log_in(&vault, "ann@example.com", NEW).await, 200);
}

#[tokio::test]
async fn texts_that_are_no_address_are_refused() {
    let vault = TestVault::new().await;
    for email in
        ["", "ann", "ann@", "Ann <ann@example.com>", "ann@example.com\r\nBcc: eve@example.com", "a\u{0}@b.c"]
    {
        let answer = vault.anonymous().post(RESET, json!({"email": email})).await;
        assert_problem(answer, 422, "invalid");
    }
    assert_eq!(count_waiting(&vault).await, 0);
}
