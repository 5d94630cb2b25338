//! Registering passkeys, and what their owner does with them.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::member::{Member, PASSWORD, TwoFactorMember};
use tests::passkey::{Challenge, DOMAIN, SoftwarePasskey, decode, sign_in};
use tests::{Client, TestVault};
use uuid::Uuid;

use crate::assert_problem;

const PASSKEYS: &str = "/api/auth/me/passkeys";
const CHALLENGE: &str = "/api/auth/me/passkeys/challenge";

async fn list(client: &Client) -> Vec<Value> {
    let body = client.get(PASSKEYS).await.expect(200);
    assert_eq!(body["next_cursor"], Value::Null);
    body["items"].as_array().unwrap().clone()
}

async fn names(client: &Client) -> Vec<String> {
    list(client).await.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_challenge_has_the_options_for_the_browser() {
    let vault = TestVault::new().await;
    let mut member = vault.create_member().await;
    let options = member.get_passkey_challenge().await.options;
    assert_eq!(options["rp"], json!({"name": "DocuVault", "id": DOMAIN}));
    assert_eq!(decode(options["user"]["id"].as_str().unwrap()), member.id().0.as_bytes());
    assert_eq!(options["user"]["name"], member.email);
    assert_eq!(decode(options["challenge"].as_str().unwrap()).len(), 32);
    let selection = &options["authenticatorSelection"];
    assert_eq!(selection["residentKey"], "required");
    assert_eq!(selection["requireResidentKey"], true);
    assert_eq!(selection["userVerification"], "required");
    assert_eq!(options["attestation"], "none");
    let (first, _) = member.add_passkey("Phone").await;
    let excluded = member.get_passkey_challenge().await.options["excludeCredentials"].take();
    assert_eq!(decode(excluded[0]["id"].as_str().unwrap()), first.credential_id);
}

#[tokio::test]
async fn a_registered_passkey_is_listed_without_its_key() {
    let vault = TestVault::new().await;
    let mut member = vault.create_member().await;
    assert_eq!(names(&member.client).await, [""; 0]);
    let (mut passkey, id) = member.add_passkey("  My \t Phone ").await;
    member.add_passkey("Security key").await;
    assert_eq!(names(&member.client).await, ["Security key", "My Phone"]);
    let shown = &list(&member.client).await[1];
    assert_eq!((&shown["id"], &shown["last_used_at"]), (&json!(id), &Value::Null));
    assert_eq!(shown.as_object().unwrap().len(), 4, "{shown}");
    sign_in(&member.client, &mut passkey).await.expect(200);
    assert!(list(&member.client).await[1]["last_used_at"].is_string());
    let page = member.client.get(&format!("{PASSKEYS}?limit=1")).await.expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    let page = member.client.get(&format!("{PASSKEYS}?limit=1&cursor={cursor}")).await.expect(200);
    assert_eq!(page["items"][0]["id"], id);
}

#[tokio::test]
async fn registering_ends_all_sessions_begins_one_and_is_in_the_audit_log() {
    let vault = TestVault::new().await;
    let (mut member, stranger) = (vault.create_member().await, vault.create_member().await);
    let other = vault.caller_with(&member.client, &member.log_in().await.expect(200)).await;
    let first = member.client.clone();
    member.add_passkey("Phone").await;
    for ended in [first, other] {
        assert_problem(ended.get("/api/auth/me").await, 401, "unauthenticated");
    }
    member.client.get("/api/auth/me").await.expect(200);
    stranger.client.get("/api/auth/me").await.expect(200);
    let actions = vault.audited(member.id()).await;
    for action in ["passkey.registered", "session.ended"] {
        assert!(actions.contains(&action.to_owned()), "{actions:?}");
    }
}

#[tokio::test]
async fn a_passkey_gets_another_name() {
    let vault = TestVault::new().await;
    let (mut member, stranger) = (vault.create_member().await, vault.create_member().await);
    let (_, id) = member.add_passkey("Phone").await;
    let path = format!("{PASSKEYS}/{id}");
    let body = member.client.patch(&path, json!({"name": "Old  phone"})).await.expect(200);
    assert_eq!((&body["id"], &body["name"]), (&json!(id), &json!("Old phone")));
    for name in ["", " ", "\0", "a\u{202e}b", "\u{200b}", &"x".repeat(65)] {
        assert_problem(member.client.patch(&path, json!({"name": name})).await, 422, "invalid");
    }
    assert_problem(stranger.client.patch(&path, json!({"name": "Mine"})).await, 404, "not_found");
    let unknown = format!("{PASSKEYS}/{}", Uuid::new_v4());
    assert_problem(member.client.patch(&unknown, json!({"name": "Mine"})).await, 404, "not_found");
    assert_eq!(names(&member.client).await, ["Old phone"]);
}

#[tokio::test]
async fn a_removed_passkey_signs_nobody_in() {
    let vault = TestVault::new().await;
    let (mut member, mut stranger) = (vault.create_member().await, vault.create_member().await);
    let (mut passkey, id) = member.add_passkey("Phone").await;
    let other =
        vault.caller_with(&member.client, &sign_in(&member.client, &mut passkey).await.expect(200)).await;
    assert_problem(member.remove_passkey(&id, "Wrong-Horse-8").await, 401, "invalid_credentials");
    let before = vault.rows().await;
    assert_problem(stranger.remove_passkey(&id, PASSWORD).await, 404, "not_found");
    assert_problem(member.remove_passkey(&Uuid::new_v4().to_string(), PASSWORD).await, 404, "not_found");
    assert_eq!(vault.rows().await, before);

    let first = member.client.clone();
    let answer = member.remove_passkey(&id, PASSWORD).await;
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 2);
    answer.expect(200);
    assert_problem(first.get("/api/auth/me").await, 401, "unauthenticated");
    assert_problem(other.get("/api/auth/me").await, 401, "unauthenticated");
    assert_eq!(names(&member.client).await, [""; 0]);
    assert_problem(member.remove_passkey(&id, PASSWORD).await, 404, "not_found");
    assert_problem(sign_in(&member.client, &mut passkey).await, 401, "passkey_refused");
    assert!(vault.audited(member.id()).await.contains(&"passkey.removed".to_owned()));
}

