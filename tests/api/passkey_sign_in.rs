//! Signing in with a passkey.

use docuvault::id::UserId;
use serde_json::{Value, json};
use tests::TestVault;
use tests::member::Member;
use tests::passkey::{Challenge, SoftwarePasskey, get_challenge, send_answer, sign_in};
use uuid::Uuid;

use crate::assert_problem;

/// Creates an account with a passkey.
async fn create(vault: &TestVault) -> (Member, SoftwarePasskey) {
    let mut member = vault.create_member().await;
    let (passkey, _) = member.add_passkey("Phone").await;
    (member, passkey)
}

/// Reads the entries of the audit log about an account with this action.
async fn details(vault: &TestVault, user: UserId, action: &str) -> Vec<Value> {
    let statement = "select details from audit_log where target_id = $1 and action = $2 order by at";
    let rows = vault.database.superuser().await.query(statement, &[&user, &action]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn a_passkey_starts_a_session_as_a_login_does() {
    let vault = TestVault::new().await;
    let (member, mut passkey) = create(&vault).await;
    let answer = sign_in(&member.client, &mut passkey).await;
    let cookies: Vec<_> =
        answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    for (cookie, name) in cookies.iter().zip(["__Host-refresh=", "__Host-device="]) {
        assert!(
            cookie.starts_with(name) && cookie.contains("; HttpOnly; SameSite=Strict; Secure"),
            "{cookie}"
        );
    }
    assert_eq!(cookies.len(), 2);
    let body = answer.expect(200);
    assert_eq!((&body["token_type"], &body["password_must_change"]), (&json!("Bearer"), &json!(false)));
    let client = vault.caller_with(&member.client, &body).await;
    assert_eq!(client.get("/api/auth/me").await.expect(200)["email"], member.email);
    assert_eq!(client.id(), member.id());
    let started = details(&vault, member.id(), "session.started").await.pop().unwrap();
    assert!(started["passkey_id"].is_string() && started["new_device"] == true, "{started}");
    assert_eq!(vault.rows().await["passkey_challenges"], Value::Null);
}

#[tokio::test]
async fn a_challenge_for_a_sign_in_names_no_account() {
    let vault = TestVault::new().await;
    let (member, _) = create(&vault).await;
    let options = get_challenge(&member.client).await.options;
    assert_eq!(
        (&options["allowCredentials"], &options["userVerification"]),
        (&json!([]), &json!("required"))
    );
    assert_ne!(options["challenge"], get_challenge(&member.client).await.options["challenge"]);
}

#[tokio::test]
async fn a_passkey_needs_no_code_of_the_second_factor() {
    let vault = TestVault::new().await;
    let (member, mut passkey) = create(&vault).await;
    let app = member.set_up_totp().await;
    member.enable_totp(&app.code()).await.expect(200);
    let client =
        vault.caller_with(&member.client, &sign_in(&member.client, &mut passkey).await.expect(200)).await;
    client.get("/api/topics").await.expect(200);
}

#[tokio::test]
async fn an_inactive_account_is_refused_and_an_owed_password_stays_owed() {
    let vault = TestVault::new().await;
    let (member, mut passkey) = create(&vault).await;
    vault.tamper("update users set active = false").await;
    assert_problem(sign_in(&member.client, &mut passkey).await, 401, "passkey_refused");
    assert_eq!(details(&vault, member.id(), "login.failed").await.len(), 1);
    vault.tamper("update users set active = true, password_must_change = true").await;
    let body = sign_in(&member.client, &mut passkey).await.expect(200);
    assert_eq!(body["password_must_change"], true);
    let client = vault.caller_with(&member.client, &body).await;
    assert_problem(client.get("/api/topics").await, 403, "password_change_owed");
    vault.tamper("update users set password_expires_at = now()").await;
    assert_problem(sign_in(&member.client, &mut passkey).await, 403, "temporary_password_expired");
    vault.tamper("delete from users").await;
    assert_problem(sign_in(&member.client, &mut passkey).await, 401, "passkey_refused");
}

#[tokio::test]
async fn a_count_that_does_not_grow_is_refused_and_audited() {
    let vault = TestVault::new().await;
    let (member, mut passkey) = create(&vault).await;
    for (count, accepted) in
        [(5, true), (5, false), (4, false), (0, false), (6, true), (u32::MAX, true), (7, false)]
    {
        let challenge = get_challenge(&member.client).await;
        let answer = passkey.get(&challenge.options, |answer| answer.count = count);
        let answer = send_answer(&member.client, &challenge, answer).await;
        if accepted {
            answer.expect(200);
        } else {
            assert_problem(answer, 401, "passkey_refused");
        }
    }
    let refused = details(&vault, member.id(), "passkey.refused").await;
    assert_eq!(refused.len(), 4);
    assert!(refused.iter().all(|entry| entry["passkey_id"].is_string()), "{refused:?}");
    assert_eq!(details(&vault, member.id(), "login.failed").await.len(), 0);
}

#[tokio::test]
async fn a_passkey_that_does_not_count_is_accepted_again_and_again() {
    let vault = TestVault::new().await;
    let (member, mut passkey) = create(&vault).await;
    for _ in 0..3 {
        let challenge = get_challenge(&member.client).await;
        let answer = passkey.get(&challenge.options, |answer| answer.count = 0);
        send_answer(&member.client, &challenge, answer).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_answers_with_one_count_sign_in_once() {
    let vault = TestVault::new().await;
    let (member, mut passkey) = create(&vault).await;
    let (one, two) = (get_challenge(&member.client).await, get_challenge(&member.client).await);
    let [a, b] = [&one, &two].map(|challenge| passkey.get(&challenge.options, |answer| answer.count = 9));
    let (here, there) = (vault.in_own_sandbox(&member.client), vault.in_own_sandbox(&member.client));
    let (a, b) = tokio::join!(send_answer(&here, &one, a), send_answer(&there, &two, b));
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
}

#[tokio::test]
async fn challenges_for_sign_ins_are_limited_per_address() {
    let vault = TestVault::new().await;
    let anybody = vault.anonymous();
    for _ in 0..50 {
        get_challenge(&anybody).await;
    }
    let before = vault.rows().await["passkey_challenges"].take();
    let answer = anybody.send("POST", "/api/auth/passkeys/challenge", None).await;
    assert!(answer.headers.contains_key("retry-after"));
    assert_problem(answer, 429, "too_many_attempts");
    assert_eq!(vault.rows().await["passkey_challenges"], before);
}

#[tokio::test]
async fn answers_without_a_challenge_are_limited_per_address() {
    let vault = TestVault::new().await;
    let (member, mut passkey) = create(&vault).await;
    let challenge = get_challenge(&member.client).await;
    let right = passkey.get(&challenge.options, |_| {});
    let unknown = Challenge { id: json!(Uuid::new_v4()), options: Value::Null };
    for _ in 0..49 {
        let answer = send_answer(&member.client, &unknown, right.clone()).await;
        assert_problem(answer, 401, "passkey_refused");
    }
    let before = vault.rows().await["audit_log"].take();
    let answer = send_answer(&member.client, &unknown, right.clone()).await;
    assert!(answer.headers.contains_key("retry-after"));
    assert_problem(answer, 429, "too_many_attempts");
    assert_eq!(vault.rows().await["audit_log"], before);
    send_answer(&member.client, &challenge, right).await.expect(200);
}
