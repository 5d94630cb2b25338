//! A challenge is good for one answer, of one kind, within five minutes, and by the session that has asked.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::TestVault;
use tests::member::Member;
use tests::passkey::{SoftwarePasskey, get_challenge, send_answer};

use crate::assert_problem;

#[tokio::test]
async fn an_answer_is_accepted_once() {
    let vault = TestVault::new().await;
    let mut member = vault.create_member().await;
    let challenge = member.get_passkey_challenge().await;
    let mut passkey = SoftwarePasskey::new(&challenge.options);
    let answer = passkey.create(&challenge.options, |_| {});
    let mut twin = Member { email: member.email.clone(), client: vault.in_own_sandbox(&member.client) };
    member.send_passkey(&challenge, "Phone", answer.clone()).await.expect(201);
    let before = vault.rows().await;
    assert_problem(twin.send_passkey(&challenge, "Phone", answer.clone()).await, 401, "unauthenticated");
    assert_problem(member.send_passkey(&challenge, "Phone", answer).await, 401, "invalid_challenge");
    assert_eq!(vault.rows().await, before);

    let challenge = get_challenge(&member.client).await;
    let answer = passkey.get(&challenge.options, |_| {});
    send_answer(&member.client, &challenge, answer.clone()).await.expect(200);
    assert_problem(send_answer(&member.client, &challenge, answer).await, 401, "passkey_refused");
}

#[tokio::test]
async fn a_wrong_answer_uses_the_challenge_up() {
    let vault = TestVault::new().await;
    let mut member = vault.create_member().await;
    let challenge = member.get_passkey_challenge().await;
    let passkey = SoftwarePasskey::new(&challenge.options);
    let wrong = passkey.create(&challenge.options, |answer| answer.flags = 0);
    assert_problem(member.send_passkey(&challenge, "Phone", wrong).await, 422, "invalid");
    let right = passkey.create(&challenge.options, |_| {});
    assert_problem(member.send_passkey(&challenge, "Phone", right).await, 401, "invalid_challenge");

    let (mut passkey, _) = member.add_passkey("Phone").await;
    let challenge = get_challenge(&member.client).await;
    let wrong = passkey.get(&challenge.options, |answer| answer.flags = 0);
    assert_problem(send_answer(&member.client, &challenge, wrong).await, 401, "passkey_refused");
    let right = passkey.get(&challenge.options, |_| {});
    assert_problem(send_answer(&member.client, &challenge, right).await, 401, "passkey_refused");
}

#[tokio::test]
async fn a_challenge_expires() {
    let vault = TestVault::new().await;
    let mut member = vault.create_member().await;
    let (mut passkey, _) = member.add_passkey("Phone").await;
    let (own, anonymous) = (member.get_passkey_challenge().await, get_challenge(&member.client).await);
    vault.tamper("update passkey_challenges set expires_at = expires_at - interval '299 seconds'").await;
    assert_eq!(vault.rows().await["passkey_challenges"].as_array().unwrap().len(), 2);
    vault.tamper("update passkey_challenges set expires_at = expires_at - interval '1 second'").await;
    let answer = SoftwarePasskey::new(&own.options).create(&own.options, |_| {});
    assert_problem(member.send_passkey(&own, "Late", answer).await, 401, "invalid_challenge");
    let answer = passkey.get(&anonymous.options, |_| {});
    assert_problem(send_answer(&member.client, &anonymous, answer).await, 401, "passkey_refused");
}

#[tokio::test]
async fn expired_challenges_do_not_pile_up() {
    let vault = TestVault::new().await;
    let member = vault.create_member().await;
    for _ in 0..12 {
        get_challenge(&member.client).await;
    }
    member.get_passkey_challenge().await;
    vault.tamper("update passkey_challenges set expires_at = now() - interval '1 second'").await;
    get_challenge(&member.client).await;
    let alive = get_challenge(&member.client).await;
    let left = vault.rows().await["passkey_challenges"].take();
    assert_eq!((left.as_array().unwrap().len(), &left[0]["session_id"]), (2, &Value::Null));
    assert!(left.as_array().unwrap().iter().any(|row| row["id"] == alive.id));
}

