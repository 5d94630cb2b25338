//! The secret that signs access tokens is replaced while functions run.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::{Request, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use docuvault::auth::{Tokens, User};
use docuvault::config::StoredSecret;
use serde_json::{Value, json};
use tests::proxy::{Mode, Proxy};
use tests::{Client, Environment, SECRET, SecretsManager, TestVault};

const SECOND: &str = "the second secret of the tests, which signs";
const THIRD: &str = "the third secret of the tests, which signs";

/// Creates a vault whose functions read their secret from a server.
async fn new_vault() -> (TestVault, SecretsManager) {
    let mut vault = TestVault::new().await;
    let secrets = SecretsManager::start(SECRET).await;
    vault.secret = secrets.token_secret();
    (vault, secrets)
}

async fn issue(tokens: &Tokens, user: User) -> String {
    let token = serde_json::to_value(tokens.issue(user).await.unwrap()).unwrap();
    token["access_token"].as_str().unwrap().to_owned()
}

/// Creates such a vault, and a sandbox that has accepted a user's token. Returns the token, too.
async fn new_sandbox() -> (TestVault, SecretsManager, Client, String) {
    let (vault, secrets) = new_vault().await;
    let user = vault.create_user().await.user();
    let sandbox = vault.anonymous();
    let valid = issue(&vault.tokens(), user).await;
    assert_eq!(send(&sandbox, &valid).await.0, 200);
    (vault, secrets, sandbox, valid)
}

/// Sends a request with this token, and returns the status and the error code.
async fn send(sandbox: &Client, token: &str) -> (u16, Value) {
    let request = Request::get("/api/auth/me").header(header::AUTHORIZATION, format!("Bearer {token}"));
    let answer = sandbox.request(request.body(Body::empty()).unwrap()).await;
    (answer.status, answer.body["code"].clone())
}

