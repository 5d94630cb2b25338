//! All responses have a common format, also refusals and errors.

use serde_json::{Value, json};
use tests::proxy::Mode;
use tests::{Response, TestVault};

use crate::assert_problem;

fn assert_common_headers(answer: &Response, what: &str) {
    assert_eq!(answer.headers["cache-control"], "no-store", "{what}");
    assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{what}");
    assert!(!answer.headers["x-request-id"].is_empty(), "{what}");
    if !answer.body.is_null() {
        assert_eq!(answer.headers["content-type"], "application/json", "{what}");
    }
}

#[tokio::test]
async fn every_response_has_the_common_headers() {
    let vault = TestVault::new().await;
    let (alice, admin, anonymous) =
        (vault.create_user().await, vault.create_admin().await, vault.anonymous());
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    let too_much = json!({"filename": "a", "content_type": "a/b", "size_bytes": i64::MAX});
    for (status, answer) in [
        (200, alice.get("/api/documents").await),
        (201, alice.post("/api/documents/upload-url", json!({"filename": "a", "content_type": "a/b"})).await),
        (204, alice.delete_document(upload.document_id).await),
        (401, anonymous.get("/api/documents").await),
        (
            401,
            anonymous.post("/api/auth/login", json!({"email": "a@example.com", "password": "wrong"})).await,
        ),
        (403, admin.get("/api/documents").await),
        (404, alice.delete_document(upload.document_id).await),
        (404, anonymous.get("/").await),
        (405, anonymous.delete("/api/health").await),
        (413, alice.post("/api/documents/upload-url", too_much).await),
        (422, alice.get("/api/documents?limit=0").await),
        (200, anonymous.get("/api/health").await),
    ] {
        assert_eq!(answer.status, status, "{}", answer.body);
        assert_common_headers(&answer, &status.to_string());
        let scheme = answer.headers.get("www-authenticate").map(|scheme| scheme.to_str().unwrap());
        assert_eq!(scheme, (status == 401).then_some("Bearer"), "{status}");
    }
}

#[tokio::test]
async fn every_get_route_answers_head() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let id = alice.store_confirmed("a.txt", b"hello").await.document_id;
    let (document, download) = (format!("/api/documents/{id}"), format!("/api/documents/{id}/download"));
    for path in [
        "/api/documents",
        &document,
        &download,
        "/api/topics",
        "/api/auth/me/quota",
        "/api/auth/me",
        "/api/health",
    ] {
        let (get, head) = (alice.get(path).await, alice.send("HEAD", path, None).await);
        assert_eq!((head.status, &head.body), (200, &Value::Null), "{path}");
        assert_eq!(head.headers["content-type"], get.headers["content-type"], "{path}");
    }
    assert_eq!(alice.send("HEAD", "/api/documents/upload-url", None).await.status, 405);
}

#[tokio::test]
async fn all_times_have_the_same_number_of_digits() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice
        .post("/api/documents/upload-url", json!({"filename": "a", "content_type": ""}))
        .await
        .expect(201);
    let id = alice.store_confirmed("a.txt", b"hello").await.document_id;
    vault.classify(&[vault.put_notification(id).await]).await;
    vault.tamper("update documents set created_at = '2026-01-02 03:04:05+00', confirmed_at = '2026-01-02 03:04:05.5+00'").await;
    let document = alice.get(&format!("/api/documents/{id}")).await.expect(200);
    assert_eq!(document["created_at"], "2026-01-02T03:04:05.000000Z");
    assert_eq!(document["confirmed_at"], "2026-01-02T03:04:05.500000Z");
    let download = alice.get(&format!("/api/documents/{id}/download")).await.expect(200);
    let topic = alice.post("/api/topics", json!({"name": "Mine"})).await.expect(201);
    let account = alice.get("/api/auth/me").await.expect(200);
    for time in [
        &upload["expires_at"],
        &download["expires_at"],
        &topic["created_at"],
        &account["created_at"],
        &document["classification"]["classified_at"],
    ] {
        assert_eq!(time.as_str().unwrap().len(), "2026-01-02T03:04:05.000000Z".len(), "{time}");
    }
}

#[tokio::test]
async fn every_request_has_its_own_id() {
    let vault = TestVault::new().await;
    let anonymous = vault.anonymous();
    let (first, second) = (anonymous.get("/").await, anonymous.get("/").await);
    assert_ne!(first.headers["x-request-id"], second.headers["x-request-id"]);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused_in_the_common_format() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let not_found = json!({"detail": "not found", "code": "not_found"});
    for path in ["/", "/api", "/api/settings", "/api/documents/", "/API/documents", "/api/documents/upload"] {
        let answer = alice.post(path, json!({})).await;
        let expected = if path == "/api/documents/upload" { 405 } else { 404 };
        assert_eq!(answer.status, expected, "{path}: {}", answer.body);
    }
    assert_eq!(alice.get("/api/settings").await.expect(404), not_found);
    let wrong = json!({"detail": "this path does not take that method", "code": "method_not_allowed"});
    assert_eq!(alice.get("/api/documents/upload-url/").await.expect(404), not_found);
    assert_eq!(alice.delete("/api/documents").await.expect(405), wrong);
    assert_eq!(alice.post("/api/auth/me/quota", json!({})).await.expect(405), wrong);
}

#[tokio::test]
async fn an_internal_error_shows_only_the_request_id() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    vault.tamper("alter table quotas rename column used_bytes to something_secret").await;
    let answer = alice.get("/api/auth/me/quota").await;
    assert_common_headers(&answer, "500");
    let id = answer.headers["x-request-id"].to_str().unwrap().to_owned();
    assert_eq!(
        answer.expect(500),
        json!({"detail": format!("internal error, request {id}"), "code": "internal"})
    );
}

#[tokio::test]
async fn while_the_database_is_down_requests_get_503_with_that_code() {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_postgres().await;
    let alice = vault.create_user().await;
    let alice = alice.served_by(vault.routes(&services));
    proxy.set_mode(Mode::Down);
    let answer = alice.get("/api/documents").await;
    assert_common_headers(&answer, "503");
    assert_eq!(
        answer.expect(503),
        json!({"detail": "the database is unreachable; try again", "code": "database_unreachable"})
    );
    assert_problem(alice.get("/api/auth/me/quota").await, 503, "database_unreachable");
    proxy.set_mode(Mode::Pass);
    alice.get("/api/documents").await.expect(200);
}
