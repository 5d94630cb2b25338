//! A passkey as the second factor that an account must have (`REQUIRE_FACTOR`).

use docuvault::config::RequireFactor;
use serde_json::json;
use tests::member::{Member, PASSWORD};
use tests::passkey::sign_in;
use tests::{Client, Response, TestVault};

use crate::assert_problem;

/// Creates an account in a vault in which every account must have a second factor.
async fn create() -> (TestVault, Member) {
    let mut vault = TestVault::new().await;
    vault.accounts.required = RequireFactor::All;
    let member = vault.create_member().await;
    (vault, member)
}

async fn list_topics(client: &Client) -> Response {
    client.get("/api/topics").await
}

/// Logs in with the password alone.
async fn log_in(vault: &TestVault, member: &Member) -> Member {
    let client = vault.caller_with(&member.client, &member.log_in().await.expect(200)).await;
    Member { email: member.email.clone(), client }
}

/// Uses the refresh token in the cookies of an answer. Returns the caller with the next access token.
async fn refresh(vault: &TestVault, client: &Client, first: &Response) -> Client {
    assert_eq!(first.status, 200, "{}", first.body);
    let cookie = first.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    let request = axum::http::Request::post("/api/auth/refresh")
        .header("content-type", "application/json")
        .header("cookie", cookie);
    let answer = client.anonymous().request(request.body("{}".into()).unwrap()).await;
    vault.caller_with(client, &answer.expect(200)).await
}

#[tokio::test]
async fn a_passkey_is_a_factor_for_the_session_that_registers_it_and_for_those_that_it_starts() {
    let (vault, mut member) = create().await;
    assert_problem(list_topics(&member.client).await, 403, "factor_owed");
    let (mut passkey, _) = member.add_passkey("Phone").await;
    list_topics(&member.client).await.expect(200);
    let answer = sign_in(&member.client, &mut passkey).await;
    let client = refresh(&vault, &member.client, &answer).await;
    list_topics(&client).await.expect(200);
}

#[tokio::test]
async fn who_knows_only_the_password_gets_nothing_and_adds_no_factor() {
    let (vault, mut member) = create().await;
    let (mut passkey, id) = member.add_passkey("Phone").await;
    let owner =
        vault.caller_with(&member.client, &sign_in(&member.client, &mut passkey).await.expect(200)).await;
    let mut thief = log_in(&vault, &member).await;
    let password = json!({"password": PASSWORD});
    for path in ["/api/auth/me/passkeys/challenge", "/api/auth/totp/setup"] {
        assert_problem(thief.client.post(path, password.clone()).await, 403, "factor_owed");
    }
    assert_problem(thief.remove_passkey(&id, PASSWORD).await, 403, "factor_owed");
    assert_problem(list_topics(&thief.client).await, 403, "factor_owed");
    list_topics(&owner).await.expect(200);
}

#[tokio::test]
async fn the_first_factor_of_two_sessions_that_owe_one_is_the_only_one() {
    let (vault, mut member) = create().await;
    let mut thief = log_in(&vault, &member).await;
    let app = thief.set_up_totp().await;
    let challenge = thief.get_passkey_challenge().await;
    member.add_passkey("Phone").await;
    let credential =
        tests::passkey::SoftwarePasskey::new(&challenge.options).create(&challenge.options, |_| {});
    assert_problem(thief.send_passkey(&challenge, "Thief", credential).await, 401, "unauthenticated");
    assert_problem(thief.enable_totp(&app.code()).await, 401, "unauthenticated");
    let again = log_in(&vault, &member).await;
    assert_problem(again.enable_totp(&app.code()).await, 403, "factor_owed");
}

#[tokio::test]
async fn who_removes_the_last_factor_owes_one() {
    let (vault, mut member) = create().await;
    let (mut passkey, first) = member.add_passkey("Phone").await;
    let (_, second) = member.add_passkey("Security key").await;
    let client =
        vault.caller_with(&member.client, &sign_in(&member.client, &mut passkey).await.expect(200)).await;
    let mut session = Member { email: member.email.clone(), client };
    session.remove_passkey(&second, PASSWORD).await.expect(200);
    list_topics(&session.client).await.expect(200);
    session.remove_passkey(&first, PASSWORD).await.expect(200);
    assert_problem(list_topics(&session.client).await, 403, "factor_owed");
    session.add_passkey("New phone").await;
    list_topics(&session.client).await.expect(200);
}

#[tokio::test]
async fn without_its_passkey_a_session_owes_no_more_than_totp_fulfils() {
    let (vault, mut member) = create().await;
    let (mut passkey, id) = member.add_passkey("Phone").await;
    let client =
        vault.caller_with(&member.client, &sign_in(&member.client, &mut passkey).await.expect(200)).await;
    let mut session = Member { email: member.email.clone(), client };
    let app = session.set_up_totp().await;
    let enabled = session.enable_totp(&app.code()).await.expect(200);
    session.client = vault.caller_with(&session.client, &enabled).await;
    let body = json!({"password": PASSWORD, "code": app.next_code()});
    let path = format!("/api/auth/me/passkeys/{id}");
    let answer = session.client.send("DELETE", &path, Some(body)).await;
    let client = refresh(&vault, &session.client, &answer).await;
    list_topics(&client).await.expect(200);
}

#[tokio::test]
async fn a_session_of_a_passkey_owes_nothing_after_totp_is_disabled() {
    let (vault, mut member) = create().await;
    member.add_passkey("Phone").await;
    let app = member.set_up_totp().await;
    let enabled = member.enable_totp(&app.code()).await.expect(200);
    member.client = vault.caller_with(&member.client, &enabled).await;
    member.disable_totp(&app.next_code()).await.expect(204);
    list_topics(&member.client).await.expect(200);
}

#[tokio::test]
async fn a_session_of_a_passkey_stays_one_when_its_password_is_changed() {
    let (vault, mut member) = create().await;
    member.add_passkey("Phone").await;
    let body = json!({"current_password": PASSWORD, "new_password": "Battery-Staple-8"});
    let answer = member.client.post("/api/auth/change-password", body).await;
    let client = refresh(&vault, &member.client, &answer).await;
    list_topics(&client).await.expect(200);
}
