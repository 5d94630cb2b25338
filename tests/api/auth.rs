use docuvault::role::Role;
use serde_json::{Value, json};
use tests::TestVault;

use crate::assert_problem;

const REGISTER: &str = "/api/auth/register";
const LOGIN: &str = "/api/auth/login";
const PASSWORD: &str = "Correct-Horse-7";

fn credentials(email: &str, password: &str) -> Value {
    json!({"email": email, "password": password})
}

#[tokio::test]
async fn registering_creates_an_account_and_a_quota() {
    let vault = TestVault::new().await;
    let anonymous = vault.anonymous();
    let account = anonymous.post(REGISTER, credentials("Ann@Example.com", PASSWORD)).await.expect(201);
    assert_eq!(
        account,
        json!({
            "id": account["id"], "email": "Ann@Example.com", "role": "user", "created_at": account["created_at"],
        })
    );
    let rows = vault.rows().await;
    let user = &rows["users"][0];
    assert!(user["password_hash"].as_str().unwrap().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert_eq!(user["standing"], "user");
    assert_eq!(
        rows["quotas"],
        json!([{"user_id": account["id"], "limit_bytes": 104_857_600, "used_bytes": 0}])
    );
}

#[tokio::test]
async fn an_e_mail_address_can_register_once_in_any_case() {
    let vault = TestVault::new().await;
    let anonymous = vault.anonymous();
    anonymous.post(REGISTER, credentials("ann@example.com", PASSWORD)).await.expect(201);
    let before = vault.rows().await;
    for email in ["ann@example.com", "ANN@example.COM"] {
        assert_eq!(
            anonymous.post(REGISTER, credentials(email, "Another-Horse-8")).await.expect(409),
            json!({
                "detail": "an account has this e-mail address already: log in with it, or use another address",
                "code": "email_taken",
            })
        );
    }
    assert_eq!(vault.rows().await, before);
}

#[tokio::test]
async fn a_login_gives_a_token_that_the_routes_accept() {
    let vault = TestVault::new().await;
    let anonymous = vault.anonymous();
    let account = anonymous.post(REGISTER, credentials("ann@example.com", PASSWORD)).await.expect(201);
    for email in ["ann@example.com", "Ann@EXAMPLE.com"] {
        let session = anonymous.post(LOGIN, credentials(email, PASSWORD)).await.expect(200);
        let token = &session["access_token"];
        assert_eq!(
            session,
            json!({"access_token": token, "token_type": "Bearer", "expires_in": 900, "password_must_change": false})
        );
        let request = axum::http::Request::get("/api/auth/me")
            .header("authorization", format!("Bearer {}", token.as_str().unwrap()));
        let me = anonymous.request(request.body(axum::body::Body::empty()).unwrap()).await.expect(200);
        assert_eq!(
            me,
            json!({
                "id": account["id"], "email": "ann@example.com", "role": "user", "totp_enabled": false,
                "backup_codes_left": 0, "password_must_change": false, "created_at": account["created_at"],
            })
        );
    }
}

#[tokio::test]
async fn every_failed_login_gets_the_same_answer() {
    let vault = TestVault::new().await;
    let anonymous = vault.anonymous();
    for email in ["ann@example.com", "gone@example.com"] {
        anonymous.post(REGISTER, credentials(email, PASSWORD)).await.expect(201);
    }
    vault.tamper("update users set active = false where email = 'gone@example.com'").await;
    for (email, password) in [
        ("ann@example.com", "Correct-Horse-8"),
        ("ann@example.com", ""),
        ("ann@example.com", &"x".repeat(10_000)),
        ("nobody@example.com", PASSWORD),
        ("not an address", PASSWORD),
        ("gone@example.com", PASSWORD),
    ] {
        assert_eq!(
            anonymous.post(LOGIN, credentials(email, password)).await.expect(401),
            json!({
                "detail": "the password, or the e-mail address of a login, is wrong: check both, and try again",
                "code": "invalid_credentials",
            }),
            "{email}"
        );
    }
}

#[tokio::test]
async fn weak_passwords_and_invalid_e_mail_addresses_are_refused() {
    let vault = TestVault::new().await;
    let anonymous = vault.anonymous();
    for password in ["", "Short-1", "no-upper-case-1", "NO-LOWER-CASE-1", "No-Digits-Here", "NoSymbolsHere1"]
    {
        assert_problem(
            anonymous.post(REGISTER, credentials("ann@example.com", password)).await,
            422,
            "invalid",
        );
    }
    let long = format!("{}@example.com", "a".repeat(250));
    for email in [
        "",
        "ann",
        "ann@",
        "@example.com",
        "ann@exa mple.com",
        "a@b@c",
        "ann@example.com\n",
        &long,
        "Ann <ann@example.com>",
        "x\r\nBcc: y <ann@example.com>",
        "\u{0} <ann@example.com>",
        "ann@[127.0.0.1]",
    ] {
        assert_problem(anonymous.post(REGISTER, credentials(email, PASSWORD)).await, 422, "invalid");
    }
    assert_eq!(vault.rows().await["users"], Value::Null);
}

#[tokio::test]
async fn every_active_account_can_read_its_own_data() {
    let vault = TestVault::new().await;
    for (role, owed) in [(Role::User, false), (Role::Admin, false), (Role::Admin, true), (Role::User, true)] {
        let account = vault.create_account(role, owed).await;
        let me = account.get("/api/auth/me").await.expect(200);
        assert_eq!((&me["id"], &me["password_must_change"]), (&json!(account.id()), &json!(owed)));
        assert_eq!(me["role"], role.as_str());
    }
    let gone = vault.create_user().await;
    vault.tamper(&format!("update users set active = false where id = '{}'", gone.id())).await;
    assert_problem(gone.get("/api/auth/me").await, 401, "unauthenticated");
    vault.tamper(&format!("delete from users where id = '{}'", gone.id())).await;
    assert_problem(gone.get("/api/auth/me").await, 401, "unauthenticated");
    assert_problem(vault.anonymous().get("/api/auth/me").await, 401, "unauthenticated");
}

#[tokio::test]
async fn a_login_with_a_temporary_password_says_that_it_must_change() {
    let vault = TestVault::new().await;
    let services = vault.services();
    let password = docuvault::account::create_admin(&services.db, "root@example.com").await.unwrap();
    let session = vault.anonymous().post(LOGIN, credentials("root@example.com", &password)).await.expect(200);
    assert_eq!(session["password_must_change"], true);
}

#[tokio::test]
async fn malformed_credentials_are_refused() {
    let vault = TestVault::new().await;
    let anonymous = vault.anonymous();
    let before = vault.rows().await;
    for body in [
        json!({}),
        json!({"email": "a@example.com"}),
        json!({"email": null, "password": "Correct-Horse-7"}),
        json!({"email": ["a@example.com"], "password": "Correct-Horse-7"}),
        json!({"email": "a@example.com", "password": 7}),
        json!({"email": "a@example.com", "password": "Correct-Horse-7", "role": "admin"}),
    ] {
        for path in ["/api/auth/register", "/api/auth/login"] {
            assert_problem(anonymous.post(path, body.clone()).await, 422, "invalid");
        }
    }
    for email in [
        "a\u{0}b@example.com",
        "\u{0}",
        "\"\u{0}\"@example.com",
        "\u{0} <a@example.com>",
        "'; drop table users; --",
    ] {
        let body = json!({"email": email, "password": "Correct-Horse-7\u{0}"});
        let answer = anonymous.post("/api/auth/login", body.clone()).await;
        assert_problem(answer, 401, "invalid_credentials");
    }
    for email in ["a\u{0}b@example.com", "\u{0}", "\"\u{0}\"@example.com", "'; drop table users; --"] {
        let body = json!({"email": email, "password": "Correct-Horse-7"});
        assert_problem(anonymous.post("/api/auth/register", body).await, 422, "invalid");
    }
    let mut after = vault.rows().await;
    let failures = after["audit_log"].take();
    assert_eq!(failures.as_array().unwrap().len(), 5);
    assert!(failures.as_array().unwrap().iter().all(|entry| entry["action"] == "login.failed"), "{failures}");
    assert_eq!(after, before);
}