#[tokio::test]
async fn a_challenge_for_a_new_passkey_needs_the_password() {
    let vault = TestVault::new().await;
    let member = vault.create_member().await;
    for password in ["Wrong-Horse-8", "", &"a".repeat(10_000)] {
        let answer = member.client.post(CHALLENGE, json!({"password": password})).await;
        assert_problem(answer, 401, "invalid_credentials");
    }
    assert_eq!(vault.rows().await["passkey_challenges"], Value::Null);
    for body in [json!({}), json!({"password": null}), json!({"password": PASSWORD, "more": 1})] {
        assert_problem(member.client.post(CHALLENGE, body).await, 422, "invalid");
    }
}

#[tokio::test]
async fn an_account_with_totp_also_needs_a_code_that_is_used_up() {
    let vault = TestVault::new().await;
    let TwoFactorMember { mut member, app, backup_codes, used_code } = vault.create_two_factor_member().await;
    let client = member.client.clone();
    let challenge =
        async |code: &str| client.post(CHALLENGE, json!({"password": PASSWORD, "code": code})).await;
    assert_problem(member.client.post(CHALLENGE, json!({"password": PASSWORD})).await, 401, "invalid_code");
    for code in ["", "x", &app.code_after(3_600), &used_code] {
        assert_problem(challenge(code).await, 401, "invalid_code");
    }
    let wrong = json!({"password": "Wrong-Horse-8", "code": backup_codes[0]});
    assert_problem(member.client.post(CHALLENGE, wrong).await, 401, "invalid_credentials");
    assert_eq!(vault.rows().await["passkey_challenges"], Value::Null);
    let (first, second) = (app.next_code(), &backup_codes[0]);
    challenge(&first).await.expect(200);
    assert_problem(challenge(&first).await, 401, "invalid_code");
    let challenge = Challenge::read(challenge(second).await);
    let answer = SoftwarePasskey::new(&challenge.options).create(&challenge.options, |_| {});
    let body = member.send_passkey(&challenge, "Phone", answer).await.expect(201);
    let id = body["id"].as_str().unwrap();
    assert_problem(member.remove_passkey(id, PASSWORD).await, 401, "invalid_code");
    let remove = async |code: &str| {
        let body = json!({"password": PASSWORD, "code": code});
        member.client.send("DELETE", &format!("{PASSKEYS}/{id}"), Some(body)).await
    };
    assert_problem(remove(second).await, 401, "invalid_code");
    remove(&backup_codes[1]).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_five_requests_with_one_code_one_gets_a_challenge() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, app, backup_codes, .. } = vault.create_two_factor_member().await;
    for code in [app.next_code(), backup_codes[0].clone()] {
        vault.tamper("delete from allowances").await;
        let answers = join_all((0..5).map(|_| {
            let client = vault.in_own_sandbox(&member.client);
            let body = json!({"password": PASSWORD, "code": code});
            async move { client.post(CHALLENGE, body).await.status }
        }));
        let mut statuses = answers.await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401, 401, 401, 401]);
    }
}

