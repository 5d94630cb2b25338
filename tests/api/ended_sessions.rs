//! An access token is refused on every route as soon as its session has ended, by the statement that the
//! request sends anyway.

use docuvault::id::SessionId;
use serde_json::Value;
use tests::{Client, TestVault, recorder::Recorder};

use crate::assert_problem;

const REFERENCE: &str = include_str!("../../infra/openapi.json");

/// Returns every operation that needs an access token: its method, its path, and the example of its body.
fn operations() -> Vec<(String, String, Option<Value>)> {
    let reference: Value = serde_json::from_str(REFERENCE).unwrap();
    let paths = reference["paths"].as_object().unwrap().iter();
    let id = || SessionId::new().to_string();
    let all = paths.flat_map(|(path, operations)| {
        let methods = operations.as_object().unwrap().iter();
        methods.filter(|(_, operation)| operation["security"].is_array()).map(move |(method, operation)| {
            let path = path.replace("{id}", &id()).replace("{session_id}", &id());
            let body = operation.pointer("/requestBody/content/application~1json/example").cloned();
            (method.to_uppercase(), path, body)
        })
    });
    all.collect()
}

/// Sends every operation, and returns its status and code.
async fn send_all(client: &Client) -> Vec<(String, u16, Value)> {
    let mut answers = Vec::new();
    for (method, path, body) in operations() {
        let answer = client.send(&method, &path, body).await;
        answers.push((format!("{method} {path}"), answer.status, answer.body["code"].clone()));
    }
    answers
}

#[tokio::test]
async fn every_route_refuses_a_session_that_has_ended() {
    let vault = TestVault::new().await;
    for ended in ["ended_at = now()", "expires_at = now()"] {
        for client in [vault.create_user().await, vault.create_admin().await] {
            let session = client.user().session;
            vault.tamper(&format!("update sessions set {ended} where id = '{session}'")).await;
            let before = vault.rows().await;
            let answers = send_all(&client).await;
            assert!(answers.len() > 20, "{answers:?}");
            for (what, status, code) in answers {
                let head = what.starts_with("HEAD ");
                assert!(status == 401 && (head || code == "unauthenticated"), "{what}: {status} {code}");
            }
            assert_eq!(vault.rows().await, before);
        }
    }
}

#[tokio::test]
async fn a_token_is_good_for_its_own_account_and_session_only() {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.create_user().await, vault.create_user().await);
    let mut mixed = alice.user();
    mixed.session = bob.user().session;
    for user in [mixed, docuvault::auth::User { session: SessionId::new(), ..alice.user() }] {
        let token = vault.issue_token(user);
        let request =
            axum::http::Request::get("/api/auth/me").header("authorization", format!("Bearer {token}"));
        let answer = vault.anonymous().request(request.body(axum::body::Body::empty()).unwrap()).await;
        assert_problem(answer, 401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_session_that_owes_a_factor_may_only_read_the_account_and_set_a_factor_up() {
    let vault = TestVault::new().await;
    for client in [vault.create_user().await, vault.create_admin().await] {
        vault.tamper("update sessions set owes_factor = true").await;
        for (what, status, code) in send_all(&client).await {
            let head = what.starts_with("HEAD ");
            let expected = match what.split_once("/api/auth/") {
                Some(("DELETE ", "me")) => code == "invalid_credentials",
                Some((_, "me")) => status == 200,
                Some((_, "totp/enable")) => code == "totp_not_set_up",
                Some((_, "totp/setup" | "totp/disable" | "backup-codes")) => code == "invalid_credentials",
                Some((_, "me/passkeys/challenge")) => code == "invalid_credentials",
                Some(("POST ", "me/passkeys")) => code == "invalid_challenge",
                Some((_, "me/passkeys")) => status == 200,
                Some(("DELETE ", path)) if path.starts_with("me/passkeys/") => code == "invalid_credentials",
                _ => status == 403 && (head || code == "factor_owed"),
            };
            assert!(expected, "{what}: {status} {code}");
        }
    }
}

/// The end of a session costs no statement of its own.
#[tokio::test]
async fn the_check_of_a_session_is_part_of_the_statement() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let recorder = Recorder::start(vault.database.address()).await;
    let services = vault.services_at(&recorder.address, vault.bucket.config(), vault.queue.clone());
    let client = alice.served_by(vault.routes(&services));
    for (path, statement) in [
        ("/api/auth/me", "account::get"),
        ("/api/auth/me/quota", "quota::get"),
        ("/api/documents", "document::list"),
    ] {
        let before = recorder.recorded().len();
        client.get(path).await.expect(200);
        let sent = recorder.recorded();
        assert_eq!(sent.len(), before + 1, "{path}");
        assert!(sent[before].text.starts_with(&format!("-- {statement}\n")), "{path}");
    }
}
