//! The second step of a login: a challenge and a code start one session.

use futures_util::future::join_all;
use serde_json::json;
use tests::member::{PASSWORD, TwoFactorMember};
use tests::{Response, TestVault};

use crate::assert_problem;
use crate::attempt_limits::assert_limited;

const FACTOR: &str = "/api/auth/login/factor";

/// Counts the sessions of all accounts.
async fn count_sessions(vault: &TestVault) -> i64 {
    let statement = "select count(*) from sessions";
    vault.database.superuser().await.query_one(statement, &[]).await.unwrap().get(0)
}

/// Sends these challenges and codes at once, each in a sandbox of its own.
async fn send_at_once(vault: &TestVault, pairs: Vec<(String, String)>) -> Vec<Response> {
    let sent = pairs.into_iter().map(|(challenge, code)| {
        let sandbox = vault.anonymous();
        async move { sandbox.post(FACTOR, json!({"challenge": challenge, "code": code})).await }
    });
    join_all(sent).await
}

fn count_successes(answers: &[Response]) -> usize {
    answers.iter().filter(|answer| answer.status == 200).count()
}

#[tokio::test]
async fn a_login_with_totp_answers_a_challenge_and_starts_no_session() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, .. } = vault.create_two_factor_member().await;
    let before = count_sessions(&vault).await;
    let answer = member.log_in().await;
    assert!(!answer.headers.contains_key("set-cookie"), "{:?}", answer.headers);
    let body = answer.expect(200);
    let factors = json!(["totp", "backup_code"]);
    let challenge = &body["challenge"];
    assert_eq!(body, json!({"challenge": challenge, "factors": factors}));
    assert_eq!(body["challenge"].as_str().unwrap().len(), 43, "256 bits");
    assert_eq!(count_sessions(&vault).await, before);
    let rows = vault.rows().await.to_string();
    assert!(!rows.contains(body["challenge"].as_str().unwrap()));
}

#[tokio::test]
async fn a_challenge_and_a_code_start_a_session() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, app, .. } = vault.create_two_factor_member().await;
    let answer = member.log_in_with(&app.next_code()).await;
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 2, "{:?}", answer.headers);
    let body = answer.expect(200);
    let token = &body["access_token"];
    assert_eq!(
        body,
        json!({"access_token": token, "token_type": "Bearer", "expires_in": 900, "password_must_change": false})
    );
    let client = vault.caller_with(&member.client, &body).await;
    client.get("/api/auth/me/quota").await.expect(200);
    let actions = vault.audited(member.id()).await;
    assert_eq!(actions.iter().filter(|action| *action == "session.started").count(), 3, "{actions:?}");
}

#[tokio::test]
async fn a_step_is_accepted_once_and_no_older_one_after_it() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, app, used_code, .. } = vault.create_two_factor_member().await;
    assert_problem(member.log_in_with(&used_code).await, 401, "invalid_code");
    vault.forget_steps().await;
    let (current, next) = (app.code(), app.next_code());
    member.log_in_with(&next).await.expect(200);
    for code in [&next, &current] {
        assert_problem(member.log_in_with(code).await, 401, "invalid_code");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_logins_with_one_code_one_succeeds() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, app, .. } = vault.create_two_factor_member().await;
    let mut challenges = Vec::new();
    for _ in 0..20 {
        challenges.push(member.get_challenge().await);
    }
    let code = app.next_code();
    let pairs = challenges.into_iter().map(|challenge| (challenge, code.clone())).collect();
    let before = count_sessions(&vault).await;
    assert_eq!(count_successes(&send_at_once(&vault, pairs).await), 1);
    assert_eq!(count_sessions(&vault).await, before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_codes_with_one_challenge_one_succeeds() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, backup_codes, .. } = vault.create_two_factor_member().await;
    let challenge = member.get_challenge().await;
    let codes = backup_codes.iter().chain(&backup_codes);
    let pairs = codes.map(|code| (challenge.clone(), code.clone())).collect();
    assert_eq!(count_successes(&send_at_once(&vault, pairs).await), 1);
    let me = member.client.get("/api/auth/me").await.expect(200);
    assert_eq!(me["backup_codes_left"], 9, "a challenge that was used uses up no more codes");
}

#[tokio::test]
async fn a_challenge_is_used_once() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, backup_codes, .. } = vault.create_two_factor_member().await;
    let challenge = member.get_challenge().await;
    member.send_code(&challenge, &backup_codes[0]).await.expect(200);
    let again = member.send_code(&challenge, &backup_codes[1]).await;
    assert_problem(again, 401, "invalid_challenge");
    member.log_in_with(&backup_codes[1]).await.expect(200);
}

#[tokio::test]
async fn wrong_codes_are_limited_for_the_account_and_are_in_the_audit_log() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, app, backup_codes, .. } = vault.create_two_factor_member().await;
    let other = vault.create_two_factor_member().await;
    for code in ["", "no code", &app.code_after(3_600), &app.code_after(7_200), "287\u{a0}082"] {
        assert_problem(member.log_in_with(code).await, 401, "invalid_code");
    }
    let challenge = member.get_challenge().await;
    let limited = member.send_code(&challenge, &app.next_code()).await;
    assert!(limited.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() <= 30);
    assert_problem(limited, 429, "too_many_attempts");
    other.member.log_in_with(&other.app.next_code()).await.expect(200);
    // Backup codes have limits of their own.
    member.send_code(&challenge, &backup_codes[0]).await.expect(200);
    for _ in 0..5 {
        assert_problem(member.log_in_with(&backup_codes[0]).await, 401, "invalid_code");
    }
    assert_problem(member.log_in_with(&backup_codes[1]).await, 429, "too_many_attempts");
    vault.forget_attempts().await;
    member.log_in_with(&app.next_code()).await.expect(200);
    let failed =
        vault.audited(member.id()).await.into_iter().filter(|action| action == "login.failed").count();
    assert_eq!(failed, 10);
}

