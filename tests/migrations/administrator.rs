use axum::body::Body;
use axum::http::{Request, header};
use migrate::{Answer, Command};
use serde_json::{Value, json};
use tests::{Client, TestVault};

const EMAIL: &str = "root@example.com";

/// Every route about documents, whether the document exists or not.
const ROUTES: [(&str, &str); 6] = [
    ("POST", "/api/documents/upload-url"),
    ("POST", "/api/documents/01890a5d-ac96-774b-bcce-b302099a8057/confirm"),
    ("DELETE", "/api/documents/01890a5d-ac96-774b-bcce-b302099a8057"),
    ("GET", "/api/documents"),
    ("GET", "/api/documents/01890a5d-ac96-774b-bcce-b302099a8057"),
    ("GET", "/api/documents/01890a5d-ac96-774b-bcce-b302099a8057/download"),
];

async fn create(vault: &TestVault, email: &str) -> Result<String, String> {
    match migrate::handle(&vault.database.migrations(), Command::CreateAdmin(email.into())).await {
        Ok(Answer::Admin { temporary_password }) => Ok(temporary_password),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error.to_string()),
    }
}

async fn ask(nobody: &Client, token: &str, method: &str, path: &str) -> (u16, Value) {
    let body = json!({"filename": "a.txt", "content_type": "text/plain"}).to_string();
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json");
    let answer = nobody.request(request.body(Body::from(body)).unwrap()).await;
    (answer.status, answer.body)
}

#[tokio::test]
async fn the_first_administrator_signs_in_and_owes_a_password() {
    let vault = TestVault::new().await;
    let password = create(&vault, EMAIL).await.unwrap();
    let nobody = vault.nobody();
    let login = json!({"email": "ROOT@example.com", "password": password});
    let session = nobody.post("/api/auth/login", login).await.expect(200);
    assert_eq!(session["password_must_change"], true);
    let token = session["access_token"].as_str().unwrap();
    let (status, me) = ask(&nobody, token, "GET", "/api/auth/me").await;
    assert_eq!(status, 200, "{me}");
    assert_eq!(me["email"], EMAIL);
    assert_eq!(me["role"], "admin");
    assert_eq!(me["password_must_change"], true);
    for (method, path) in ROUTES {
        let (status, body) = ask(&nobody, token, method, path).await;
        assert_eq!((status, &body["code"]), (403, &json!("password_change_owed")), "{method} {path}");
    }
    vault.tamper("update users set password_must_change = false").await;
    for (method, path) in ROUTES {
        let (status, body) = ask(&nobody, token, method, path).await;
        assert_eq!((status, &body["code"]), (403, &json!("wrong_role")), "{method} {path}");
    }
}

#[tokio::test]
async fn a_second_administrator_of_the_same_address_is_refused_in_a_sentence() {
    let vault = TestVault::new().await;
    let password = create(&vault, EMAIL).await.unwrap();
    for email in [EMAIL, "Root@Example.com"] {
        assert_eq!(create(&vault, email).await, Err("this e-mail address is taken".into()));
    }
    let login = json!({"email": EMAIL, "password": password});
    vault.nobody().post("/api/auth/login", login).await.expect(200);
}

#[tokio::test]
async fn what_is_no_address_is_refused_in_a_sentence() {
    let vault = TestVault::new().await;
    for email in ["", "root", "root@"] {
        assert_eq!(create(&vault, email).await, Err("email is not an e-mail address".into()), "{email}");
    }
}

#[tokio::test]
async fn two_administrators_have_two_passwords() {
    let vault = TestVault::new().await;
    let one = create(&vault, "one@example.com").await.unwrap();
    let two = create(&vault, "two@example.com").await.unwrap();
    assert_ne!(one, two);
}
