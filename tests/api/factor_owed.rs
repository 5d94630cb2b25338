//! Accounts that must have a second factor can do nothing else until they have one (`REQUIRE_FACTOR`).

use docuvault::config::RequireFactor;
use docuvault::role::Role;
use serde_json::json;
use tests::member::{Member, PASSWORD};
use tests::{Client, Response, TestVault};

use crate::assert_problem;

/// Registers an account with this role and logs in.
async fn create(vault: &TestVault, role: Role) -> Member {
    let Member { email, client } = vault.create_member().await;
    vault.tamper(&format!("update users set role = '{}' where id = '{}'", role.as_str(), client.id())).await;
    let body = json!({"email": email, "password": PASSWORD});
    let answer = client.anonymous().post("/api/auth/login", body).await.expect(200);
    Member { client: vault.caller_with(&client, &answer).await, email }
}

/// Sends a request that every account may send that owes nothing.
async fn list_topics(client: &Client) -> Response {
    client.get("/api/topics").await
}

/// Uses a refresh token. Returns the caller with the new access token, and the next refresh token.
async fn refresh(vault: &TestVault, client: &Client, cookie: &str) -> (Client, String) {
    let request = axum::http::Request::post("/api/auth/refresh")
        .header("content-type", "application/json")
        .header("cookie", cookie);
    let answer = client.anonymous().request(request.body("{}".into()).unwrap()).await;
    let cookie = read_cookie(&answer);
    (vault.caller_with(client, &answer.expect(200)).await, cookie)
}

/// Reads the first cookie of an answer, which has the refresh token.
fn read_cookie(answer: &Response) -> String {
    answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn accounts_with_a_role_that_needs_a_factor_owe_one() {
    let mut vault = TestVault::new().await;
    for (required, user_owes, admin_owes) in [
        (RequireFactor::None, false, false),
        (RequireFactor::Admins, false, true),
        (RequireFactor::All, true, true),
    ] {
        vault.accounts.required = required;
        for (role, owes) in [(Role::User, user_owes), (Role::Admin, admin_owes)] {
            let answer = list_topics(&create(&vault, role).await.client).await;
            if owes {
                assert_problem(answer, 403, "factor_owed");
            } else {
                answer.expect(200);
            }
        }
    }
}

#[tokio::test]
async fn who_owes_a_factor_can_set_one_up_and_do_nothing_else() {
    let mut vault = TestVault::new().await;
    vault.accounts.required = RequireFactor::All;
    let member = create(&vault, Role::User).await;
    let client = &member.client;
    for path in ["/api/documents", "/api/topics", "/api/auth/me/quota", "/api/auth/sessions"] {
        assert_problem(client.get(path).await, 403, "factor_owed");
    }
    assert_eq!(client.get("/api/auth/me").await.expect(200)["totp_enabled"], false);
    let app = member.set_up_totp().await;
    assert_problem(member.enable_totp(&app.code_after(3_600)).await, 401, "invalid_code");
    assert_problem(list_topics(client).await, 403, "factor_owed");
    let enabled = member.enable_totp(&app.code()).await.expect(200);
    list_topics(&vault.caller_with(client, &enabled).await).await.expect(200);
    let again = vault.caller_with(client, &member.log_in_with(&app.next_code()).await.expect(200)).await;
    list_topics(&again).await.expect(200);
}

#[tokio::test]
async fn who_disables_a_required_factor_owes_it_in_all_sessions() {
    let mut vault = TestVault::new().await;
    vault.accounts.required = RequireFactor::All;
    let mut member = create(&vault, Role::User).await;
    let app = member.set_up_totp().await;
    let enabled = member.enable_totp(&app.code()).await.expect(200);
    member.client = vault.caller_with(&member.client, &enabled).await;
    let other =
        vault.caller_with(&member.client, &member.log_in_with(&app.next_code()).await.expect(200)).await;
    vault.forget_steps().await;
    member.disable_totp(&app.code()).await.expect(204);
    for client in [&member.client, &other] {
        assert_problem(list_topics(client).await, 403, "factor_owed");
    }
}

#[tokio::test]
async fn a_refresh_follows_a_new_setting() {
    let mut vault = TestVault::new().await;
    let member = vault.create_member().await;
    let cookie = read_cookie(&member.log_in().await);
    let client = member.client.served_by(vault.routes(&vault.services()));
    let (client, cookie) = refresh(&vault, &client, &cookie).await;
    list_topics(&client).await.expect(200);

    vault.accounts.required = RequireFactor::All;
    let client = vault.in_own_sandbox(&client);
    list_topics(&client).await.expect(200);
    let (client, cookie) = refresh(&vault, &client, &cookie).await;
    assert_problem(list_topics(&client).await, 403, "factor_owed");

    vault.accounts.required = RequireFactor::None;
    let client = vault.in_own_sandbox(&client);
    let (client, _) = refresh(&vault, &client, &cookie).await;
    list_topics(&client).await.expect(200);
}
