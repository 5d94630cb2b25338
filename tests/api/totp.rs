//! Setting TOTP up, enabling it and disabling it.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::member::{Member, PASSWORD, TwoFactorMember, read_codes};
use tests::{Client, TestVault};

use crate::assert_problem;

const SET_UP: &str = "/api/auth/totp/setup";
const ENABLE: &str = "/api/auth/totp/enable";
const DISABLE: &str = "/api/auth/totp/disable";

async fn is_enabled(client: &Client) -> bool {
    client.get("/api/auth/me").await.expect(200)["totp_enabled"].as_bool().unwrap()
}

/// Returns all that the database has about second factors.
async fn factors(vault: &TestVault) -> [Value; 2] {
    let mut rows = vault.rows().await;
    [rows["users"].take(), rows["backup_codes"].take()]
}

/// Starts another session of a member who has no second factor.
async fn other_session(vault: &TestVault, member: &Member) -> Client {
    vault.caller_with(&member.client, &member.log_in().await.expect(200)).await
}

#[tokio::test]
async fn a_setup_shows_a_secret_that_is_not_yet_in_use() {
    let vault = TestVault::new().await;
    let member = vault.create_member().await;
    let body = member.client.post(SET_UP, json!({"password": PASSWORD})).await.expect(200);
    let (secret, url) = (body["secret"].as_str().unwrap(), body["otpauth_url"].as_str().unwrap());
    assert_eq!(secret.len(), 32, "160 bits in base 32");
    let account = member.email.replace('@', "%40");
    assert_eq!(url, format!("otpauth://totp/DocuVault:{account}?secret={secret}&issuer=DocuVault"));
    assert!(body["qr_svg"].as_str().unwrap().contains("<svg"));
    assert_eq!(body.as_object().unwrap().len(), 3, "{body}");
    assert!(!is_enabled(&member.client).await);
    assert!(member.log_in().await.expect(200)["access_token"].is_string());
}

#[tokio::test]
async fn a_code_of_the_secret_enables_totp_and_shows_ten_backup_codes() {
    let vault = TestVault::new().await;
    let mut member = vault.create_member().await;
    let app = member.set_up_totp().await;
    let wrong = member.enable_totp(&app.code_after(3_600)).await;
    assert_problem(wrong, 401, "invalid_code");
    assert!(!is_enabled(&member.client).await);
    let enabled = member.enable_totp(&app.code()).await.expect(200);
    let codes = read_codes(&enabled);
    assert_eq!(codes.len(), 10);
    for (place, code) in codes.iter().enumerate() {
        assert!(code.len() == 29 && !codes[..place].contains(code), "{codes:?}");
    }
    member.client = vault.caller_with(&member.client, &enabled).await;
    assert!(is_enabled(&member.client).await);
    let me = member.client.get("/api/auth/me").await.expect(200);
    assert_eq!(me["backup_codes_left"], 10);
}

#[tokio::test]
async fn a_backup_code_does_not_enable_totp() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, backup_codes, .. } = vault.create_two_factor_member().await;
    vault.tamper("update users set totp_enabled = false").await;
    assert_problem(member.enable_totp(&backup_codes[0]).await, 401, "invalid_code");
}

#[tokio::test]
async fn a_setup_replaces_a_secret_that_is_not_in_use_and_no_other() {
    let vault = TestVault::new().await;
    let mut member = vault.create_member().await;
    let (first, second) = (member.set_up_totp().await, member.set_up_totp().await);
    assert_problem(member.enable_totp(&first.code()).await, 401, "invalid_code");
    let enabled = member.enable_totp(&second.code()).await.expect(200);
    member.client = vault.caller_with(&member.client, &enabled).await;
    let before = vault.rows().await;
    assert_problem(member.client.post(SET_UP, json!({"password": PASSWORD})).await, 409, "totp_enabled");
    assert_problem(member.enable_totp(&second.next_code()).await, 409, "totp_enabled");
    assert_eq!(vault.rows().await, before);
    member.log_in_with(&second.next_code()).await.expect(200);
}

