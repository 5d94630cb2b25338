//! Owners of accounts change their passwords. This ends all sessions, and starts one.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use tests::{Client, Response, TestVault};

use crate::assert_problem;

const PATH: &str = "/api/auth/change-password";
const OLD: &str = "Correct-Horse-7";
const NEW: &str = "Another-Horse-8";

async fn change(client: &Client, current: &str, new: &str) -> Response {
    client.post(PATH, json!({"current_password": current, "new_password": new})).await
}

/// Changes the password. Returns the account in the session that this starts.
async fn changed(vault: &TestVault, client: &Client, current: &str, new: &str) -> Client {
    let answer = change(client, current, new).await.expect(200);
    vault.caller_with(client, &answer).await
}

async fn log_in(vault: &TestVault, email: &str, password: &str) -> Response {
    vault.anonymous().post("/api/auth/login", json!({"email": email, "password": password})).await
}

/// Creates a user with the password [`OLD`]. Returns the e-mail address, too.
async fn create_user(vault: &TestVault) -> (Client, String) {
    let user = vault.create_user().await;
    vault.set_password(user.id(), OLD).await;
    let email = user.get("/api/auth/me").await.expect(200)["email"].take();
    (user, email.as_str().unwrap().to_owned())
}

/// Returns the actions in the audit log about an account, in alphabetical order.
async fn logged_actions(vault: &TestVault, client: &Client) -> Vec<String> {
    let statement =
        "select coalesce(array_agg(action order by action), '{}') from audit_log where target_id = $1";
    vault.database.superuser().await.query_one(statement, &[&client.id()]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_change_ends_all_sessions_of_the_account_and_starts_one() {
    let vault = TestVault::new().await;
    let (alice, email) = create_user(&vault).await;
    let (elsewhere, bob) = (vault.sign_in(&alice).await, vault.create_user().await);
    let answer = change(&alice, OLD, NEW).await;
    let cookies = answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    let names: Vec<_> = cookies.map(|cookie| cookie.split_once('=').unwrap().0).collect();
    assert_eq!(names, ["__Host-refresh", "__Host-device"]);
    let again = vault.caller_with(&alice, &answer.expect(200)).await;
    for ended in [&elsewhere, &alice] {
        assert_problem(ended.get("/api/auth/me").await, 401, "unauthenticated");
    }
    again.get("/api/documents").await.expect(200);
    let sessions = again.get("/api/auth/sessions").await.expect(200);
    assert_eq!(sessions["items"].as_array().unwrap().len(), 1, "{sessions}");
    assert_eq!(sessions["items"][0]["current"], true);
    bob.get("/api/documents").await.expect(200);
    assert_eq!(
        logged_actions(&vault, &alice).await,
        ["password.changed", "session.ended", "session.ended", "session.started"]
    );
    assert_problem(log_in(&vault, &email, OLD).await, 401, "invalid_credentials");
    log_in(&vault, &email, NEW).await.expect(200);
}

#[tokio::test]
async fn a_temporary_password_is_changed_before_anything_else() {
    let vault = TestVault::new().await;
    let root = vault.create_account(docuvault::role::Role::Admin, true).await;
    vault.set_password(root.id(), OLD).await;
    assert_problem(root.get("/api/admin/topics").await, 403, "password_change_owed");
    let root = changed(&vault, &root, OLD, NEW).await;
    root.get("/api/admin/topics").await.expect(200);
    assert_eq!(root.get("/api/auth/me").await.expect(200)["password_must_change"], false);
    assert_eq!(vault.rows().await["users"][0]["password_expires_at"], Value::Null);
}

#[tokio::test]
async fn a_temporary_password_cannot_be_changed_after_its_end() {
    let vault = TestVault::new().await;
    let root = vault.create_account(docuvault::role::Role::Admin, true).await;
    vault.set_password(root.id(), OLD).await;
    vault.tamper("update users set password_expires_at = now()").await;
    let before = vault.rows().await;
    assert_problem(change(&root, OLD, NEW).await, 403, "temporary_password_expired");
    assert_eq!(vault.rows().await, before);
}

#[tokio::test]
async fn a_new_password_follows_the_rules_of_a_registration() {
    let vault = TestVault::new().await;
    let (alice, email) = create_user(&vault).await;
    let with_word = format!("{}-aA1!", email.split('@').next().unwrap());
    let before = vault.rows().await;
    for (weak, reason) in [
        ("short", "12 to 128 characters"),
        ("Password-1234", "most common"),
        (with_word.as_str(), "must not contain the word"),
        (OLD, "is the current one"),
    ] {
        let answer = change(&alice, OLD, weak).await;
        assert!(answer.body["detail"].as_str().unwrap().contains(reason), "{weak}: {}", answer.body);
        assert_problem(answer, 422, "invalid");
    }
    for body in [
        json!({}),
        json!({"new_password": NEW}),
        json!({"current_password": OLD, "new_password": null}),
        json!({"current_password": OLD, "new_password": NEW, "email": email}),
    ] {
        assert_problem(alice.post(PATH, body).await, 422, "invalid");
    }
    assert_eq!(vault.rows().await, before);
}

#[tokio::test]
async fn only_somebody_who_knows_the_password_changes_it() {
    let vault = TestVault::new().await;
    let ((alice, _), (bob, _)) = (create_user(&vault).await, create_user(&vault).await);
    for wrong in ["", NEW, &"x".repeat(10_000), "Correct-Horse-7\u{0}"] {
        assert_problem(change(&alice, wrong, NEW).await, 401, "invalid_credentials");
    }
    assert_eq!(logged_actions(&vault, &alice).await, ["login.failed"; 4]);
    assert_problem(change(&vault.anonymous(), OLD, NEW).await, 401, "unauthenticated");
    vault.tamper(&format!("update sessions set ended_at = now() where user_id = '{}'", bob.id())).await;
    assert_problem(change(&bob, OLD, NEW).await, 401, "unauthenticated");
    assert_eq!(logged_actions(&vault, &bob).await, [""; 0]);
}

#[tokio::test]
async fn attempts_to_guess_the_current_password_are_limited_per_account() {
    let vault = TestVault::new().await;
    let ((alice, email), (bob, _)) = (create_user(&vault).await, create_user(&vault).await);
    for _ in 0..10 {
        assert_problem(change(&alice, "Wrong-Horse-9", NEW).await, 401, "invalid_credentials");
    }
    for client in [&alice, &vault.sign_in(&alice).await] {
        let answer = change(client, OLD, NEW).await;
        assert!(answer.headers.contains_key("retry-after"));
        assert_problem(answer, 429, "too_many_attempts");
    }
    change(&bob, OLD, NEW).await.expect(200);
    log_in(&vault, &email, OLD).await.expect(200);
    vault.age_minutes(1).await;
    change(&alice, OLD, NEW).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_changes_at_the_same_time_one_succeeds() {
    let vault = TestVault::new().await;
    let (alice, email) = create_user(&vault).await;
    let mut changes = Vec::new();
    for number in 0..5 {
        let client = vault.in_own_sandbox(&alice);
        let new = format!("Another-Horse-{number}");
        changes.push(tokio::spawn(async move { (change(&client, OLD, &new).await.status, new) }));
    }
    let mut succeeded = Vec::new();
    for change in changes {
        match change.await.unwrap() {
            (200, new) => succeeded.push(new),
            (status, _) => assert_eq!(status, 401),
        }
    }
    assert_eq!(succeeded.len(), 1);
    log_in(&vault, &email, &succeeded[0]).await.expect(200);
}

#[tokio::test]
async fn the_route_takes_no_other_method_and_no_other_content() {
    let vault = TestVault::new().await;
    let (alice, _) = create_user(&vault).await;
    let body = json!({"current_password": OLD, "new_password": NEW});
    assert_problem(alice.put(PATH, body.clone()).await, 405, "method_not_allowed");
    let request = Request::post(PATH).header("content-type", "text/plain").body(Body::from(body.to_string()));
    assert_problem(alice.request(request.unwrap()).await, 415, "unsupported_media_type");
}
