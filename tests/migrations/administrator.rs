use axum::body::Body;
use axum::http::{Request, header};
use migrate::{Command, CommandOutput};
use serde_json::{Value, json};
use tests::{Client, TestVault};

const EMAIL: &str = "root@example.com";

/// Every document route.
const ROUTES: [(&str, &str); 8] = [
    ("POST", "/api/documents/upload-url"),
    ("POST", "/api/documents/01890a5d-ac96-774b-bcce-b302099a8057/confirm"),
    ("DELETE", "/api/documents/01890a5d-ac96-774b-bcce-b302099a8057"),
    ("GET", "/api/documents"),
    ("GET", "/api/documents/01890a5d-ac96-774b-bcce-b302099a8057"),
    ("GET", "/api/documents/01890a5d-ac96-774b-bcce-b302099a8057/download"),
    ("POST", "/api/documents/01890a5d-ac96-774b-bcce-b302099a8057/classify"),
    ("PUT", "/api/documents/01890a5d-ac96-774b-bcce-b302099a8057/topics"),
];

async fn create_admin(vault: &TestVault, email: &str) -> Result<String, String> {
    match migrate::handle(&vault.database.migrate_capabilities(), Command::CreateAdmin(email.into())).await {
        Ok(CommandOutput::Admin { temporary_password }) => Ok(temporary_password),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error.to_string()),
    }
}

async fn send(anonymous: &Client, token: &str, method: &str, path: &str) -> (u16, Value) {
    let body = match method {
        "PUT" => json!({"topic_ids": []}),
        _ => json!({"filename": "a.txt", "content_type": "text/plain"}),
    };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json");
    let answer = anonymous.request(request.body(Body::from(body.to_string())).unwrap()).await;
    (answer.status, answer.body)
}

#[tokio::test]
async fn the_first_administrator_can_log_in_and_must_change_the_password() {
    let vault = TestVault::new().await;
    let password = create_admin(&vault, EMAIL).await.unwrap();
    let anonymous = vault.anonymous();
    let login = json!({"email": "ROOT@example.com", "password": password});
    let session = anonymous.post("/api/auth/login", login).await.expect(200);
    assert_eq!(session["password_must_change"], true);
    let token = session["access_token"].as_str().unwrap();
    let (status, me) = send(&anonymous, token, "GET", "/api/auth/me").await;
    assert_eq!(status, 200, "{me}");
    assert_eq!(me["email"], EMAIL);
    assert_eq!(me["role"], "admin");
    assert_eq!(me["password_must_change"], true);
    for (method, path) in ROUTES {
        let (status, body) = send(&anonymous, token, method, path).await;
        assert_eq!((status, &body["code"]), (403, &json!("password_change_owed")), "{method} {path}");
    }
    vault.tamper("update users set password_must_change = false").await;
    for (method, path) in ROUTES {
        let (status, body) = send(&anonymous, token, method, path).await;
        assert_eq!((status, &body["code"]), (403, &json!("wrong_role")), "{method} {path}");
    }
}

#[tokio::test]
async fn create_admin_gives_the_same_address_a_new_password() {
    let vault = TestVault::new().await;
    let old = create_admin(&vault, EMAIL).await.unwrap();
    let new = create_admin(&vault, "Root@Example.com").await.unwrap();
    for (password, status) in [(old, 401), (new, 200)] {
        let login = json!({"email": EMAIL, "password": password});
        assert_eq!(vault.anonymous().post("/api/auth/login", login).await.status, status);
    }
}

#[tokio::test]
async fn create_admin_refuses_an_invalid_e_mail_address() {
    let vault = TestVault::new().await;
    for email in ["", "root", "root@"] {
        assert_eq!(
            create_admin(&vault, email).await,
            Err("email must be an e-mail address".into()),
            "{email}"
        );
    }
}

#[tokio::test]
async fn each_administrator_gets_another_password() {
    let vault = TestVault::new().await;
    let one = create_admin(&vault, "one@example.com").await.unwrap();
    let two = create_admin(&vault, "two@example.com").await.unwrap();
    assert_ne!(one, two);
}
