//! New passwords are compared with those that are known from breaches. If the service that knows them does
//! not answer, they are accepted.

use std::time::{Duration, Instant};

use docuvault::config::{PasswordConfig, PasswordPolicy};
use docuvault::limits::sdk::BREACHES;
use docuvault::password::PasswordRules;
use serde_json::{Value, json};
use tests::breaches::{Answer, Breaches};
use tests::functions::recorded_event;
use tests::metrics::{NAMESPACE, sum_metrics};
use tests::sandbox::Sandbox;
use tests::{Client, Response, TestVault};

use crate::assert_problem;

const PASSWORD: &str = "Correct-Horse-7";

/// The SHA-1 hash of [`PASSWORD`]: the five digits that the service gets, and the rest.
const HASH: (&str, &str) = ("4CBB2", "9805546015EF297F9308108132B4082A5AD");

/// The rest of another hash with the same first digits.
const OTHER: &str = "00D4F6E8FA6EECAD2A3AA415EEC418D38EC";

/// Returns a vault whose functions ask this service.
async fn vault_with(url: &str) -> TestVault {
    let mut vault = TestVault::new().await;
    let config = PasswordConfig { policy: PasswordPolicy::Classes, breaches_url: Some(url.to_owned()) };
    vault.accounts.passwords = PasswordRules::new(config);
    vault
}

async fn register(client: &Client, number: u32) -> Response {
    let account = json!({"email": format!("ann-{number}@example.com"), "password": PASSWORD});
    client.post("/api/auth/register", account).await
}

#[tokio::test]
async fn a_password_that_is_known_from_a_breach_is_refused() {
    let (prefix, suffix) = HASH;
    let breaches = Breaches::start(Answer::Lines(format!("{OTHER}:3\r\n{suffix}:1"))).await;
    let vault = vault_with(&breaches.url).await;
    let anonymous = vault.anonymous();
    for lines in [format!("{OTHER}:3\r\n{suffix}:1"), format!("{}:52579\n", suffix.to_lowercase())] {
        breaches.set_answer(Answer::Lines(lines));
        let answer = register(&anonymous, 0).await;
        assert!(answer.body["detail"].as_str().unwrap().contains("known from a breach"), "{}", answer.body);
        assert_problem(answer, 422, "invalid");
    }
    assert!(vault.rows().await["users"].is_null());
    assert_eq!(breaches.take_asked(), [prefix, prefix], "the service gets five digits of the hash only");
}

#[tokio::test]
async fn a_password_that_is_not_known_is_accepted() {
    let breaches = Breaches::start(Answer::Lines(format!("{OTHER}:3"))).await;
    let vault = vault_with(&breaches.url).await;
    register(&vault.anonymous(), 0).await.expect(201);
    breaches.set_answer(Answer::Lines(format!("{OTHER}:3\r\n{}:0\r\n", HASH.1)));
    register(&vault.anonymous(), 1).await.expect(201);
    assert_eq!(breaches.take_asked().len(), 2, "padding has the count 0");
}

#[tokio::test]
async fn a_service_that_does_not_answer_delays_a_registration_by_a_second() {
    assert_eq!((BREACHES.attempt, BREACHES.operation), (Duration::from_secs(1), Duration::from_secs(1)));
    let breaches = Breaches::start(Answer::Nothing).await;
    let (silent, down) = (vault_with(&breaches.url).await, vault_with("http://127.0.0.1:1").await);
    for (vault, least) in [(silent, BREACHES.operation), (down, Duration::ZERO)] {
        let begun = Instant::now();
        register(&vault.anonymous(), 0).await.expect(201);
        // The rest is the time of a hash and of a machine that does other things, too.
        assert!((least..least + Duration::from_secs(5)).contains(&begun.elapsed()), "{:?}", begun.elapsed());
    }
}

/// Registers an account by the built program of `auth`, with a new address.
async fn register_by(sandbox: &mut Sandbox, number: u32) -> u64 {
    let mut event: Value = serde_json::from_str(&recorded_event("auth-register")).unwrap();
    let account = json!({"email": format!("ann-{number}@example.com"), "password": PASSWORD});
    event["body"] = account.to_string().into();
    sandbox.invoke_http(&event).await.0
}

#[tokio::test]
async fn each_password_that_was_not_compared_is_logged_and_counted_once() {
    let breaches = Breaches::start(Answer::Nothing).await;
    let vault = TestVault::new().await;
    let mut variables = vault.variables();
    variables.insert("METRICS_NAMESPACE", NAMESPACE.into());
    variables.insert("HIBP_URL", breaches.url.clone());
    let mut sandbox = Sandbox::start("auth", &variables).await;
    let (compared, not_compared) =
        (Answer::Lines(format!("{OTHER}:3")), "was not compared with known breaches");
    let answers =
        [Answer::Nothing, compared.clone(), Answer::Status(503), Answer::Lines("<html>".into()), compared];
    for (number, (answer, unchecked)) in (0..).zip(answers.into_iter().zip([1, 1, 2, 3, 3])) {
        breaches.set_answer(answer.clone());
        assert_eq!(register_by(&mut sandbox, number).await, 201, "{answer:?}");
        let log = sandbox.wait_for_lines(number as usize + 1, "request answered").await;
        let lines: Vec<_> = log.lines().filter(|line| line.contains(not_compared)).collect();
        assert_eq!(lines.len(), unchecked, "{answer:?}: {log}");
        assert!(lines.iter().all(|line| line.contains("WARN") && line.contains("error")), "{lines:?}");
        assert_eq!(sum_metrics(&log).get("unchecked_passwords"), Some(&(unchecked as u64)), "{answer:?}");
    }
}

#[tokio::test]
async fn a_service_that_answers_something_else_refuses_nobody() {
    let breaches = Breaches::start(Answer::Status(503)).await;
    let vault = vault_with(&breaches.url).await;
    let suffix = HASH.1;
    let answers = [
        Answer::Status(503),
        Answer::Status(429),
        Answer::Status(302),
        Answer::Status(404),
        Answer::Lines(String::new()),
        Answer::Lines(format!("<html>\n{suffix}:1")),
        Answer::Lines(format!("{suffix}:1\n<html>")),
        Answer::Lines(format!("{suffix}:9999999999999999999999")),
        Answer::Lines(format!("{suffix}\n")),
        Answer::Lines(format!("{OTHER}:1\n").repeat(100_000)),
    ];
    for (number, answer) in (0..).zip(answers) {
        breaches.set_answer(answer.clone());
        let begun = Instant::now();
        let registered = register(&vault.anonymous(), number).await;
        assert_eq!(registered.status, 201, "{answer:?}");
        assert!(begun.elapsed() < Duration::from_secs(10), "{answer:?}");
    }
}

#[tokio::test]
async fn a_password_that_breaks_another_rule_is_not_asked_about() {
    let breaches = Breaches::start(Answer::Lines(format!("{OTHER}:3"))).await;
    let vault = vault_with(&breaches.url).await;
    for password in ["short", "Password-1234", "Docuvault-1234"] {
        let account = json!({"email": "ann@example.com", "password": password});
        vault.anonymous().post("/api/auth/register", account).await.expect(422);
    }
    assert!(breaches.take_asked().is_empty());
}