#[tokio::test]
async fn of_codes_that_fail_in_a_row_a_hundred_are_admitted_and_then_one_in_a_day() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, app, backup_codes, .. } = vault.create_two_factor_member().await;
    let challenge = member.get_challenge().await;
    let mut admitted = 0;
    let wait = loop {
        let answer = member.send_code(&challenge, &app.code_after(3_600)).await;
        if answer.status == 429 {
            let wait = assert_limited(answer);
            if wait > 900 {
                break wait;
            }
            vault.age_minutes(15).await;
        } else {
            assert_problem(answer, 401, "invalid_code");
            admitted += 1;
        }
    };
    assert_eq!(admitted, 100);
    assert!((86_000..=86_400).contains(&wait), "{wait}");
    member.log_in_with(&backup_codes[0]).await.expect(200);
    assert_problem(member.log_in_with(&app.next_code()).await, 429, "too_many_attempts");

    vault.age_minutes(24 * 60).await;
    member.log_in_with(&app.next_code()).await.expect(200);
    for _ in 0..5 {
        assert_problem(member.log_in_with(&app.code_after(3_600)).await, 401, "invalid_code");
    }
}

#[tokio::test]
async fn a_right_code_gives_back_the_attempts_of_the_account() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, backup_codes, .. } = vault.create_two_factor_member().await;
    for code in &backup_codes[..3] {
        for wrong in [&"0".repeat(24), &"1".repeat(24), &"2".repeat(24), &"3".repeat(24)] {
            assert_problem(member.log_in_with(wrong).await, 401, "invalid_code");
        }
        member.log_in_with(code).await.expect(200);
    }
}

#[tokio::test]
async fn a_challenge_ends_with_its_time_and_with_changes_of_the_account() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, backup_codes, .. } = vault.create_two_factor_member().await;
    for (change, undo) in [
        ("update login_challenges set expires_at = now()", "select"),
        (
            "update users set password_hash = password_hash || ' '",
            "update users set password_hash = trim(password_hash)",
        ),
        ("update users set active = false", "update users set active = true"),
        ("update users set totp_enabled = false", "update users set totp_enabled = true"),
    ] {
        let challenge = member.get_challenge().await;
        vault.tamper(change).await;
        let answer = member.send_code(&challenge, &backup_codes[0]).await;
        vault.tamper(undo).await;
        assert_problem(answer, 401, "invalid_challenge");
    }
    member.log_in_with(&backup_codes[0]).await.expect(200);
}

#[tokio::test]
async fn a_login_removes_the_expired_challenges_of_its_account() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, .. } = vault.create_two_factor_member().await;
    for _ in 0..3 {
        member.get_challenge().await;
    }
    vault.tamper("update login_challenges set expires_at = now()").await;
    member.get_challenge().await;
    assert_eq!(vault.rows().await["login_challenges"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_challenge_belongs_to_one_account() {
    let vault = TestVault::new().await;
    let ada = vault.create_two_factor_member().await;
    let bob = vault.create_two_factor_member().await;
    let challenge = ada.member.get_challenge().await;
    for code in [&bob.app.next_code(), &bob.backup_codes[0]] {
        assert_problem(ada.member.send_code(&challenge, code).await, 401, "invalid_code");
    }
    bob.member.log_in_with(&bob.backup_codes[0]).await.expect(200);
}

#[tokio::test]
async fn no_token_passes_for_a_challenge_and_a_challenge_for_no_token() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, backup_codes, .. } = vault.create_two_factor_member().await;
    let answer = member.log_in_with(&backup_codes[0]).await;
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().cloned().collect();
    let values: Vec<_> =
        cookies.iter().map(|cookie| cookie.to_str().unwrap().split(['=', ';']).nth(1).unwrap()).collect();
    let access = answer.body["access_token"].as_str().unwrap();
    for token in [access, values[0], values[1], "", "a", &"A".repeat(43), &"A".repeat(100_000)] {
        let refused = member.send_code(token, &backup_codes[1]).await;
        if token.len() > 60_000 {
            assert_problem(refused, 413, "body_too_large");
        } else {
            assert_problem(refused, 401, "invalid_challenge");
        }
    }

    let challenge = member.get_challenge().await;
    let bearer = member.client.signed_in(member.client.user(), challenge.clone());
    assert_problem(bearer.get("/api/auth/me").await, 401, "unauthenticated");
    let name = cookies[0].to_str().unwrap().split('=').next().unwrap();
    let request = axum::http::Request::post("/api/auth/refresh")
        .header("content-type", "application/json")
        .header("cookie", format!("{name}={challenge}"));
    let refused = member.client.anonymous().request(request.body("{}".into()).unwrap()).await;
    assert_problem(refused, 401, "session_ended");
    member.send_code(&challenge, &backup_codes[1]).await.expect(200);
}

#[tokio::test]
async fn a_wrong_password_is_told_before_the_second_factor() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, .. } = vault.create_two_factor_member().await;
    let wrong = json!({"email": member.email, "password": format!("{PASSWORD}!")});
    let answer = member.client.anonymous().post("/api/auth/login", wrong).await;
    assert_problem(answer, 401, "invalid_credentials");
    let rows = vault.rows().await;
    assert!(rows["login_challenges"].is_null(), "{rows}");
}