#[tokio::test]
async fn wrong_passwords_are_limited() {
    let vault = TestVault::new().await;
    let mut member = vault.create_member().await;
    let (_, id) = member.add_passkey("Phone").await;
    for _ in 0..10 {
        member.remove_passkey(&id, "Wrong-Horse-8").await;
    }
    let answer = member.remove_passkey(&id, PASSWORD).await;
    assert!(answer.headers.contains_key("retry-after"));
    assert_problem(answer, 429, "too_many_attempts");
    let answer = member.client.post(CHALLENGE, json!({"password": PASSWORD})).await;
    assert_problem(answer, 429, "too_many_attempts");
}

#[tokio::test]
async fn a_passkey_is_registered_once() {
    let vault = TestVault::new().await;
    let (mut member, mut stranger) = (vault.create_member().await, vault.create_member().await);
    let (passkey, _) = member.add_passkey("Phone").await;
    let challenge = member.get_passkey_challenge().await;
    let answer = passkey.create(&challenge.options, |_| {});
    assert_problem(member.send_passkey(&challenge, "Again", answer).await, 422, "invalid");

    let challenge = stranger.get_passkey_challenge().await;
    let before = vault.rows().await["passkeys"].take();
    let other = SoftwarePasskey::new(&challenge.options);
    let answer =
        other.create(&challenge.options, |answer| answer.credential_id = passkey.credential_id.clone());
    assert_problem(stranger.send_passkey(&challenge, "Stolen", answer).await, 409, "passkey_exists");
    assert_eq!(vault.rows().await["passkeys"], before);
}

#[tokio::test]
async fn an_account_has_ten_passkeys_at_most() {
    let vault = TestVault::new().await;
    let mut member = vault.create_member().await;
    let first = member.add_passkey("1").await;
    for number in 2..10 {
        member.add_passkey(&number.to_string()).await;
    }
    let (one, two) = (member.get_passkey_challenge().await, member.get_passkey_challenge().await);
    let [(a, one), (b, two)] = [one, two].map(|challenge| {
        let passkey = SoftwarePasskey::new(&challenge.options);
        (passkey.create(&challenge.options, |_| {}), challenge)
    });
    let mut other = Member { email: member.email.clone(), client: vault.in_own_sandbox(&member.client) };
    let (a, b) = tokio::join!(member.send_passkey(&one, "a", a), other.send_passkey(&two, "b", b));
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 401], "the first one ends the session of the other");
    member.client = vault.caller_with(&member.client, &member.log_in().await.expect(200)).await;
    assert_eq!(list(&member.client).await.len(), 10);
    let answer = member.client.post(CHALLENGE, json!({"password": PASSWORD})).await;
    assert_problem(answer, 409, "too_many_passkeys");
    member.remove_passkey(&first.1, PASSWORD).await.expect(200);
    member.add_passkey("11").await;
}

#[tokio::test]
async fn only_an_account_without_other_duties_has_passkeys() {
    let vault = TestVault::new().await;
    let mut member = vault.create_member().await;
    let (_, id) = member.add_passkey("Phone").await;
    let challenge = member.get_passkey_challenge().await;
    let answer = SoftwarePasskey::new(&challenge.options).create(&challenge.options, |_| {});
    let (path, password) = (format!("{PASSKEYS}/{id}"), json!({"password": PASSWORD}));
    let registration = json!({"challenge_id": challenge.id, "name": "x", "credential": answer});
    for (method, path, body) in [
        ("POST", CHALLENGE, Some(password.clone())),
        ("POST", PASSKEYS, Some(registration)),
        ("GET", PASSKEYS, None),
        ("PATCH", &path, Some(json!({"name": "x"}))),
        ("DELETE", &path, Some(password)),
    ] {
        let send = async |client: &Client| client.send(method, path, body.clone()).await;
        assert_problem(send(&member.client.anonymous()).await, 401, "unauthenticated");
        vault.tamper("update users set password_must_change = true").await;
        assert_problem(send(&member.client).await, 403, "password_change_owed");
        vault.tamper("update users set password_must_change = false, active = false").await;
        assert_problem(send(&member.client).await, 401, "unauthenticated");
        vault.tamper("update users set active = true").await;
    }
    assert_eq!(names(&member.client).await, ["Phone"]);
}
