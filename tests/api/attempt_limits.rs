//! Attempts are limited per account and per address. Whoever is over a limit gets 429 with `Retry-After`, and
//! no password is checked for him.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use docuvault::limit::Action;
use docuvault::token::OpaqueToken;
use serde_json::{Value, json};
use tests::browser::REFRESH;
use tests::{Browser, Client, Response, TestVault};

use crate::assert_problem;
use crate::password_resets::{CONFIRM, ask};

const EMAIL: &str = "ann@example.com";
const PASSWORD: &str = "Correct-Horse-7";
const WRONG: &str = "Wrong-Horse-8";

/// The address of the owner, and addresses of strangers.
const HOME: &str = "198.51.100.1";
const AWAY: &str = "203.0.113.9";

/// An Argon2id hash that takes half a minute to check: its parameters say 4,000 passes.
const SLOW_HASH: &str =
    "$argon2id$v=19$m=19456,t=4000,p=1$ZG9jdXZhdWx0LW5vYm9keQ$UVeQKyCjqi4Zi9N7T0FwpkD8CHI7CxgLQXIpF5b0J4U";

async fn login(client: &Client, email: &str, password: &str) -> Response {
    client.post("/api/auth/login", json!({"email": email, "password": password})).await
}

async fn register(client: &Client, email: &str) -> Response {
    client.post("/api/auth/register", json!({"email": email, "password": PASSWORD})).await
}

/// Logs in on a browser with this cookie.
async fn login_on_device(client: &Client, email: &str, password: &str, cookie: &str) -> Response {
    let request = Request::post("/api/auth/login")
        .header("content-type", "application/json")
        .header("cookie", cookie)
        .body(Body::from(json!({"email": email, "password": password}).to_string()));
    client.request(request.unwrap()).await
}

/// Logs in, and returns the cookie by which the vault knows the browser from then on.
async fn introduce_device(client: &Client, email: &str) -> String {
    let answer = login(client, email, PASSWORD).await;
    let cookies = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let device = cookies.filter_map(|cookie| cookie.split(';').next()).find(|pair| pair.contains("device="));
    device.unwrap().to_owned()
}

/// Asserts that an attempt was refused, and returns the time until the next one, in seconds.
#[track_caller]
pub fn assert_limited(answer: Response) -> u64 {
    let wait = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert_problem(answer, 429, "too_many_attempts");
    wait
}

/// Logs in with a wrong password until an attempt is refused. Returns the number of admitted attempts.
async fn exhaust(client: &Client, email: &str) -> usize {
    let mut admitted = 0;
    loop {
        let answer = login(client, email, WRONG).await;
        if answer.status != 401 {
            assert_limited(answer);
            return admitted;
        }
        admitted += 1;
    }
}

#[tokio::test]
async fn after_ten_wrong_logins_each_further_one_has_to_wait_twice_as_long() {
    let vault = TestVault::new().await;
    let client = vault.anonymous().at(AWAY);
    register(&client, EMAIL).await.expect(201);
    for email in [EMAIL, "nobody@example.com", "not an address"] {
        assert_eq!(exhaust(&client, email).await, 10, "{email}");
        let mut waits = Vec::new();
        for _ in 0..8 {
            let wait = assert_limited(login(&client, email, PASSWORD).await);
            waits.push(wait);
            let age = format!("update allowances set open_at = open_at - interval '{wait} seconds'");
            vault.tamper(&age).await;
            assert_problem(login(&client, email, WRONG).await, 401, "invalid_credentials");
        }
        for (wait, expected) in waits.into_iter().zip([30, 60, 120, 240, 480, 900, 900, 900]) {
            assert!((expected - 15..=expected).contains(&wait), "{email}: {wait} s and not {expected} s");
        }
    }
}

