//! New passwords follow a policy. Common ones and those with words of the account are refused.

use docuvault::config::{PasswordConfig, PasswordPolicy, Registration};
use docuvault::password::PasswordRules;
use serde_json::{Value, json};
use tests::{Client, Response, TestVault};

use crate::assert_problem;

const EMAIL: &str = "ada.lovelace@engines.example.com";

async fn register(client: &Client, password: &str) -> Response {
    client.post("/api/auth/register", json!({"email": EMAIL, "password": password})).await
}

/// Registers with this password, and asserts that it is refused for this reason.
async fn assert_refused(client: &Client, password: &str, reason: &str) {
    let answer = register(client, password).await;
    let detail = answer.body["detail"].as_str().unwrap();
    assert!(detail.contains(reason), "{password}: {detail}");
    assert!(!detail.contains(password), "the answer quotes the password: {detail}");
    assert_problem(answer, 422, "invalid");
}

#[tokio::test]
async fn common_passwords_are_refused() {
    let vault = TestVault::new().await;
    let anonymous = vault.anonymous();
    for common in ["Password-1234", "P@ssw0rd-1234", "Qwerty-123456", "!QAZ2wsx#EDC", "Sunshine-2024!"] {
        assert_refused(&anonymous, common, "most common").await;
    }
    assert_eq!(vault.rows().await["users"], Value::Null);
}

#[tokio::test]
async fn words_of_the_account_and_the_product_are_refused() {
    let vault = TestVault::new().await;
    let anonymous = vault.anonymous();
    for (password, word) in [
        ("Ada.Lovelace-1815", "ada.lovelace"),
        ("xyz-LOVELACE-1815", "lovelace"),
        ("L0vel@ce-1815-xyz", "lovelace"),
        ("Engines-1815-abc!", "engines"),
        ("My-DocuVault-1815", "docuvault"),
    ] {
        assert_refused(&anonymous, password, &format!("must not contain the word {word}")).await;
    }
    assert_eq!(vault.rows().await["users"], Value::Null);
    register(&anonymous, "Correct-Horse-7").await.expect(201);
}

#[tokio::test]
async fn the_policy_length_asks_for_fifteen_characters_of_any_kind() {
    let mut vault = TestVault::new().await;
    let classes = vault.anonymous();
    let config = PasswordConfig { policy: PasswordPolicy::Length, breaches_url: None };
    vault.accounts.passwords = PasswordRules::new(config);
    let anonymous = vault.anonymous();
    assert_refused(&anonymous, "Correct-Horse7", "15 to 128 characters").await;
    assert_refused(&anonymous, "12345678987654321", "most common").await;
    assert_refused(&anonymous, &"x".repeat(129), "15 to 128 characters").await;
    assert_refused(&classes, "correct horse seven", "upper case, lower case, a digit and a symbol").await;
    register(&anonymous, "correct horse seven").await.expect(201);
}

#[tokio::test]
async fn a_closed_registration_refuses_everybody_before_it_looks_at_anything() {
    let mut vault = TestVault::new().await;
    vault.accounts.registration = Registration::Closed;
    let anonymous = vault.anonymous();
    for body in [json!({"email": EMAIL, "password": "Correct-Horse-7"}), json!({"email": "", "password": ""})]
    {
        let answer = anonymous.post("/api/auth/register", body).await;
        assert_problem(answer, 403, "registration_closed");
    }
    assert_eq!(vault.rows().await["users"], Value::Null);
}

#[tokio::test]
async fn a_temporary_password_ends_after_three_days() {
    let vault = TestVault::new().await;
    let services = vault.services();
    let password = docuvault::account::create_admin(&services.db, EMAIL).await.unwrap();
    let login = |password: &str| json!({"email": EMAIL, "password": password});
    let age = async |hours: i32| {
        let age =
            format!("update users set password_expires_at = password_expires_at - interval '{hours} hours'");
        vault.tamper(&age).await;
    };
    let anonymous = vault.anonymous();
    age(71).await;
    anonymous.post("/api/auth/login", login(&password)).await.expect(200);
    age(1).await;
    let late = anonymous.post("/api/auth/login", login(&password)).await;
    assert_problem(late, 403, "temporary_password_expired");
    let wrong = anonymous.post("/api/auth/login", login("Correct-Horse-7")).await;
    assert_problem(wrong, 401, "invalid_credentials");
}