/// Returns a token with this key id, which nobody signed.
fn forge(kid: &str) -> String {
    let header = json!({"alg": "HS256", "typ": "JWT", "kid": kid}).to_string();
    format!("{}.e30.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode([7; 32]))
}

#[tokio::test]
async fn tokens_of_the_current_and_the_previous_secret_are_accepted() {
    let (vault, secrets) = new_vault().await;
    let user = vault.create_user().await.user();
    let sandbox = vault.anonymous();
    let first = issue(&vault.tokens(), user).await;
    assert_eq!(send(&sandbox, &first).await.0, 200);
    secrets.rotate(SECOND);
    // Another sandbox starts, and signs with the new secret.
    let second = issue(&vault.tokens(), user).await;
    for token in [&second, &first, &second] {
        assert_eq!(send(&sandbox, token).await.0, 200);
    }
    secrets.rotate(THIRD);
    let late_sandbox = vault.anonymous();
    assert_eq!(send(&late_sandbox, &second).await.0, 200);
    assert_eq!(send(&late_sandbox, &first).await, (401, json!("unauthenticated")));
}

#[tokio::test]
async fn forged_tokens_are_401_and_cause_one_reading() {
    let (_vault, secrets, sandbox, valid) = new_sandbox().await;
    let before = secrets.reads();
    for number in 0..50 {
        assert_eq!(send(&sandbox, &forge(&number.to_string())).await, (401, json!("unauthenticated")));
    }
    assert_eq!(secrets.reads(), before + 1);
    assert_eq!(send(&sandbox, &valid).await.0, 200);
}

#[tokio::test]
async fn a_token_without_a_signature_by_the_key_that_it_names_is_401_and_causes_no_reading() {
    let (_vault, secrets, sandbox, valid) = new_sandbox().await;
    let before = secrets.reads();
    let (signed, _) = valid.rsplit_once('.').unwrap();
    for token in [format!("{signed}.{}", URL_SAFE_NO_PAD.encode([7; 32])), "a.b.c".into(), String::new()] {
        assert_eq!(send(&sandbox, &token).await.0, 401);
    }
    assert_eq!(secrets.reads(), before);
}

#[tokio::test]
async fn known_keys_stay_in_use_while_the_secret_cannot_be_read_and_unknown_ones_are_503() {
    let (mut vault, secrets) = new_vault().await;
    let user = vault.create_user().await.user();
    let manager = Proxy::start(&secrets.url).await;
    let stored = StoredSecret { endpoint: Some(manager.endpoint()), ..secrets.secret("JWT_SECRET_ARN") };
    vault.secret = docuvault::config::Secret::Stored(stored);
    let sandbox = vault.anonymous();
    let valid = issue(&vault.tokens(), user).await;
    assert_eq!(send(&sandbox, &valid).await.0, 200);
    manager.set_mode(Mode::Down);
    for token in [forge("one"), forge("other")] {
        assert_eq!(send(&sandbox, &token).await, (503, json!("secret_unavailable")));
        assert_eq!(send(&sandbox, &valid).await.0, 200);
    }
}

/// Sandboxes check tokens that others have just signed, while the secret is replaced.
#[tokio::test]
async fn no_valid_token_is_refused_while_the_secret_is_replaced_under_load() {
    const SANDBOXES: usize = 6;
    const REQUESTS: usize = 60;
    let (vault, secrets) = new_vault().await;
    let user = vault.create_user().await.user();
    let latest = Arc::new(Mutex::new(vec![issue(&vault.tokens(), user).await]));
    let answered = Arc::new(AtomicUsize::new(0));
    let check = async |sandbox: Client| {
        for number in 0..REQUESTS {
            let tokens = latest.lock().unwrap().clone();
            let token = &tokens[number % tokens.len()];
            assert_eq!(send(&sandbox, token).await, (200, Value::Null), "request {number}");
            answered.fetch_add(1, Ordering::Relaxed);
        }
    };
    let rotate = async {
        while answered.load(Ordering::Relaxed) < SANDBOXES * REQUESTS / 3 {
            tokio::task::yield_now().await;
        }
        secrets.rotate(SECOND);
        // A sandbox that starts now signs with the new secret.
        let new = issue(&vault.tokens(), user).await;
        latest.lock().unwrap().push(new);
    };
    let sandbox = || check(vault.anonymous());
    tokio::join!(sandbox(), sandbox(), sandbox(), sandbox(), sandbox(), sandbox(), rotate);
    assert_eq!(answered.load(Ordering::Relaxed), SANDBOXES * REQUESTS);
}

/// Sends a request to moto's Secrets Manager, which is written independently of the vault.
async fn call_moto(operation: &str, body: Value) -> Value {
    let request = reqwest::Client::new()
        .post(Environment::read().moto_endpoint)
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", format!("secretsmanager.{operation}"))
        .header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/secretsmanager/aws4_request",
        )
        .body(body.to_string());
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{operation}");
    answer.json().await.unwrap()
}

#[tokio::test]
async fn the_client_understands_an_independent_secrets_manager() {
    let mut vault = TestVault::new().await;
    let user = vault.create_user().await.user();
    let name = format!("vault/jwt-{}", user.id);
    let created = call_moto("CreateSecret", json!({"Name": name, "SecretString": SECRET})).await;
    let arn = created["ARN"].as_str().unwrap().to_owned();
    let endpoint = Some(Environment::read().moto_endpoint);
    let (variable, aws) = ("JWT_SECRET_ARN", vault.queue.aws.clone());
    vault.secret = docuvault::config::Secret::Stored(StoredSecret { variable, arn, aws, endpoint });
    let (first, sandbox) = (vault.issue_token(user), vault.anonymous());
    assert_eq!(send(&sandbox, &first).await.0, 200);
    call_moto("PutSecretValue", json!({"SecretId": name, "SecretString": SECOND})).await;
    let second = issue(&vault.tokens(), user).await;
    for token in [&second, &first] {
        assert_eq!(send(&sandbox, token).await.0, 200);
    }
}
