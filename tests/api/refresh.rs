//! Refresh tokens: `POST /api/auth/refresh` and `POST /api/auth/logout`.

use futures_util::future::join_all;
use serde_json::json;
use tests::{Browser, Client, TestVault};

use crate::assert_problem;

/// Returns a vault, an account, and a browser in which it has logged in.
async fn signed_in() -> (TestVault, Client, Browser) {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let browser = Browser::signed_in(&vault, &alice).await;
    (vault, alice, browser)
}

/// Lets this many seconds pass for the rotation of all sessions.
async fn pass_seconds(vault: &TestVault, seconds: u32) {
    vault.tamper(&format!("update sessions set rotated_at = now() - interval '{seconds} s'")).await;
}

async fn assert_ended(vault: &TestVault, browser: &mut Browser) {
    assert_problem(browser.refresh().await, 401, "session_ended");
    assert_problem(browser.send("GET", "/api/auth/me", None).await, 401, "unauthenticated");
    let ended = "select ended_at is not null from sessions order by ended_at nulls last limit 1";
    assert!(vault.database.superuser().await.query_one(ended, &[]).await.unwrap().get::<_, bool>(0));
}

async fn count_reuses(vault: &TestVault) -> i64 {
    let count = "select count(*) from audit_log where action = 'session.reused'";
    vault.database.superuser().await.query_one(count, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_refresh_replaces_the_refresh_token_and_gives_an_access_token() {
    let (vault, alice, mut browser) = signed_in().await;
    for _ in 0..3 {
        let before = browser.cookies.clone();
        let answer = browser.refresh().await.expect(200);
        let token = &answer["access_token"];
        assert_eq!(
            answer,
            json!({"access_token": token, "token_type": "Bearer", "expires_in": 900, "password_must_change": false})
        );
        assert_ne!(browser.cookies, before);
        let me = browser.send("GET", "/api/auth/me", None).await.expect(200);
        assert_eq!(me["id"], json!(alice.id()));
        pass_seconds(&vault, 3_600).await;
    }
    let stored = vault.rows().await;
    let hashes = stored["refresh_tokens"].as_array().unwrap();
    assert_eq!(hashes.len(), 4);
    let token = browser.cookies.values().next().unwrap();
    assert!(!stored.to_string().contains(token.as_str()), "only the hash is stored");
}

#[tokio::test]
async fn two_tabs_may_refresh_at_once() {
    let (vault, _, browser) = signed_in().await;
    let (mut first, mut second) = (browser.clone(), browser);
    first.refresh().await.expect(200);
    pass_seconds(&vault, 8).await;
    second.refresh().await.expect(200);
    assert_ne!(first.cookies, second.cookies);
    // The cookie of either answer may be the one that the browser keeps.
    first.clone().refresh().await.expect(200);
    assert_eq!(count_reuses(&vault).await, 0);
    assert_ended(&vault, &mut second).await;
    assert_eq!(count_reuses(&vault).await, 1);
}

#[tokio::test]
async fn after_ten_seconds_a_repetition_replaces_the_first_answer() {
    let (vault, _, browser) = signed_in().await;
    let (mut first, mut second) = (browser.clone(), browser);
    first.refresh().await.expect(200);
    pass_seconds(&vault, 10).await;
    second.refresh().await.expect(200);
    assert_ended(&vault, &mut first).await;
    assert_ended(&vault, &mut second).await;
}

#[tokio::test]
async fn a_lost_answer_is_repeated_after_an_hour() {
    let (vault, _, mut browser) = signed_in().await;
    for _ in 0..3 {
        browser.clone().refresh().await.expect(200);
        pass_seconds(&vault, 3_600).await;
    }
    browser.refresh().await.expect(200);
    pass_seconds(&vault, 3_600).await;
    browser.refresh().await.expect(200);
    assert_eq!(count_reuses(&vault).await, 0);
}

#[tokio::test]
async fn a_token_that_was_replaced_ends_the_session_and_is_audited() {
    let (vault, alice, mut browser) = signed_in().await;
    let mut stolen = browser.clone();
    browser.refresh().await.expect(200);
    browser.refresh().await.expect(200);
    assert_ended(&vault, &mut stolen).await;
    assert_ended(&vault, &mut browser).await;
    assert_eq!(count_reuses(&vault).await, 1, "what follows the end is no reuse");
    let entry = vault.rows().await["audit_log"][0].take();
    let session = vault.rows().await["sessions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| !row["ended_at"].is_null())
        .unwrap()["id"]
        .clone();
    assert_eq!(entry["details"], json!({"session_id": session, "generation": 1}));
    assert_eq!((&entry["target_id"], &entry["actor_id"]), (&json!(alice.id()), &json!(null)));
    assert!(entry["request_id"].as_str().is_some_and(|id| id.len() == 36), "{entry}");
}

#[tokio::test]
async fn twenty_refreshes_at_once_all_succeed_and_one_of_them_goes_on() {
    let (vault, _, browser) = signed_in().await;
    let tabs = join_all((0..20).map(|_| async {
        let mut tab = browser.in_own_sandbox(&vault);
        tab.refresh().await.expect(200);
        tab
    }))
    .await;
    let rows = vault.rows().await;
    let session = rows["sessions"].as_array().unwrap().iter().find(|row| row["parent"] == 1).unwrap();
    assert_eq!((&session["last_generation"], &session["live_from"]), (&json!(21), &json!(2)));
    let results = join_all(tabs.into_iter().map(|mut tab| async move { tab.refresh().await.status })).await;
    assert_eq!(results.iter().filter(|status| **status == 200).count(), 1, "{results:?}");
}

#[tokio::test]
async fn a_session_ends_after_30_days_without_use_and_after_90_days_in_any_case() {
    let (vault, _, mut browser) = signed_in().await;
    let days = async |column: &str, days: f64| {
        let shift = format!("update sessions set {column} = {column} - interval '1 day' * {days}");
        vault.tamper(&shift).await;
    };
    let left = async |column: &str| {
        let left = format!(
            "select extract(epoch from max({column}) - now())::float8 / 86400 from sessions where last_generation > 1"
        );
        vault.database.superuser().await.query_one(&left, &[]).await.unwrap().get::<_, f64>(0)
    };
    for _ in 0..2 {
        days("expires_at", 29.99).await;
        browser.refresh().await.expect(200);
        assert!((29.99..=30.0).contains(&left("expires_at").await));
        assert!((89.99..=90.0).contains(&left("ends_at").await));
    }
    // A day before its longest life is over, a refresh does not make it longer.
    vault
        .tamper(
            "update sessions set ends_at = now() + interval '1 day', expires_at = now() + interval '1 hour'",
        )
        .await;
    browser.refresh().await.expect(200);
    assert!((0.99..=1.0).contains(&left("expires_at").await));
    for column in ["expires_at = now()", "expires_at = now() - interval '1 day'"] {
        vault.tamper(&format!("update sessions set {column}")).await;
        assert_problem(browser.refresh().await, 401, "session_ended");
        assert_problem(browser.send("GET", "/api/auth/me", None).await, 401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_logout_ends_the_session_of_the_cookie_and_no_other() {
    let (vault, alice, mut browser) = signed_in().await;
    let spent = browser.clone();
    browser.refresh().await.expect(200);
    let kept = browser.clone();
    let answer = browser.send("POST", "/api/auth/logout", None).await;
    let removed = "__Host-refresh=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure";
    assert_eq!(answer.headers["set-cookie"], removed);
    assert_eq!(answer.expect(204), json!(null));
    for mut other in [spent, kept] {
        assert_ended(&vault, &mut other).await;
    }
    alice.get("/api/auth/me").await.expect(200);
    // Without a cookie, and with one whose session has ended.
    for _ in 0..2 {
        browser.send("POST", "/api/auth/logout", None).await.expect(204);
    }
    let actions = vault.rows().await["audit_log"].clone();
    assert_eq!(actions.as_array().unwrap().len(), 1, "{actions}");
    assert_eq!(actions[0]["action"], "session.ended");
}

#[tokio::test]
async fn a_spent_token_logs_its_session_out() {
    let (vault, _, mut browser) = signed_in().await;
    let mut spent = browser.clone();
    browser.refresh().await.expect(200);
    browser.refresh().await.expect(200);
    spent.send("POST", "/api/auth/logout", None).await.expect(204);
    assert_ended(&vault, &mut browser).await;
    assert_eq!(count_reuses(&vault).await, 0);
}

#[tokio::test]
async fn a_deactivated_account_cannot_refresh() {
    let (vault, _, mut browser) = signed_in().await;
    vault.tamper("update users set active = false").await;
    let before = vault.rows().await;
    assert_problem(browser.refresh().await, 401, "session_ended");
    assert_eq!(vault.rows().await, before);
}
