//! Requests for mails, and uses of the tokens in them, are limited, so that nobody can fill a mailbox or try
//! tokens without end. The limits do not tell which addresses have an account.

use docuvault::config::RequireVerifiedEmail;
use docuvault::token::OpaqueToken;
use serde_json::{Value, json};
use tests::member::PASSWORD;
use tests::{Client, Response, TestVault};

use crate::assert_problem;
use crate::attempt_limits::assert_limited;
use crate::mail::count_waiting;
use crate::password_resets::{CONFIRM, RESET, ask, confirm, register};

const REGISTER: &str = "/api/auth/register";
const VERIFY: &str = "/api/auth/verify";
const EMAIL: &str = "/api/auth/me/email";

/// Sends this request from a network address of its own each time, until one is refused. Returns the number
/// of admitted ones, and the wait that the refused one has to keep, in seconds.
async fn exhaust(client: &Client, path: &str, body: &Value) -> (usize, u64) {
    for number in 1.. {
        let answer = client.at(&format!("203.0.113.{number}")).post(path, body.clone()).await;
        if answer.status != 202 {
            return (number - 1, assert_limited(answer));
        }
        assert_eq!(answer.body, Value::Null);
    }
    unreachable!("the loop has no end");
}

#[tokio::test]
async fn requests_for_a_new_password_are_limited_alike_for_known_and_unknown_addresses() {
    let vault = TestVault::new().await;
    register(&vault, "ann@example.com").await;
    let client = vault.anonymous();
    for email in ["Ann@example.com", "nobody@example.com"] {
        let (admitted, wait) = exhaust(&client, RESET, &json!({"email": email})).await;
        assert_eq!(admitted, 5, "{email}");
        assert!((290..=300).contains(&wait), "{email}: {wait} s");
    }
    assert_eq!(count_waiting(&vault).await, 10, "a refused request adds no mail");
    client.post(RESET, json!({"email": "bob@example.com"})).await.expect(202);
    vault.age_minutes(5).await;
    client.post(RESET, json!({"email": "ann@example.com"})).await.expect(202);
}

#[tokio::test]
async fn requests_for_a_new_password_are_limited_per_network_address() {
    let vault = TestVault::new().await;
    let client = vault.anonymous().at("203.0.113.9");
    for number in 0..20 {
        client.post(RESET, json!({"email": format!("nobody-{number}@example.com")})).await.expect(202);
    }
    let body = json!({"email": "ann@example.com"});
    assert!(assert_limited(client.post(RESET, body.clone()).await) <= 30);
    client.at("198.51.100.1").post(RESET, body).await.expect(202);
}

#[tokio::test]
async fn wrong_tokens_are_limited_per_network_address_and_links_survive() {
    let vault = TestVault::new().await;
    register(&vault, "ann@example.com").await;
    let token = ask(&vault, "ann@example.com").await;
    let client = vault.anonymous().at("203.0.113.9");
    for number in 0..50 {
        let wrong = OpaqueToken::random().unwrap().to_text();
        let answer = if number % 2 == 0 {
            client.post(CONFIRM, json!({"token": wrong, "new_password": PASSWORD})).await
        } else {
            client.post(VERIFY, json!({"token": wrong})).await
        };
        assert_problem(answer, 422, "link_invalid");
    }
    let body = json!({"token": token, "new_password": "Another-Horse-8"});
    assert!(assert_limited(client.post(CONFIRM, body).await) <= 5);
    assert!(assert_limited(client.post(VERIFY, json!({"token": token})).await) <= 5);
    assert_eq!(confirm(&client.at("198.51.100.1"), &token).await, 204);
}

#[tokio::test]
async fn passwords_are_limited_when_the_address_is_changed() {
    let vault = TestVault::new().await;
    let member = vault.create_member().await;
    let change = async |password: &str, email: &str| -> Response {
        member.client.put(EMAIL, json!({"password": password, "email": email})).await
    };
    for _ in 0..9 {
        change("Wrong-Horse-9", "ann@example.org").await.expect(401);
    }
    change(PASSWORD, "ann@example.org").await.expect(202);
    for _ in 0..10 {
        change("Wrong-Horse-9", "ann@example.org").await.expect(401);
    }
    assert!(assert_limited(change(PASSWORD, "ann@example.org").await) <= 30);
    let failed = vault.audited(member.id()).await;
    assert_eq!(failed.iter().filter(|action| *action == "login.failed").count(), 19);
}

#[tokio::test]
async fn a_change_of_the_address_fills_no_mailbox() {
    let vault = TestVault::new().await;
    let member = vault.create_member().await;
    let change = async |email: &str| -> Response {
        member.client.put(EMAIL, json!({"password": PASSWORD, "email": email})).await
    };
    for _ in 0..5 {
        change("victim@example.org").await.expect(202);
    }
    let before = vault.rows().await;
    assert_limited(change("Victim@example.org").await);
    assert_eq!(vault.rows().await, before);
    change("ann@example.org").await.expect(202);
}

#[tokio::test]
async fn registrations_fill_no_mailbox_and_are_limited_alike_for_free_and_taken_addresses() {
    let mut vault = TestVault::new().await;
    register(&vault, "taken@example.com").await;
    vault.accounts.verified_email = RequireVerifiedEmail(true);
    let client = vault.anonymous();
    for email in ["taken@example.com", "free@example.com"] {
        let body = json!({"email": email, "password": PASSWORD});
        assert_eq!(exhaust(&client, REGISTER, &body).await.0, 5, "{email}");
    }
    assert_eq!(count_waiting(&vault).await, 10);
}