#[tokio::test]
async fn the_right_password_is_accepted_again_after_the_wait() {
    let vault = TestVault::new().await;
    let client = vault.anonymous().at(AWAY);
    register(&client, EMAIL).await.expect(201);
    exhaust(&client, EMAIL).await;
    assert!(assert_limited(login(&client, "ANN@example.com", PASSWORD).await) <= 30);
    vault.age_minutes(1).await;
    login(&client, EMAIL, PASSWORD).await.expect(200);
    assert_eq!(exhaust(&client, EMAIL).await, 10, "a login gives back what the account has used");
}

#[tokio::test]
async fn a_stranger_does_not_lock_out_the_owner() {
    let vault = TestVault::new().await;
    let (owner, stranger) = (vault.anonymous().at(HOME), vault.anonymous().at(AWAY));
    register(&owner, EMAIL).await.expect(201);
    assert_eq!(exhaust(&stranger, EMAIL).await, 10);
    for _ in 0..5 {
        assert_limited(login(&stranger, EMAIL, PASSWORD).await);
        login(&owner, EMAIL, PASSWORD).await.expect(200);
    }
}

#[tokio::test]
async fn an_account_is_limited_at_all_addresses_together() {
    let vault = TestVault::new().await;
    let anonymous = vault.anonymous();
    register(&anonymous, EMAIL).await.expect(201);
    let mut admitted = 0;
    for address in 1..=12 {
        admitted += exhaust(&anonymous.at(&format!("203.0.113.{address}")), EMAIL).await;
    }
    assert_eq!(admitted, 100);
    vault.age_minutes(1).await;
    login(&anonymous.at(HOME), EMAIL, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn the_owner_gets_in_on_a_known_device_whatever_strangers_do() {
    let vault = TestVault::new().await;
    let anonymous = vault.anonymous();
    let owner = anonymous.at(HOME);
    for email in [EMAIL, "bob@example.com"] {
        register(&owner, email).await.expect(201);
    }
    let (device, of_bob) =
        (introduce_device(&owner, EMAIL).await, introduce_device(&owner, "bob@example.com").await);
    for _ in 0..2 {
        for address in 1..=12 {
            exhaust(&anonymous.at(&format!("203.0.113.{address}")), EMAIL).await;
        }
    }
    // Another device, a forged one, and one that only another account knows.
    assert_limited(login(&owner, EMAIL, PASSWORD).await);
    let forged = format!("{}AAAA", &device[..device.len() - 4]);
    for cookie in [forged.as_str(), &of_bob] {
        assert_limited(login_on_device(&owner, EMAIL, PASSWORD, cookie).await);
    }
    for address in [HOME, AWAY, "203.0.113.1"] {
        login_on_device(&anonymous.at(address), EMAIL, PASSWORD, &device).await.expect(200);
    }
    for _ in 0..10 {
        let wrong = login_on_device(&owner, EMAIL, WRONG, &device).await;
        assert_problem(wrong, 401, "invalid_credentials");
    }
    assert_limited(login_on_device(&owner, EMAIL, PASSWORD, &device).await);
}

#[tokio::test]
async fn the_owner_gets_in_on_a_new_device_after_a_reset_by_mail() {
    let vault = TestVault::new().await;
    let anonymous = vault.anonymous();
    register(&anonymous, EMAIL).await.expect(201);
    let exhaust_account = async || {
        for address in 1..=12 {
            exhaust(&anonymous.at(&format!("203.0.113.{address}")), EMAIL).await;
        }
    };
    exhaust_account().await;
    let mut browser = Browser::open(&vault);
    assert_problem(browser.log_in(EMAIL, PASSWORD).await, 429, "too_many_attempts");
    let token = ask(&vault, EMAIL).await;
    let body = json!({"token": token, "new_password": "Another-Horse-9"});
    browser.send("POST", CONFIRM, Some(body)).await.expect(204);
    exhaust_account().await;
    browser.log_in(EMAIL, "Another-Horse-9").await.expect(200);
}

#[tokio::test]
async fn an_address_is_limited_for_all_accounts_together() {
    let vault = TestVault::new().await;
    let client = vault.anonymous().at("2001:db8:1:2::1");
    register(&client, EMAIL).await.expect(201);
    let mut admitted = 0;
    for number in 0.. {
        // The clients of a subnet count as one.
        let neighbour = client.at(&format!("2001:db8:1:2::{number:x}"));
        let answer = login(&neighbour, &format!("nobody-{number}@example.com"), WRONG).await;
        if answer.status == 429 {
            break;
        }
        admitted += 1;
    }
    assert_eq!(admitted, 50);
    assert_limited(login(&client, EMAIL, PASSWORD).await);
    login(&client.at("2001:db8:1:3::1"), EMAIL, PASSWORD).await.expect(200);
    vault.age_minutes(1).await;
    for _ in 0..3 {
        login(&client, EMAIL, PASSWORD).await.expect(200);
    }
    assert_problem(login(&client, EMAIL, WRONG).await, 401, "invalid_credentials");
    assert_limited(login(&client, EMAIL, PASSWORD).await);
}

#[tokio::test]
async fn registrations_are_limited_per_address() {
    let vault = TestVault::new().await;
    let client = vault.anonymous().at(AWAY);
    for number in 0..20 {
        let taken = if number == 0 { 201 } else { 409 };
        register(&client, EMAIL).await.expect(taken);
        let weak = json!({"email": EMAIL, "password": "short"});
        client.post("/api/auth/register", weak).await.expect(422);
    }
    let before = vault.rows().await;
    for _ in 0..3 {
        assert!(assert_limited(register(&client, "bob@example.com").await) <= 30);
    }
    assert_eq!(vault.rows().await, before);
    register(&client.at(HOME), "bob@example.com").await.expect(201);
    login(&client, EMAIL, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn refreshes_that_are_refused_are_limited_per_address_and_disturb_nobody_else() {
    let vault = TestVault::new().await;
    let mut own = Browser::signed_in(&vault, &vault.create_user().await).await;
    let mut stranger = Browser::open(&vault);
    stranger.cookies.insert(REFRESH.into(), OpaqueToken::random().unwrap().to_text());
    let (begun, mut admitted) = (Instant::now(), 0);
    let limited = loop {
        let answer = stranger.refresh().await;
        if answer.status != 401 {
            break answer;
        }
        assert_problem(answer, 401, "session_ended");
        admitted += 1;
    };
    // One more attempt is admitted every two seconds.
    let refilled = begun.elapsed().as_secs() / 2 + 1;
    assert!((300..=300 + refilled).contains(&admitted), "{admitted}");
    assert_limited(limited);
    // Both have the same address.
    own.refresh().await.expect(200);
}

#[tokio::test]
async fn refreshes_of_one_session_are_limited_and_a_refused_one_keeps_the_session() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let (mut own, mut other) =
        (Browser::signed_in(&vault, &alice).await, Browser::signed_in(&vault, &alice).await);
    for _ in 0..60 {
        own.refresh().await.expect(200);
    }
    let cookies = own.cookies.clone();
    assert!(assert_limited(own.refresh().await) <= 10);
    assert_eq!(own.cookies, cookies);
    other.refresh().await.expect(200);
    vault.age_minutes(1).await;
    own.refresh().await.expect(200);
}

/// Otherwise whoever shares a browser with the owner could get more guesses by logging in to an account of
/// their own.
#[tokio::test]
async fn two_accounts_on_one_device_have_allowances_of_their_own() {
    let vault = TestVault::new().await;
    let client = vault.anonymous().at(HOME);
    for email in [EMAIL, "bob@example.com"] {
        register(&client, email).await.expect(201);
    }
    let device = introduce_device(&client, "bob@example.com").await;
    login_on_device(&client, EMAIL, PASSWORD, &device).await.expect(200);
    let mut admitted = 0;
    for _ in 0..4 {
        for _ in 0..9 {
            admitted += usize::from(login_on_device(&client, EMAIL, WRONG, &device).await.status == 401);
        }
        login_on_device(&client, "bob@example.com", PASSWORD, &device).await.expect(200);
    }
    assert_eq!(admitted, 10);
}

#[tokio::test]
async fn whoever_is_over_the_limit_causes_no_hash() {
    let vault = TestVault::new().await;
    let client = vault.anonymous().at(AWAY);
    register(&client, EMAIL).await.expect(201);
    exhaust(&client, EMAIL).await;
    vault.tamper(&format!("update users set password_hash = '{SLOW_HASH}'")).await;
    let begun = Instant::now();
    assert_limited(login(&client, EMAIL, WRONG).await);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn an_attempt_that_is_refused_uses_nothing() {
    let vault = TestVault::new().await;
    let client = vault.anonymous().at(AWAY);
    register(&client, "bob@example.com").await.expect(201);
    exhaust(&client, EMAIL).await;
    let wait = assert_limited(login(&client, EMAIL, WRONG).await);
    for _ in 0..60 {
        assert!(assert_limited(login(&client, EMAIL, WRONG).await) <= wait);
    }
    // Ten attempts have used the allowance of the address, and sixty were refused.
    login(&client, "bob@example.com", PASSWORD).await.expect(200);
    vault.age_minutes(1).await;
    assert_problem(login(&client, EMAIL, WRONG).await, 401, "invalid_credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_attempts_at_the_same_time_exactly_the_allowed_number_is_admitted() {
    let vault = TestVault::new().await;
    for round in 0..3 {
        let email = format!("nobody-{round}@example.com");
        let client = vault.anonymous().at(&format!("203.0.113.{round}"));
        let mut attempts = Vec::new();
        for _ in 0..20 {
            let sandbox = vault.services();
            sandbox.db.clone().warm().await;
            attempts.push(client.served_by(vault.routes(&sandbox)));
        }
        let attempts: Vec<_> = attempts
            .into_iter()
            .map(|client| (client, email.clone()))
            .map(|(client, email)| tokio::spawn(async move { login(&client, &email, WRONG).await.status }))
            .collect();
        let mut statuses = Vec::new();
        for attempt in attempts {
            statuses.push(attempt.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![401; 10], vec![429; 10]].concat(), "round {round}");
    }
}

#[tokio::test]
async fn no_tried_address_is_stored_and_the_sweep_forgets_all_attempts() {
    let vault = TestVault::new().await;
    let client = vault.anonymous().at(AWAY);
    exhaust(&client, "nobody@example.com").await;
    let statement =
        "select coalesce(jsonb_agg(to_jsonb(a) || jsonb_build_object('text', encode(key, 'escape'))), '[]')
        from allowances a";
    let rows = async || -> Value {
        vault.database.superuser().await.query_one(statement, &[]).await.unwrap().get(0)
    };
    let stored = rows().await;
    assert_eq!(stored.as_array().unwrap().len(), 3);
    for tried in ["nobody", "example.com", AWAY] {
        assert!(!stored.to_string().contains(tried), "{stored}");
    }
    assert_eq!(vault.sweep().await.forgotten, 0);
    vault.age_hours(24).await;
    assert_eq!(vault.sweep().await.forgotten, 3);
    assert_eq!(rows().await, json!([]));
}

#[tokio::test]
async fn an_operator_can_give_an_allowance_back_as_documented() {
    let vault = TestVault::new().await;
    let client = vault.anonymous().at(AWAY);
    register(&client, EMAIL).await.expect(201);
    exhaust(&client, EMAIL).await;
    let page = include_str!("../../docs/PASSWORDS.md");
    let statement = page.split("```sql").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(
        vault.database.superuser().await.execute(statement.trim().trim_end_matches(';'), &[]).await.unwrap(),
        3
    );
    login(&client, EMAIL, PASSWORD).await.expect(200);
}

#[test]
fn every_action_is_limited() {
    for action in Action::ALL {
        assert!(!action.allowances().is_empty(), "{action:?}");
    }
}
