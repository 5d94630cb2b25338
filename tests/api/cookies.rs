//! What a page must send to use a refresh token: one cookie, JSON, and a known origin.

use axum::body::Body;
use axum::http::{Request, header};
use docuvault::config::WebOrigins;
use serde_json::{Value, json};
use tests::{Browser, Response, TestVault, WEB_ORIGIN};

use crate::assert_problem;

const REFRESH: &str = "/api/auth/refresh";
const PASSWORD: &str = "Correct-Horse-7";

async fn signed_in(vault: &TestVault) -> Browser {
    Browser::signed_in(vault, &vault.create_user().await).await
}

/// Sends a refresh with these headers. A header that is not named has its usual value.
async fn refresh(browser: &Browser, headers: &[(&str, &str)], body: &'static str) -> Response {
    let mut request = Request::post(REFRESH);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    browser.clone().request(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn a_login_sets_two_cookies_that_no_script_and_no_other_site_can_use() {
    let vault = TestVault::new().await;
    let mut browser = Browser::open(&vault);
    let credentials = json!({"email": "ann@example.com", "password": PASSWORD});
    browser.send("POST", "/api/auth/register", Some(credentials)).await.expect(201);
    let answer = browser.log_in("ann@example.com", PASSWORD).await;
    let set: Vec<_> =
        answer.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect();
    let value = |name: &str| browser.cookies[name].clone();
    let cookie = |name: &str, seconds: u32| {
        format!("{name}={}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict; Secure", value(name))
    };
    assert_eq!(set, [cookie("__Host-refresh", 2_592_000), cookie("__Host-device", 34_560_000)]);
    assert_eq!((value("__Host-refresh").len(), value("__Host-device").len()), (43, 43));
    answer.expect(200);
}

#[tokio::test]
async fn pages_on_this_machine_get_cookies_without_tls() {
    for (origins, prefix, end) in [
        ("http://localhost:5173,http://127.0.0.1:3000", "", "SameSite=Strict"),
        ("http://localhost:5173,https://vault.example.com", "__Host-", "SameSite=Strict; Secure"),
    ] {
        let mut vault = TestVault::new().await;
        vault.origins = WebOrigins::parse(origins).unwrap();
        let alice = vault.create_user().await;
        let token = vault.refresh_token(vault.start_session(alice.id()).await).await.to_text();
        let mut browser = Browser::open(&vault);
        browser.cookies.insert(format!("{prefix}refresh"), token);
        let answer = browser.refresh().await;
        let set = answer.headers["set-cookie"].to_str().unwrap();
        assert!(set.starts_with(&format!("{prefix}refresh=")) && set.ends_with(end), "{set}");
        answer.expect(200);
    }
}

#[tokio::test]
async fn a_cookie_that_is_missing_malformed_or_sent_twice_is_no_session() {
    let vault = TestVault::new().await;
    let browser = signed_in(&vault).await;
    let token = browser.cookies["__Host-refresh"].clone();
    let other = signed_in(&vault).await.cookies["__Host-refresh"].clone();
    let before = vault.rows().await;
    let json = ("content-type", "application/json");
    for cookie in [
        "x=1".to_owned(),
        "__Host-refresh=".to_owned(),
        "__Host-refresh".to_owned(),
        format!("refresh={token}"),
        format!("__host-refresh={token}"),
        format!("__Host-refresh={}", &token[1..]),
        format!("__Host-refresh={token}A"),
        format!("__Host-refresh={token}="),
        format!("__Host-refresh=\"{token}\""),
        format!("__Host-refresh={token},"),
        format!("__Host-refresh={token}; __Host-refresh={token}"),
        format!("__Host-refresh={token}; __Host-refresh={other}"),
        format!("__Host-refresh={token}; x=1; __Host-refresh="),
        format!("__Host-refresh={}", "A".repeat(8_000)),
        format!("__Host-refresh={}", "A".repeat(43)),
        format!("{}__Host-refresh", "=; ".repeat(2_000)),
    ] {
        assert_problem(refresh(&browser, &[json, ("cookie", &cookie)], "{}").await, 401, "session_ended");
    }
    let twice = format!("__Host-refresh={token}");
    assert_problem(
        refresh(&browser, &[json, ("cookie", &twice), ("cookie", &twice)], "{}").await,
        401,
        "session_ended",
    );
    assert_eq!(vault.rows().await, before);
    let among = format!("a=b; __Host-refresh={token}; theme=dark=blue;;");
    refresh(&browser, &[json, ("cookie", &among)], "{}").await.expect(200);
}

#[tokio::test]
async fn a_page_of_another_origin_cannot_refresh_or_log_out() {
    let vault = TestVault::new().await;
    let browser = signed_in(&vault).await;
    let before = vault.rows().await;
    let json = ("content-type", "application/json");
    for origin in [
        "https://evil.example",
        "null",
        "",
        "http://vault.example.com",
        "https://vault.example.com.evil.example",
        "*",
    ] {
        assert_problem(refresh(&browser, &[json, ("origin", origin)], "{}").await, 403, "wrong_origin");
        let request = Request::post("/api/auth/logout").header("origin", origin);
        let answer = browser.clone().request(request.body(Body::empty()).unwrap()).await;
        assert_problem(answer, 403, "wrong_origin");
    }
    let twice = [json, ("origin", WEB_ORIGIN), ("origin", "https://evil.example")];
    assert_problem(refresh(&browser, &twice, "{}").await, 403, "wrong_origin");
    assert_eq!(vault.rows().await, before);
    refresh(&browser, &[json, ("origin", WEB_ORIGIN)], "{}").await.expect(200);
    refresh(&browser, &[json], "{}").await.expect(200);
}

#[tokio::test]
async fn a_refresh_has_an_empty_json_object_as_its_body() {
    let vault = TestVault::new().await;
    let browser = signed_in(&vault).await;
    let before = vault.rows().await;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""] {
        let answer = refresh(&browser, &[("content-type", kind)], "{}").await;
        assert_problem(answer, 415, "unsupported_media_type");
    }
    assert_problem(refresh(&browser, &[], "{}").await, 415, "unsupported_media_type");
    for body in ["", "[]", "null", "{", "{\"a\": 1}", "{} {}"] {
        let answer = refresh(&browser, &[("content-type", "application/json")], body).await;
        assert_problem(answer, 422, "invalid");
    }
    assert_eq!(vault.rows().await, before);
    refresh(&browser, &[("content-type", "application/json; charset=utf-8")], "{}").await.expect(200);
}

#[tokio::test]
async fn a_browser_is_known_again_at_the_next_login() {
    let vault = TestVault::new().await;
    let mut browser = Browser::open(&vault);
    for email in ["ann@example.com", "bob@example.com"] {
        let credentials = json!({"email": email, "password": PASSWORD});
        browser.send("POST", "/api/auth/register", Some(credentials)).await.expect(201);
    }
    let is_new = async || {
        let newest =
            "select details->'new_device' from audit_log where action = 'session.started' order by at desc";
        vault.database.superuser().await.query(newest, &[]).await.unwrap()[0].get::<_, Value>(0)
    };
    browser.log_in("ann@example.com", PASSWORD).await.expect(200);
    assert_eq!(is_new().await, true);
    let device = browser.cookies["__Host-device"].clone();
    for (email, expected) in [
        ("ann@example.com", false),
        ("bob@example.com", true),
        ("bob@example.com", false),
        ("ann@example.com", false),
    ] {
        browser.log_in(email, PASSWORD).await.expect(200);
        assert_eq!(
            (is_new().await, &browser.cookies["__Host-device"]),
            (json!(expected), &device),
            "{email}"
        );
    }
    // Somebody else has put a token there, which the vault does not know.
    let planted = "A".repeat(43);
    browser.cookies.insert("__Host-device".into(), planted.clone());
    browser.log_in("ann@example.com", PASSWORD).await.expect(200);
    assert_eq!(is_new().await, true);
    assert!(![planted, device].contains(&browser.cookies["__Host-device"]));
}