#[tokio::test]
async fn enabling_totp_ends_all_sessions_starts_one_and_is_in_the_audit_log() {
    let vault = TestVault::new().await;
    let mut member = vault.create_member().await;
    let (other, stranger) = (other_session(&vault, &member).await, vault.create_member().await);
    let app = member.set_up_totp().await;
    assert!(!is_enabled(&other).await);
    let enabled = member.enable_totp(&app.code()).await.expect(200);
    for ended in [&other, &member.client] {
        assert_problem(ended.get("/api/auth/me").await, 401, "unauthenticated");
    }
    member.client = vault.caller_with(&member.client, &enabled).await;
    assert!(is_enabled(&member.client).await);
    assert!(!is_enabled(&stranger.client).await);
    let actions = vault.audited(member.id()).await;
    assert!(actions.contains(&"factor.enabled".to_owned()), "{actions:?}");
    assert!(actions.contains(&"session.ended".to_owned()), "{actions:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_requests_at_once_one_enables_totp() {
    let vault = TestVault::new().await;
    let member = vault.create_member().await;
    let app = member.set_up_totp().await;
    let (code, client) = (app.code(), &member.client);
    let answers = join_all((0..20).map(|_| {
        let sandbox = vault.in_own_sandbox(client);
        let body = json!({"code": code});
        async move { sandbox.post(ENABLE, body).await }
    }))
    .await;
    let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!(done.len(), 1);
    for answer in refused {
        // The one that succeeds ends the session in which all are sent.
        let (status, code) = match answer.status {
            401 => (401, "unauthenticated"),
            409 => (409, "totp_enabled"),
            _ => (429, "too_many_attempts"),
        };
        assert_problem(answer, status, code);
    }
    assert_eq!(vault.rows().await["backup_codes"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn disabling_needs_the_password_and_a_code() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, app, used_code, .. } = vault.create_two_factor_member().await;
    let before = factors(&vault).await;
    let wrong = json!({"password": "Wrong-Horse-8", "code": app.next_code()});
    assert_problem(member.client.post(DISABLE, wrong).await, 401, "invalid_credentials");
    assert_problem(member.disable_totp(&app.code_after(3_600)).await, 401, "invalid_code");
    assert_problem(member.disable_totp(&used_code).await, 401, "invalid_code");
    assert_eq!(factors(&vault).await, before, "a wrong password does not use up the code");
    let failed = vault.audited(member.id()).await.into_iter().filter(|action| action == "login.failed");
    assert_eq!(failed.count(), 3, "a wrong password and two wrong codes");

    member.disable_totp(&app.next_code()).await.expect(204);
    assert!(!is_enabled(&member.client).await);
    assert!(member.log_in().await.expect(200)["access_token"].is_string());
    let rows = vault.rows().await;
    assert_eq!(rows["backup_codes"], Value::Null);
    assert_eq!(
        (&rows["users"][0]["totp_secret"], &rows["users"][0]["totp_key"]),
        (&Value::Null, &Value::Null)
    );
    assert!(vault.audited(member.id()).await.contains(&"factor.disabled".to_owned()));
}

#[tokio::test]
async fn totp_can_be_set_up_again_with_another_secret() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, app, backup_codes, .. } = vault.create_two_factor_member().await;
    member.disable_totp(&backup_codes[3]).await.expect(204);
    let second = member.set_up_totp().await;
    assert_problem(member.enable_totp(&app.code()).await, 401, "invalid_code");
    member.enable_totp(&second.code()).await.expect(200);
    assert_problem(member.log_in_with(&backup_codes[4]).await, 401, "invalid_code");
}

#[tokio::test]
async fn what_is_not_set_up_is_neither_enabled_nor_disabled() {
    let vault = TestVault::new().await;
    let member = vault.create_member().await;
    assert_problem(member.enable_totp("287082").await, 409, "totp_not_set_up");
    for _ in 0..2 {
        assert_problem(member.disable_totp("287082").await, 409, "totp_not_enabled");
        assert_problem(member.renew_backup_codes("287082").await, 409, "totp_not_enabled");
        member.set_up_totp().await;
    }
}

#[tokio::test]
async fn a_wrong_password_sets_nothing_up() {
    let vault = TestVault::new().await;
    let member = vault.create_member().await;
    let before = factors(&vault).await;
    for password in ["Wrong-Horse-8", "", &"a".repeat(10_000)] {
        let answer = member.client.post(SET_UP, json!({"password": password})).await;
        assert_problem(answer, 401, "invalid_credentials");
    }
    assert_eq!(factors(&vault).await, before);
}

#[tokio::test]
async fn a_text_that_is_no_code_is_refused() {
    let vault = TestVault::new().await;
    let member = vault.create_member().await;
    let app = member.set_up_totp().await;
    let code = app.code();
    let arabic: String = code.chars().map(|c| char::from_u32(c as u32 - 0x30 + 0x660).unwrap()).collect();
    for text in [
        "",
        " ",
        &code[1..],
        &format!("0{code}"),
        &format!("+{}", &code[1..]),
        &arabic,
        "\0",
        &"1".repeat(60_000),
    ] {
        assert_problem(member.enable_totp(text).await, 401, "invalid_code");
    }
    member.enable_totp(&format!("{} {}", &code[..3], &code[3..])).await.expect(200);
}

#[tokio::test]
async fn only_an_account_without_other_duties_has_second_factors() {
    let vault = TestVault::new().await;
    let member = vault.create_member().await;
    for (path, body) in [
        (SET_UP, json!({"password": PASSWORD})),
        (ENABLE, json!({"code": "287082"})),
        (DISABLE, json!({"password": PASSWORD, "code": "287082"})),
        ("/api/auth/backup-codes", json!({"password": PASSWORD, "code": "287082"})),
    ] {
        let send = async |client: &Client| client.post(path, body.clone()).await;
        assert_problem(send(&member.client.anonymous()).await, 401, "unauthenticated");
        vault.tamper("update users set password_must_change = true").await;
        assert_problem(send(&member.client).await, 403, "password_change_owed");
        vault.tamper("update users set password_must_change = false, active = false").await;
        assert_problem(send(&member.client).await, 401, "unauthenticated");
        vault.tamper("update users set active = true").await;
    }
}

#[tokio::test]
async fn wrong_passwords_and_codes_are_limited() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, app, .. } = vault.create_two_factor_member().await;
    for _ in 0..5 {
        let wrong = json!({"password": "Wrong-Horse-8", "code": app.next_code()});
        let answer = member.client.post("/api/auth/backup-codes", wrong).await;
        assert_problem(answer, 401, "invalid_credentials");
        assert_problem(member.disable_totp(&app.code_after(3_600)).await, 401, "invalid_code");
    }
    let limited = member.disable_totp(&app.next_code()).await;
    assert!(limited.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() <= 30);
    assert_problem(limited, 429, "too_many_attempts");
    vault.forget_attempts().await;
    member.disable_totp(&app.next_code()).await.expect(204);
}