#[tokio::test]
async fn a_challenge_belongs_to_its_session_and_to_its_purpose() {
    let vault = TestVault::new().await;
    let (mut member, mut stranger) = (vault.create_member().await, vault.create_member().await);
    let (mut passkey, _) = member.add_passkey("Phone").await;
    let other = vault.caller_with(&member.client, &member.log_in().await.expect(200)).await;
    let mut other = Member { email: member.email.clone(), client: other };
    let challenge = member.get_passkey_challenge().await;
    let answer = SoftwarePasskey::new(&challenge.options).create(&challenge.options, |_| {});
    for somebody_else in [&mut other, &mut stranger] {
        let sent = somebody_else.send_passkey(&challenge, "Mine", answer.clone()).await;
        assert_problem(sent, 401, "invalid_challenge");
    }
    let signed = passkey.get(&challenge.options, |_| {});
    assert_problem(send_answer(&member.client, &challenge, signed).await, 401, "passkey_refused");
    member.send_passkey(&challenge, "Mine", answer).await.expect(201);

    let challenge = get_challenge(&member.client).await;
    let mut options = challenge.options.clone();
    options["user"] = member.get_passkey_challenge().await.options["user"].take();
    let answer = SoftwarePasskey::new(&options).create(&options, |_| {});
    assert_problem(member.send_passkey(&challenge, "Mine", answer).await, 401, "invalid_challenge");
}

#[tokio::test]
async fn the_end_of_a_session_ends_its_challenges() {
    let vault = TestVault::new().await;
    let mut member = vault.create_member().await;
    let challenge = member.get_passkey_challenge().await;
    let answer = SoftwarePasskey::new(&challenge.options).create(&challenge.options, |_| {});
    member.client.send("POST", "/api/auth/logout-all", None).await.expect(204);
    assert_problem(member.send_passkey(&challenge, "Phone", answer).await, 401, "unauthenticated");
    assert_eq!(vault.rows().await["passkeys"], Value::Null);
}

#[tokio::test]
async fn an_unknown_challenge_is_refused() {
    let vault = TestVault::new().await;
    let mut member = vault.create_member().await;
    let (mut passkey, _) = member.add_passkey("Phone").await;
    for (id, own, status, code) in [
        (json!("019c1363-49c0-7000-8000-000000000007"), "invalid_challenge", 401, "passkey_refused"),
        (json!("1"), "invalid", 422, "invalid"),
        (Value::Null, "invalid", 422, "invalid"),
    ] {
        let mut challenge = member.get_passkey_challenge().await;
        let answer = SoftwarePasskey::new(&challenge.options).create(&challenge.options, |_| {});
        challenge.id = id.clone();
        assert_problem(member.send_passkey(&challenge, "Phone", answer).await, status, own);
        let mut challenge = get_challenge(&member.client).await;
        let answer = passkey.get(&challenge.options, |_| {});
        challenge.id = id;
        assert_problem(send_answer(&member.client, &challenge, answer).await, status, code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_answers_at_once_one_is_accepted() {
    let vault = TestVault::new().await;
    let mut member = vault.create_member().await;
    let challenge = member.get_passkey_challenge().await;
    let mut passkey = SoftwarePasskey::new(&challenge.options);
    let credential = passkey.create(&challenge.options, |_| {});
    let answers = join_all((0..20).map(|_| {
        let mut twin = Member { email: member.email.clone(), client: vault.in_own_sandbox(&member.client) };
        let (challenge, credential) = (&challenge, credential.clone());
        async move { twin.send_passkey(challenge, "Phone", credential).await }
    }));
    let (done, refused): (Vec<_>, Vec<_>) =
        answers.await.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((done.len(), refused.len()), (1, 19));
    let codes = ["invalid_challenge", "unauthenticated"];
    assert!(refused.iter().all(|answer| codes.contains(&answer.body["code"].as_str().unwrap())));
    assert_eq!(vault.rows().await["passkeys"].as_array().unwrap().len(), 1);
    member.client = vault.caller_with(&member.client, &member.log_in().await.expect(200)).await;

    let challenge = get_challenge(&member.client).await;
    let credential = passkey.get(&challenge.options, |answer| answer.count = 0);
    let answers = join_all((0..20).map(|_| {
        let twin = vault.in_own_sandbox(&member.client);
        let (challenge, credential) = (&challenge, credential.clone());
        async move { send_answer(&twin, challenge, credential).await }
    }));
    let (done, refused): (Vec<_>, Vec<_>) =
        answers.await.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((done.len(), refused.len()), (1, 19));
    refused.into_iter().for_each(|answer| assert_problem(answer, 401, "passkey_refused"));
}
