//! Backup codes: each is accepted once.

use futures_util::future::join_all;
use serde_json::json;
use tests::TestVault;
use tests::member::{PASSWORD, TwoFactorMember, read_codes};

use crate::assert_problem;

async fn count_left(member: &tests::member::Member) -> i64 {
    member.client.get("/api/auth/me").await.expect(200)["backup_codes_left"].as_i64().unwrap()
}

#[tokio::test]
async fn a_backup_code_is_accepted_once() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, backup_codes, .. } = vault.create_two_factor_member().await;
    for (used, code) in (1..).zip(&backup_codes) {
        member.log_in_with(code).await.expect(200);
        assert_problem(member.log_in_with(code).await, 401, "invalid_code");
        assert_eq!(count_left(&member).await, 10 - used);
    }
}

#[tokio::test]
async fn a_backup_code_is_read_without_hyphens_and_in_lower_case() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, backup_codes, .. } = vault.create_two_factor_member().await;
    member.log_in_with(&backup_codes[0].to_lowercase()).await.expect(200);
    member.log_in_with(&backup_codes[1].replace('-', "")).await.expect(200);
    member.log_in_with(&format!(" {} ", backup_codes[2].replace('-', " "))).await.expect(200);
    for code in [&backup_codes[3][1..], &format!("{}0", backup_codes[3]), &backup_codes[3].replace('-', "_")]
    {
        assert_problem(member.log_in_with(code).await, 401, "invalid_code");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_logins_with_one_backup_code_one_succeeds() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, backup_codes, .. } = vault.create_two_factor_member().await;
    let mut challenges = Vec::new();
    for _ in 0..20 {
        challenges.push(member.get_challenge().await);
    }
    let code = &backup_codes[0];
    let answers = join_all(challenges.into_iter().map(|challenge| {
        let (sandbox, body) = (vault.anonymous(), json!({"challenge": challenge, "code": code}));
        async move { sandbox.post("/api/auth/login/factor", body).await }
    }))
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(count_left(&member).await, 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_code_that_logs_in_and_disables_totp_at_once_does_one_of_them() {
    let vault = TestVault::new().await;
    for _ in 0..5 {
        let TwoFactorMember { member, backup_codes, .. } = vault.create_two_factor_member().await;
        let (code, challenge) = (&backup_codes[0], member.get_challenge().await);
        let (login, own) = (vault.anonymous(), vault.in_own_sandbox(&member.client));
        let (logged_in, disabled) = tokio::join!(
            login.post("/api/auth/login/factor", json!({"challenge": challenge, "code": code})),
            own.post("/api/auth/totp/disable", json!({"password": PASSWORD, "code": code})),
        );
        assert!((logged_in.status == 200) != (disabled.status == 204), "{logged_in:?} {disabled:?}");
    }
}

#[tokio::test]
async fn renewed_codes_replace_the_old_ones() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, app, backup_codes, .. } = vault.create_two_factor_member().await;
    member.log_in_with(&backup_codes[0]).await.expect(200);
    let renewed = read_codes(&member.renew_backup_codes(&app.next_code()).await.expect(200));
    assert!(renewed.len() == 10 && renewed.iter().all(|code| !backup_codes.contains(code)));
    assert_problem(member.log_in_with(&backup_codes[1]).await, 401, "invalid_code");
    assert_eq!(count_left(&member).await, 10);
    assert!(vault.audited(member.id()).await.contains(&"backup_codes.renewed".to_owned()));

    let again = read_codes(&member.renew_backup_codes(&renewed[0]).await.expect(200));
    assert_problem(member.log_in_with(&renewed[1]).await, 401, "invalid_code");
    member.log_in_with(&again[0]).await.expect(200);
    assert_eq!(vault.rows().await["backup_codes"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn a_renewal_needs_the_password_and_a_code_that_was_not_used() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, app, used_code, backup_codes } = vault.create_two_factor_member().await;
    member.log_in_with(&backup_codes[0]).await.expect(200);
    let before = vault.rows().await["backup_codes"].clone();
    let wrong = json!({"password": "Wrong-Horse-8", "code": app.next_code()});
    let answer = member.client.post("/api/auth/backup-codes", wrong).await;
    assert_problem(answer, 401, "invalid_credentials");
    for code in [&used_code, &app.code_after(3_600), &backup_codes[0], "no code"] {
        assert_problem(member.renew_backup_codes(code).await, 401, "invalid_code");
    }
    assert_eq!(vault.rows().await["backup_codes"], before);
}

#[tokio::test]
async fn the_database_has_only_hashes_of_backup_codes() {
    let vault = TestVault::new().await;
    let TwoFactorMember { backup_codes, .. } = vault.create_two_factor_member().await;
    let rows = vault.rows().await.to_string();
    for code in &backup_codes {
        assert!(!rows.contains(code) && !rows.contains(&code.replace('-', "")));
    }
}
